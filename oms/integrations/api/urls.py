"""The addresses of the integrations' API, below /api/v1/."""

from django.urls import path

from oms.integrations.api import webhooks

app_name = "integrations"
urlpatterns = [
    path("webhook-endpoints/", webhooks.WebhookEndpointBulkView.as_view(), name="webhook-endpoint-bulk"),
]
