"""One return at the counter: looked at, then refunded or exchanged, then a receipt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from oms.core.errors import Invalid, StateConflict
from oms.store.queries.exchanges import articles_to_exchange
from oms.store.queries.returns import (
    Piece,
    disposition_choices,
    inspected_lines,
    pieces_to_inspect,
)
from oms.store.returning.pages import ReturningView
from orders.models import OrderLine
from orders.states import Mode
from returns.models import Return
from returns.queries.documents import return_document
from returns.queries.units import uninspected_units
from returns.queries.valuing import refund_preview
from returns.services.ending import cancel_return
from returns.services.exchanging import Replacement, exchange_return
from returns.services.inspecting import inspect_return
from returns.services.matching import match_return
from returns.services.receiving import receive_return
from returns.services.requests import GradedUnits
from returns.services.settling import refund_return
from returns.states import RETURN_MOVES, DispositionKind, Grade, ReturnState


class ReturnView(ReturningView):
    """What is to be done with it now, and nothing else."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        returned = self.returned(number)
        context: dict[str, Any] = {"returned": returned, "lines": inspected_lines(returned)}
        if self._is_to_inspect(returned):
            context["pieces"] = pieces_to_inspect(returned, self.policy(returned), self.here)
            context["dispositions"] = disposition_choices()
            context["may_cancel"] = returned.received_at is None
        elif returned.state == ReturnState.INSPECTED:
            context["preview"] = refund_preview(returned)
        elif returned.state in (ReturnState.SETTLED, ReturnState.CLOSED):
            return redirect("store:return-receipt", returned.number)
        return self.show("returning/return.html", **context)

    def _is_to_inspect(self, returned: Return) -> bool:
        if returned.received_at is None:
            return RETURN_MOVES.allows(returned.state, ReturnState.RECEIVED)
        is_open = returned.state in (ReturnState.RECEIVED, ReturnState.RECEIVED_UNMATCHED)
        return is_open and bool(uninspected_units(returned))


class InspectView(ReturningView):
    """Received, where it was not yet, and graded: what is sellable is for sale when this answers."""

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        returned = self.returned(number)
        pieces = pieces_to_inspect(returned, self.policy(returned), self.here)
        graded = _graded(request, pieces)
        if returned.received_at is None:
            receive_return(return_id=returned.pk, stock_point=self.here.code, lines=[], access=self.access_here)
        inspect_return(return_id=returned.pk, lines=graded)
        messages.success(request, _("Noted. What can be sold here is on sale again."))
        return redirect("store:return", returned.number)


class MatchView(ReturningView):
    """The order of a blind return was found."""

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        returned = self.returned(number)
        receipt = request.POST.get("order", "").strip()[:100]
        if not receipt:
            raise Invalid(errors={"order": [_("Scan or type the order, or its receipt.")]})
        match_return(return_id=returned.pk, order=receipt, access=self.access_here)
        messages.success(request, _("The order was found: it can be refunded now."))
        return redirect("store:return", returned.number)


class CancelView(ReturningView):
    """The customer keeps everything after all."""

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        cancel_return(return_id=self.returned(number).pk)
        messages.info(request, _("Nothing comes back: the return was cancelled."))
        return redirect("store:returns")


class RefundView(ReturningView):
    """The money goes back to where it came from."""

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        returned = refund_return(
            return_id=self.returned(number).pk, is_paid_elsewhere="is_paid_elsewhere" in request.POST
        )
        return redirect("store:return-receipt", returned.number)


class ExchangeView(ReturningView):
    """Another size or colour instead of the money, carried out at once."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        returned = self.returned(number)
        if returned.state != ReturnState.INSPECTED:
            return redirect("store:return", returned.number)
        preview = refund_preview(returned)
        articles = articles_to_exchange(preview.value, self.here)
        return self.show("returning/exchange.html", returned=returned, preview=preview, articles=articles)

    def post(self, request: HttpRequest, number: str) -> HttpResponse:
        returned = self.returned(number)
        if returned.state != ReturnState.INSPECTED:
            raise StateConflict(data={"state": returned.state})
        units: dict[str, int] = {}
        for article in articles_to_exchange(refund_preview(returned).value, self.here):
            sku = request.POST.get(f"sku-{article.key}", "")
            if sku not in {choice.variant.sku for choice in article.choices}:
                raise Invalid(errors={"sku": [_("Choose what the customer takes instead.")]})
            units[sku] = units.get(sku, 0) + article.units
        exchanged = exchange_return(
            return_id=returned.pk,
            replacement=Replacement(
                lines=tuple(units.items()), mode=Mode.CARRY_OUT, selling_stock_point=self.here.code
            ),
            access=self.access_here,
        )
        messages.success(request, _("Exchanged: the new articles belong to the customer."))
        return redirect("store:return-receipt", exchanged.number)

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:return-exchange", args=[kwargs["number"]])


class ReceiptView(ReturningView):
    """For the customer, to be printed."""

    def get(self, request: HttpRequest, number: str) -> HttpResponse:
        returned = self.returned(number)
        if returned.state not in (ReturnState.SETTLED, ReturnState.CLOSED):
            return redirect("store:return", returned.number)
        return self.show(
            "returning/receipt.html",
            returned=returned,
            lines=inspected_lines(returned),
            instead=_taken_instead(returned),
            told=return_document(returned),
        )


def _taken_instead(returned: Return) -> list[OrderLine]:
    """What the customer has now for what came back."""
    if returned.exchange_order_id is None:
        return []
    lines = OrderLine.objects.filter(order=returned.exchange_order_id).select_related("variant__product")
    return list(lines.order_by("position"))


def _graded(request: HttpRequest, pieces: Sequence[Piece]) -> list[GradedUnits]:
    """What was found of each piece; a disposition only where somebody chose another than proposed."""
    found = []
    for piece in pieces:
        grade = request.POST.get(f"grade-{piece.key}", "")
        chosen = request.POST.get(f"disposition-{piece.key}", "")
        if grade not in Grade.values:
            raise Invalid(errors={"grade": [_("Say in which condition each article is.")]})
        if chosen and chosen not in DispositionKind.values:
            raise Invalid(errors={"disposition": [_("Choose where the article goes.")]})
        found.append(GradedUnits(piece.line.sku, piece.units, grade, chosen))
    return found
