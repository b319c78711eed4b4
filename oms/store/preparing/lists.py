"""The lists of what is to be prepared, and taking on several works at once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from oms.core.errors import OmsError
from oms.store.preparing.pages import PreparingView
from oms.store.preparing.selecting import selected
from oms.store.queries.works import STATES, sections
from oms.store.telling import sentences
from orders.services.accepting import accept_fulfilment

TITLES = {
    "offered": _("To accept"),
    "accepted": _("To prepare"),
    "picked": _("To pack"),
    "packed": _("To hand over"),
}


class PrepareView(PreparingView):
    """All of them, or one list where the address names it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = request.GET.get("show", "")
        names = [asked] if asked in STATES else list(STATES)
        shown = [(TITLES[each.name], each) for each in sections(self.here, names)]
        tabs = [(name, title, name == asked) for name, title in TITLES.items()]
        return self.show(
            "preparing/lists.html",
            sections=[pair for pair in shown if pair[1].works],
            tabs=tabs,
            asked=asked if asked in STATES else "",
        )


class AcceptSelectedView(PreparingView):
    """Those that were ticked; one that cannot be accepted stops no other."""

    def post(self, request: HttpRequest) -> HttpResponse:
        accepted = 0
        ids = selected(request.POST)
        for fulfilment_id in ids:
            try:
                accept_fulfilment(fulfilment_id=fulfilment_id, access=self.access_here)
            except OmsError as error:
                for sentence in sentences(error):
                    messages.error(request, sentence)
            else:
                accepted += 1
        if not ids:
            messages.warning(request, _("Tick what you accept first."))
        if accepted:
            told = ngettext("%(count)d order accepted.", "%(count)d orders accepted.", accepted)
            messages.success(request, told % {"count": accepted})
        return redirect(reverse("store:prepare"))
