"""Customers' pages: signed links, no login."""

from django.urls import URLPattern, path

from oms.public import paying

app_name = "public"
urlpatterns: list[URLPattern] = [
    path("pay/<str:token>/", paying.PayView.as_view(), name="pay"),
]
