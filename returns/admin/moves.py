"""The page between a click and its effect on a return."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from oms.core.access import access_for
from oms.core.errors import OmsError
from oms.core.refusals import show_refusal
from oms.core.views import ReplayableMixin
from orders.roles import SERVE
from returns.admin.move_forms import (
    ExchangeForm,
    InspectForm,
    MatchForm,
    ReasonForm,
    ReceiveForm,
    RefundForm,
    ReturnForm,
)
from returns.models import Return
from returns.queries.valuing import refund_preview
from returns.services.ending import authorise_return, cancel_return, close_unmatched, reject_return
from returns.services.exchanging import exchange_return
from returns.services.inspecting import inspect_return
from returns.services.matching import match_return
from returns.services.receiving import receive_return
from returns.services.settling import refund_return


@dataclass(frozen=True, slots=True)
class Move:
    """One thing that may be done. `shows_money`: what would go back, and by which tenders, stands above the form."""

    service: Callable[..., object]
    button: Any
    title: Any
    effect: Any
    icon: str
    form: type[ReturnForm] = ReturnForm
    shows_money: bool = False
    is_dangerous: bool = False


MOVES: Mapping[str, Move] = {
    "authorise": Move(
        authorise_return,
        _("Authorise"),
        _("Authorise return %(number)s"),
        _("The customer may send the goods; by post the label is made now."),
        icon="check",
    ),
    "receive": Move(
        receive_return,
        _("Receive"),
        _("Receive return %(number)s"),
        _("Everything asked for is on hand at once, and for sale once it was looked at."),
        icon="inventory",
        form=ReceiveForm,
    ),
    "inspect": Move(
        inspect_return,
        _("Inspect"),
        _("Inspect return %(number)s"),
        _("What can be sold where it is is for sale at once; the rest waits for where it goes."),
        icon="search",
        form=InspectForm,
    ),
    "match": Move(
        match_return,
        _("Match"),
        _("Find the order of return %(number)s"),
        _("The goods are counted as units of this order; its policy holds."),
        icon="link",
        form=MatchForm,
    ),
    "refund": Move(
        refund_return,
        _("Refund"),
        _("Refund return %(number)s"),
        _("The gateways are asked to give back what the goods were worth, to the tenders it came from."),
        icon="currency_exchange",
        form=RefundForm,
        shows_money=True,
    ),
    "exchange": Move(
        exchange_return,
        _("Exchange"),
        _("Exchange return %(number)s"),
        _("The same articles are ordered once more, paid with what came back. Money moves only for a difference."),
        icon="swap_horiz",
        form=ExchangeForm,
        shows_money=True,
    ),
    "reject": Move(
        reject_return,
        _("Reject"),
        _("Reject return %(number)s"),
        _("The goods are not taken back; the customer is told why."),
        icon="block",
        form=ReasonForm,
        is_dangerous=True,
    ),
    "cancel": Move(
        cancel_return,
        _("Cancel"),
        _("Cancel return %(number)s"),
        _("Nothing comes back; the units may be returned another time."),
        icon="cancel",
        form=ReasonForm,
        is_dangerous=True,
    ),
    "close": Move(
        close_unmatched,
        _("Close without an order"),
        _("Close return %(number)s"),
        _("Its order is not looked for any more: the goods stay, nothing is refunded."),
        icon="archive",
        is_dangerous=True,
    ),
}


class ReturnMoveView(ReplayableMixin):
    """One return; GET asks, POST does, once for each page. `move` is a name among `MOVES`."""

    model_admin: Any = None
    move: str = "cancel"

    @property
    def what(self) -> Move:
        return MOVES[self.move]

    def get(self, request: HttpRequest, object_id: str) -> HttpResponse:
        returned = self._returned(request, object_id)
        return self._page(request, returned, self._form(request, returned))

    def post(self, request: HttpRequest, object_id: str) -> HttpResponse:
        returned = self._returned(request, object_id)
        form = self._form(request, returned, data=request.POST)
        if not form.is_valid():
            return self._page(request, returned, form)
        try:
            self.what.service(return_id=returned.pk, **form.told())
        except OmsError as refused:
            show_refusal(form, refused)
            return self._page(request, returned, form)
        messages.success(request, _("Done: %(what)s") % {"what": self.what.title % {"number": returned.number}})
        return HttpResponseRedirect(reverse("admin:returns_return_change", args=[returned.pk]))

    def _form(self, request: HttpRequest, returned: Return, **given: Any) -> ReturnForm:
        may_except = request.user.has_perm(SERVE)
        return self.what.form(returned=returned, access=access_for(request), may_except=may_except, **given)

    def _returned(self, request: HttpRequest, object_id: str) -> Return:
        returned: Return | None = self.model_admin.get_object(request, object_id)
        if returned is None:
            raise Http404
        if not self.model_admin.may_handle(request):
            raise PermissionDenied
        return returned

    def _page(self, request: HttpRequest, returned: Return, form: ReturnForm) -> HttpResponse:
        context = {
            **self.model_admin.admin_site.each_context(request),
            "opts": Return._meta,
            "title": self.what.title % {"number": returned.number},
            "move": self.what,
            "form": form,
            "preview": refund_preview(returned) if self.what.shows_money and returned.order is not None else None,
            "back": reverse("admin:returns_return_change", args=[returned.pk]),
        }
        return render(request, "admin/returns/move.html", context)
