"""The home screen: what waits, the most urgent first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from oms.core import clock
from oms.store.queries.alerts import alerts_at, alerts_of_region
from oms.store.queries.waiting import waiting_at
from oms.store.views import StoreView


class HomeView(StoreView):
    def get(self, request: HttpRequest) -> HttpResponse:
        now = clock.now()
        return self.show(
            "home.html",
            tiles=waiting_at(self.here),
            alerts=alerts_at(self.here),
            region=alerts_of_region(self.access),
            now=now,
            is_paused=self.here.is_paused(now),
        )
