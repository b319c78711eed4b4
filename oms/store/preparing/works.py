"""One work: what it is, what is next, and the moves that need no page of their own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from oms.store.preparing.pages import OneWorkView
from orders.services.accepting import accept_fulfilment
from orders.services.handing_over import hand_over_fulfilment


class WorkView(OneWorkView):
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.show("preparing/work.html", work=self.work)


class AcceptView(OneWorkView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        work = self.work
        accept_fulfilment(fulfilment_id=work.pk, access=self.access_here)
        messages.success(request, _("Accepted: order %(number)s is yours.") % {"number": work.order.number})
        return redirect("store:work", pk)


class HandOverView(OneWorkView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        work = self.work
        hand_over_fulfilment(fulfilment_id=work.pk, access=self.access_here)
        messages.success(request, _("Handed over: order %(number)s is on its way.") % {"number": work.order.number})
        return redirect("store:work", pk)
