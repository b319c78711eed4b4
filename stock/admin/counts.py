"""Stock counts: a sheet is opened, filled in on its page or from a file, and decided by whoever may."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.urls.resolvers import URLPattern
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from oms.core.actors import current_actor
from oms.core.admin.actors import NamedActorsMixin
from oms.core.admin.base import ScopedAdmin, visible
from oms.core.bulk import Row
from oms.core.errors import OmsError
from oms.core.formulas import as_it_was, harmless
from oms.core.refusals import told
from stock.admin.articles import known_category
from stock.feeds.sheets import read_sheet
from stock.models import CountLine, StockCount, StockPoint
from stock.queries.counts import count_totals, counted_lines
from stock.roles import APPROVE_COUNTS
from stock.services.counting import (
    approve_count,
    open_count,
    reject_count,
    reopen_count,
    submit_count,
    write_counted,
)
from stock.states import StockCountState

LINES_PER_PAGE = 100
COLUMNS = ("sku", "gtin", "counted")
BYTES_AT_MOST = 4 * 1024 * 1024


class OpenCountForm(forms.ModelForm):
    class Meta:
        model = StockCount
        fields = ("reference", "stock_point", "category")

    def clean_category(self) -> str:
        return known_category(self.cleaned_data["category"])


@admin.register(StockCount)
class StockCountAdmin(NamedActorsMixin, ScopedAdmin):
    """Counts of stock points. Whoever counts does not decide."""

    form = OpenCountForm
    actors = ("started_by", "decided_by")
    list_display = (
        "reference",
        "stock_point",
        "category",
        "state",
        "started_at",
        "started_by_named",
        "decided_by_named",
    )
    list_select_related = ("stock_point",)
    list_filter = ("state", ("stock_point", AutocompleteSelectFilter))
    list_filter_submit = True
    search_fields = ("reference__exact",)
    search_help_text = _("A whole reference.")
    autocomplete_fields = ("stock_point",)
    fields = ("reference", "stock_point", "category")
    actions = None

    def get_queryset(self, request: HttpRequest) -> QuerySet[StockCount]:
        return super().get_queryset(request).select_related("stock_point")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<path:object_id>/sheet/", wrap(self.sheet), name="stock_stockcount_sheet"),
            *super().get_urls(),
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: StockCount, form: forms.ModelForm, change: bool) -> None:
        if obj.stock_point not in visible(StockPoint.objects.filter(pk=obj.stock_point_id), request):
            raise PermissionDenied
        opened = open_count(reference=obj.reference, stock_point=obj.stock_point, category=obj.category)
        obj.pk = opened.pk

    def response_add(self, request: HttpRequest, obj: StockCount, *args: Any, **kwargs: Any) -> HttpResponse:
        return _to_page(obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The sheet, with what its differences are worth, and what may be done with it now."""
        stock_count = self._count(request, object_id)
        if request.method == "POST":
            return self._act(request, stock_count)
        # Whoever decides looks at what would change.
        only_differing = stock_count.state == StockCountState.SUBMITTED and "all" not in request.GET
        only_differing |= "differing" in request.GET
        first = int(page) * LINES_PER_PAGE if (page := request.GET.get("page", "")).isdecimal() else 0
        lines = counted_lines(stock_count, only_differing=only_differing, limit=LINES_PER_PAGE + 1, offset=first)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": str(stock_count),
            "stock_count": stock_count,
            "totals": count_totals(stock_count),
            "lines": lines[:LINES_PER_PAGE],
            "only_differing": only_differing,
            "page": first // LINES_PER_PAGE,
            "has_more": len(lines) > LINES_PER_PAGE,
            "is_own": stock_count.state == StockCountState.SUBMITTED and stock_count.is_by(current_actor()),
            "is_open": stock_count.state == StockCountState.OPEN and self.has_change_permission(request),
            "moves": self._moves(request, stock_count),
        }
        return TemplateResponse(request, "admin/stock/count.html", {**context, **(extra_context or {})})

    def sheet(self, request: HttpRequest, object_id: str) -> StreamingHttpResponse:
        """To be counted with, and sent back filled in."""
        stock_count = self._count(request, object_id)
        response = StreamingHttpResponse(_sheet(stock_count), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="count-{stock_count.pk}.csv"'
        return response

    # --- what is done on the page ---------------------------------------------------------------------

    def _moves(self, request: HttpRequest, stock_count: StockCount) -> list[str]:
        may_decide = request.user.has_perm(APPROVE_COUNTS)
        match stock_count.state:
            case StockCountState.OPEN:
                submit = ["submit"] if self.has_change_permission(request) else []
                return submit + (["reject"] if may_decide else [])
            case StockCountState.SUBMITTED if may_decide:
                is_own = stock_count.is_by(current_actor())
                return [*([] if is_own else ["approve"]), "reopen", "reject"]
        return []

    def _act(self, request: HttpRequest, stock_count: StockCount) -> HttpResponse:
        move = request.POST.get("move", "write")
        try:
            if move in ("write", "submit"):
                # Figures typed and not saved yet are counted, too.
                self._write(request, stock_count)
            if move in self._moves(request, stock_count):
                self.services[move](stock_count, request.POST.get("reason", ""))
            elif move != "write":
                raise PermissionDenied
        except OmsError as refused:
            messages.error(request, told(refused.detail))
        else:
            messages.success(request, _("Done."))
        return _to_page(stock_count, seen=request.POST.get("seen", ""))

    services: ClassVar[dict[str, Callable[[StockCount, str], Any]]] = {
        "submit": lambda stock_count, reason: submit_count(stock_count=stock_count),
        "approve": lambda stock_count, reason: approve_count(stock_count=stock_count),
        "reopen": lambda stock_count, reason: reopen_count(stock_count=stock_count, reason=reason),
        "reject": lambda stock_count, reason: reject_count(stock_count=stock_count, reason=reason),
    }

    def _write(self, request: HttpRequest, stock_count: StockCount) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied
        file = request.FILES.get("file")
        rows = _rows_of_page(request, stock_count) if file is None else _rows_of_file(file)
        result = write_counted(stock_count=stock_count, rows=rows)
        for error in result.errors[:20]:
            messages.error(
                request, _("Line %(line)d: %(detail)s") % {"line": error.index, "detail": told(error.detail)}
            )

    def _count(self, request: HttpRequest, object_id: str) -> StockCount:
        stock_count: StockCount | None = self.get_object(request, object_id)
        if stock_count is None:
            raise Http404
        if not self.has_view_permission(request, stock_count):
            raise PermissionDenied
        return stock_count


class _SheetTooLarge(OmsError):
    code = "body_too_large"
    status = 413


def _rows_of_page(request: HttpRequest, stock_count: StockCount) -> list[Row]:
    """Those whose figure differs from the sheet's; an emptied field takes the figure back."""
    given = {
        name.removeprefix("counted-"): value for name, value in request.POST.items() if name.startswith("counted-")
    }
    known = CountLine.objects.filter(stock_count=stock_count, pk__in=[pk for pk in given if pk.isdecimal()])
    rows: list[Row] = []
    for pk, sku, counted in known.values_list("pk", "variant__sku", "counted"):
        text = str(given[str(pk)]).strip()
        figure = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
        if figure != counted and (figure is not None or text == ""):
            rows.append(Row(len(rows) + 1, {"sku": sku, "counted": figure}))
    return rows


def _rows_of_file(file: Any) -> list[Row]:
    """Lines without a figure were not counted; what is not a whole number is told with its line."""
    if file.size > BYTES_AT_MOST:
        raise _SheetTooLarge(f"A sheet may have {BYTES_AT_MOST} bytes.")
    rows = []
    for number, fields in read_sheet(file.file, columns=(*COLUMNS, "name", "expected"), required=("counted",)):
        text = fields["counted"]
        if text == "":
            continue
        if not (text.isascii() and text.isdecimal() and len(text) < 10):
            raise OmsError(f"Line {number}: {text[:20]!r} is not a whole number.")
        named = {"sku": as_it_was(fields["sku"])} if fields.get("sku") else {"gtin": fields.get("gtin", "")}
        rows.append(Row(number, {**named, "counted": int(text)}))
    return rows


class _Echo:
    def write(self, text: str) -> str:
        return text


def _sheet(stock_count: StockCount) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(("sku", "gtin", "name", "expected", "counted"))
    lines = CountLine.objects.filter(stock_count=stock_count).order_by("variant__sku")
    columns = ("variant__sku", "variant__gtin", "variant__product__name", "expected", "counted")
    for sku, gtin, name, expected, counted in lines.values_list(*columns).iterator(chunk_size=2000):
        yield writer.writerow((harmless(sku), gtin or "", harmless(name), expected, "" if counted is None else counted))


def _to_page(stock_count: StockCount, *, seen: str = "") -> HttpResponseRedirect:
    """`seen`: what of its articles is to be seen, as in the page's own links."""
    address = reverse("admin:stock_stockcount_change", args=[stock_count.pk])
    return HttpResponseRedirect(f"{address}?{QueryDict(seen).urlencode()}" if seen else address)
