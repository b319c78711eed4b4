"""Declining: which units, why, and what that does to the shop's stock, shown before it happens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oms.store.preparing.following import what_follows
from oms.store.preparing.pages import OneWorkView
from oms.store.preparing.selecting import whole_number
from oms.store.queries.effects import effects_of_declining
from oms.store.queries.works import Work
from orders.services.declining import DeclineReason, decline_fulfilment
from orders.services.work import SkuQuantity
from orders.states import FulfilmentState
from stock.models import Variant

# Why, and what follows for the stock.
REASONS: Final[dict[str, tuple[Any, Any, str]]] = {
    DeclineReason.NOT_FOUND: (
        gettext_lazy("Not found"),
        gettext_lazy("The stock here is set to what is known to be in hand."),
        "search",
    ),
    DeclineReason.DAMAGED: (
        gettext_lazy("Damaged"),
        gettext_lazy("These units stay here but are not sold any more."),
        "warning",
    ),
    DeclineReason.DISPLAY: (
        gettext_lazy("On display"),
        gettext_lazy("These units stay on display and are not sold online."),
        "store",
    ),
    DeclineReason.NO_CAPACITY: (gettext_lazy("No time today"), gettext_lazy("The stock stays as it is."), "clock"),
    DeclineReason.CLOSED: (gettext_lazy("The store is closed"), gettext_lazy("The stock stays as it is."), "pause"),
    DeclineReason.OTHER: (gettext_lazy("Another reason"), gettext_lazy("The stock stays as it is."), "info"),
}


class DeclineView(OneWorkView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        work = self.work
        if not work.may_decline:
            messages.warning(request, _("This work cannot be declined any more."))
            return redirect("store:work", pk)
        reason = request.GET.get("reason", "")
        units = _units(work, request.GET)
        is_told = reason in REASONS and units
        if not is_told or "change" in request.GET:
            if request.GET and not is_told:
                messages.warning(request, _("Choose a reason, and at least one unit."))
            rows = [(article, units.get(article.variant, 0)) for article in work.articles]
            return self.show("preparing/decline.html", work=work, reasons=_choices(), chosen=reason, rows=rows)
        return self.show(
            "preparing/decline_effect.html",
            work=work,
            reason=reason,
            reason_title=REASONS[reason][0],
            consequence=REASONS[reason][1],
            follows=what_follows([work.fulfilment.mode]),
            units=units.items(),
            step_back=_step_back(work, reason, units),
            effects=effects_of_declining(stock_point=self.here, units=units, reason=reason),
        )

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        work = self.work
        reason = request.POST.get("reason", "")
        units = _units(work, request.POST)
        if reason not in REASONS or not units:
            return redirect(self.with_what_was_typed(reverse("store:work-decline", args=[pk]), "reason", "units-"))
        is_whole = all(units.get(article.variant) == article.quantity for article in work.articles)
        lines = [] if is_whole else [SkuQuantity(variant.sku, quantity) for variant, quantity in units.items()]
        declined = decline_fulfilment(fulfilment_id=pk, reason=reason, lines=lines, access=self.access_here)
        done = _("Declined. You need do nothing more.")
        messages.success(request, f"{done} {what_follows([work.fulfilment.mode])}")
        return redirect("store:prepare") if declined.state == FulfilmentState.DECLINED else redirect("store:work", pk)


def _units(work: Work, fields: QueryDict) -> Mapping[Variant, int]:
    """The units named in the fields, all of an article where nothing is said; never more than there are."""
    units = {}
    for article in work.articles:
        given = whole_number(fields.get(f"units-{article.variant.pk}"))
        quantity = article.quantity if given is None else min(given, article.quantity)
        if quantity:
            units[article.variant] = quantity
    return units


def _step_back(work: Work, reason: str, units: Mapping[Variant, int]) -> str:
    """The page where reason and units are chosen, with what was chosen."""
    chosen = [(f"units-{article.variant.pk}", units.get(article.variant, 0)) for article in work.articles]
    query = urlencode([("change", 1), ("reason", reason), *chosen])
    return f"{reverse('store:work-decline', args=[work.pk])}?{query}"


def _choices() -> list[dict[str, Any]]:
    return [
        {"value": value, "title": title, "consequence": consequence, "icon": icon}
        for value, (title, consequence, icon) in REASONS.items()
    ]
