"""Addresses of orders, under /api/v1/."""

from django.urls import include, path

urlpatterns = [
    path("", include("orders.api.execution_urls")),
]
