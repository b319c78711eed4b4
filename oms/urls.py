"""Every address of the product, by room."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from oms.core import health
from oms.core.views import choose_language
from oms.store import entrance

api_v1: list[URLPattern | URLResolver] = [
    # The promise is on the way of every visitor of a shop, and patterns are tried in this order.
    path("", include("oms.orchestration.api.urls")),
    path("", include("stock.api.urls")),
    path("", include("orders.api.urls")),
    path("", include("returns.api.urls")),
    path("", include("oms.integrations.api.urls")),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="api-docs"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api_v1)),
    path("", entrance.EntranceView.as_view(), name="home"),
    path("language/", choose_language, name="set-language"),
    path("store/", include("oms.store.urls")),
    path("", include("oms.public.urls")),
    path("admin/", admin.site.urls),
    path("", include("oms.integrations.urls")),
    path("", include("oms.demo.urls")),
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]

handler404 = "oms.core.error_views.page_not_found"
handler500 = "oms.core.error_views.server_error"
