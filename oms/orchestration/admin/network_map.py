"""The network on one page: where stock lies, where a service goes, by which lanes."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.generic import View

from oms.core.access import access_for
from oms.orchestration.queries.network_maps import network_map
from oms.orchestration.queries.networks import carrier_services
from stock.models import StockPoint
from stock.models.stock_points import StockPointKind


class NetworkMapView(View):
    """Head office's. `?service=` names the service whose zones are drawn; without it, the first."""

    model_admin: Any = None

    def get(self, request: HttpRequest) -> HttpResponse:
        if not (request.user.has_perm("orchestration.view_carrierservice") and access_for(request).is_unlimited):
            raise PermissionDenied
        services = carrier_services()
        chosen = request.GET.get("service") or next(iter(services), "")
        points = list(StockPoint.objects.order_by("code"))
        drawn = network_map(points, services, chosen)
        present = {mark.kind for mark in drawn.points} if drawn else set()
        context = {
            **self.model_admin.admin_site.each_context(request),
            # Without `opts` the heading is this page, not the list it lies below.
            "title": _("Map of the network"),
            "content_title": _("Map of the network"),
            "map": drawn,
            "services": list(services),
            "chosen": chosen,
            "kinds": [(kind.value, kind.label) for kind in StockPointKind if kind.value in present],
        }
        return render(request, "admin/orchestration/network_map.html", context)
