"""What every page about one return needs."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from oms.core.errors import NotFound
from oms.store.views import StoreView
from orders.services.numbering import normalised
from returns.models import Return, ReturnPolicy
from returns.queries.policies import policy_for
from returns.queries.returnable import banner_of
from returns.roles import HANDLE
from returns.states import ReturnState


class ReturningView(StoreView):
    permission = HANDLE

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:return", args=[kwargs["number"]]) if "number" in kwargs else reverse("store:returns")

    def returned(self, number: str) -> Return:
        """A return of this store's own, or one the customer may bring to any store. Another's is not found."""
        found = (
            Return.objects.select_related("order__channel", "order__pickup_point", "stock_point", "exchange_order")
            .filter(number=normalised(number))
            .first()
        )
        if found is None:
            raise NotFound
        is_for_any_store = found.stock_point_id is None and found.state == ReturnState.AUTHORISED
        if found.stock_point_id != self.here.pk and not is_for_any_store:
            raise NotFound
        if found.order is not None and not self.access.sees_channel(found.order.channel_id):
            raise NotFound
        return found

    def policy(self, returned: Return) -> ReturnPolicy:
        return policy_for(banner_of(returned.order) if returned.order is not None else self.here.banner_id)
