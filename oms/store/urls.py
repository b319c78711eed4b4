"""The store staff's screens."""

from django.urls import URLPattern, URLResolver, include, path

from oms.store import home, pausing, signing

app_name = "store"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.HomeView.as_view(), name="home"),
    path("sign-in/", signing.SignInView.as_view(), name="sign-in"),
    path("sign-out/", signing.SignOutView.as_view(), name="sign-out"),
    path("choose/", signing.ChooseView.as_view(), name="choose"),
    path("pause/", pausing.PauseView.as_view(), name="pause"),
    path("reopen/", pausing.ReopenView.as_view(), name="reopen"),
    path("prepare/", include("oms.store.preparing.urls")),
    path("sell/", include("oms.store.selling.urls")),
    path("returns/", include("oms.store.returning.urls")),
    path("stock/", include("oms.store.stockroom.urls")),
    path("", include("oms.store.counter.urls")),
]
