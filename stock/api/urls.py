"""The stock API's addresses, below /api/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "stock"
urlpatterns: list[URLPattern | URLResolver] = []
