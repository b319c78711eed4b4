"""Customers' pages: signed links, no login."""

from django.urls import URLPattern, path

from oms.public import paying, views

app_name = "public"
urlpatterns: list[URLPattern] = [
    path("order/", views.find, name="find"),
    path("order/<str:token>/", views.order, name="order"),
    path("pay/<str:token>/", paying.PayView.as_view(), name="pay"),
]
