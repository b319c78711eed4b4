"""What is to come: announced, changed and cancelled here as by the API."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F, QuerySet, TextChoices
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from oms.core import clock
from oms.core.access import access_for
from oms.core.admin.base import ScopedAdmin
from oms.core.admin.moment_filters import DayRangeFilter
from oms.core.amounts import grouped
from oms.core.bulk import Row
from oms.core.errors import OmsError
from oms.core.refusals import told
from stock.admin.articles import FoundByArticle, OpensLevel
from stock.models import ExpectedReceipt
from stock.queries.expected import overdue_since
from stock.queries.receipts import DELIVERY_MARK, announced_before, is_own_transfer, next_delivery
from stock.services.expecting import save_expected_receipts
from stock.services.receiving import receive_delivery

MOST_AT_ONCE: Final = 1_000_000


class StandingFilter(admin.SimpleListFilter):
    """How much of it has come, and whether it is late."""

    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("open", _("to come")),
            ("overdue", _("overdue: not promised any more")),
            ("short", _("promised more than is to come")),
            ("closed", _("received or cancelled")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[ExpectedReceipt]) -> QuerySet[ExpectedReceipt]:
        match self.value():
            case "open":
                return queryset.open()  # type: ignore[attr-defined, no-any-return]
            case "overdue":
                return queryset.open().filter(expected_on__lt=overdue_since(clock.now()))  # type: ignore[attr-defined, no-any-return]
            case "short":
                return queryset.filter(reserved__gt=F("outstanding"))
            case "closed":
                return queryset.filter(quantity__lte=F("received"))
        return queryset


class Standing(TextChoices):
    """How far a receipt has come."""

    CANCELLED = "cancelled", _("cancelled")
    REPLANNED = "replanned", _("cancelled: what was promised of it is being planned anew")
    SHORT = "short", _("promised more than is to come")
    RECEIVED = "received", _("received")
    OVERDUE = "overdue", _("overdue")
    PARTLY_RECEIVED = "partly received", _("partly received")
    EXPECTED = "expected", _("expected")


def standing_of(receipt: ExpectedReceipt) -> Standing:
    if receipt.quantity == 0:
        return Standing.REPLANNED if receipt.reserved else Standing.CANCELLED
    if receipt.reserved > receipt.outstanding:
        return Standing.SHORT
    if receipt.quantity <= receipt.received:
        return Standing.RECEIVED
    if receipt.expected_on < overdue_since(clock.now()):
        return Standing.OVERDUE
    return Standing.PARTLY_RECEIVED if receipt.received else Standing.EXPECTED


class ExpectedReceiptForm(forms.ModelForm):
    class Meta:
        model = ExpectedReceipt
        fields = ("reference", "variant", "stock_point", "kind", "quantity", "expected_on")

    def clean_reference(self) -> str:
        reference: str = self.cleaned_data["reference"]
        if DELIVERY_MARK in reference:
            raise ValidationError(_("What follows # tells the deliveries of one receipt apart."))
        return reference

    def clean_quantity(self) -> int:
        quantity: int = self.cleaned_data["quantity"]
        if quantity == 0 and self.instance.pk is None:
            raise ValidationError(_("Announce at least one unit; 0 cancels what was announced."))
        return quantity


class DeliveryForm(forms.Form):
    """What came. `delivery` is the name the page gave it: sent twice, it is one delivery all the same."""

    quantity = forms.IntegerField(
        label=_("Units that came"),
        min_value=1,
        max_value=MOST_AT_ONCE,
        widget=forms.NumberInput(attrs={"class": "halles-input halles-input--number"}),
    )
    delivery = forms.CharField(max_length=130, widget=forms.HiddenInput)


@admin.register(ExpectedReceipt)
class ExpectedReceiptAdmin(OpensLevel, FoundByArticle, ScopedAdmin):
    """Goods on their way. What is promised of them is never promised twice."""

    form = ExpectedReceiptForm
    list_display = (
        "reference",
        "variant",
        "level",
        "kind",
        "expected_on",
        "standing",
        "quantity",
        "received",
        "reserved",
        "outstanding",
    )
    list_select_related = ("variant", "stock_point")
    list_filter = (
        StandingFilter,
        "kind",
        ("stock_point", AutocompleteSelectFilter),
        ("variant", AutocompleteSelectFilter),
        ("expected_on", DayRangeFilter),
    )
    list_filter_submit = True
    search_fields = ("reference__exact",)
    autocomplete_fields = ("variant", "stock_point")
    named = ("reference", "variant", "stock_point")
    announced = ("kind", "quantity", "expected_on")
    readonly_fields = ("standing_in_words", "received", "reserved", "outstanding")
    actions = None
    change_form_outer_before_template = "admin/stock/receive.html"

    def get_fields(self, request: HttpRequest, obj: ExpectedReceipt | None = None) -> tuple[str, ...]:
        asked = (*self.named, *self.announced)
        if obj is None:
            return asked
        cancelled = () if obj.quantity else ("announced_before",)
        return (*asked, *cancelled, *self.readonly_fields)

    def get_readonly_fields(self, request: HttpRequest, obj: ExpectedReceipt | None = None) -> tuple[str, ...]:
        shown = (*self.readonly_fields, "announced_before")
        return shown if obj is None else (*self.named, *shown)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is cancelled by the quantity 0, and its history stays."""
        return False

    @display(
        description=_("standing"),
        label={
            Standing.CANCELLED: "",
            Standing.RECEIVED: "success",
            Standing.REPLANNED: "danger",
            Standing.SHORT: "danger",
            Standing.OVERDUE: "danger",
            Standing.PARTLY_RECEIVED: "info",
            Standing.EXPECTED: "warning",
        },
    )
    def standing(self, receipt: ExpectedReceipt) -> tuple[str, Any]:
        found = standing_of(receipt)
        return found.value, found.label

    @admin.display(description=_("standing"))
    def standing_in_words(self, receipt: ExpectedReceipt) -> str:
        return str(standing_of(receipt).label)

    @admin.display(description=_("announced before it was cancelled"))
    def announced_before(self, receipt: ExpectedReceipt) -> Any:
        return grouped(announced_before(receipt))

    # --- what comes of it -------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        receive = self.admin_site.admin_view(self.receive_view)
        return [path("<path:object_id>/receive/", receive, name="stock_expectedreceipt_receive"), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        receipt: ExpectedReceipt | None = self.get_object(request, object_id)
        told = {} if receipt is None else {"delivery_form": self._delivery_form(request, receipt)}
        return super().change_view(request, object_id, form_url, {**told, **(extra_context or {})})

    def _delivery_form(self, request: HttpRequest, receipt: ExpectedReceipt) -> DeliveryForm | None:
        """None where nothing is to come, or not for this person to receive."""
        if not receipt.outstanding or not self.has_change_permission(request, receipt):
            return None
        if is_own_transfer(receipt):
            return None
        asked = {"quantity": receipt.outstanding, "delivery": next_delivery(receipt)}
        return DeliveryForm(initial=asked, auto_id="id_delivery_%s")

    def receive_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        receipt: ExpectedReceipt | None = self.get_object(request, object_id)
        if receipt is None:
            raise Http404
        if not self.has_change_permission(request, receipt):
            raise PermissionDenied
        if request.method == "POST":
            self._receive(request, receipt, DeliveryForm(request.POST))
        return HttpResponseRedirect(reverse("admin:stock_expectedreceipt_change", args=[receipt.pk]))

    def _receive(self, request: HttpRequest, receipt: ExpectedReceipt, form: DeliveryForm) -> None:
        if not form.is_valid():
            for error in (sentence for sentences in form.errors.values() for sentence in sentences):
                messages.error(request, str(error))
            return
        try:
            is_new = receive_delivery(receipt_id=receipt.pk, access=access_for(request), **form.cleaned_data)
        except OmsError as refused:
            messages.error(request, told(refused.detail))
            return
        if is_new:
            self._tell_of_delivery(request, receipt, form.cleaned_data["quantity"])
        else:
            messages.info(request, _("This delivery is in the books already: nothing was added."))

    def _tell_of_delivery(self, request: HttpRequest, receipt: ExpectedReceipt, units: int) -> None:
        receipt.refresh_from_db()
        told_units = ngettext("%(units)s unit came.", "%(units)s units came.", units)
        messages.success(request, told_units % {"units": grouped(units)})
        if (beyond := receipt.received - receipt.quantity) > 0:
            told_beyond = ngettext(
                "That is %(units)s unit more than was announced.",
                "That is %(units)s units more than was announced.",
                beyond,
            )
            messages.warning(request, told_beyond % {"units": grouped(beyond)})

    # --- what is announced of it ------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: ExpectedReceipt, form: forms.ModelForm, change: bool) -> None:
        row = {
            "reference": obj.reference,
            "sku": obj.variant.sku,
            "stock_point": obj.stock_point.code,
            "quantity": obj.quantity,
            "expected_on": obj.expected_on,
            "kind": obj.kind,
        }
        result = save_expected_receipts(rows=[Row(0, row)], access=access_for(request))
        if result.errors:
            raise PermissionDenied(result.errors[0].detail)
        saved = ExpectedReceipt.objects.filter(
            reference=obj.reference, variant=obj.variant, stock_point=obj.stock_point
        ).first()
        if saved is not None:
            obj.pk = saved.pk
            self._tell_of_promises(request, saved)
            self._tell_of_lateness(request, saved)

    def _tell_of_promises(self, request: HttpRequest, receipt: ExpectedReceipt) -> None:
        """What is promised of it beyond what is to come still stands here: a task plans it anew in a moment."""
        units = receipt.reserved - receipt.outstanding
        if units > 0:
            told = ngettext(
                "%(units)d unit that was promised of it is being planned anew: its order takes it from elsewhere, "
                "or waits.",
                "%(units)d units that were promised of it are being planned anew: their orders take them from "
                "elsewhere, or wait.",
                units,
            )
            messages.warning(request, told % {"units": units})

    def _tell_of_lateness(self, request: HttpRequest, receipt: ExpectedReceipt) -> None:
        """A day that is over is taken as it is: it may be the truth."""
        now = clock.now()
        if not receipt.outstanding or receipt.expected_on >= receipt.stock_point.local_day(now):
            return
        day = date_format(receipt.expected_on, "SHORT_DATE_FORMAT")
        if receipt.expected_on < overdue_since(now):
            late = _("It was to come on %(day)s: it is overdue already, and nothing is promised of it.")
        else:
            late = _("It was to come on %(day)s: it is late already.")
        messages.warning(request, late % {"day": day})
