"""The product's front door: each person goes to where they work."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.views.generic import RedirectView

from stock.models import StockPointMember


class EntranceView(RedirectView):
    """Who works at a stock point goes to the store screens, everybody else to the admin."""

    def get_redirect_url(self, *args: object, **kwargs: object) -> str:
        return reverse("store:home" if _works_in_a_store(self.request) else "admin:index")


def _works_in_a_store(request: HttpRequest) -> bool:
    return request.user.is_authenticated and StockPointMember.objects.filter(user_id=request.user.pk).exists()
