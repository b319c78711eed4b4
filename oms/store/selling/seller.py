"""What every page of a sale needs: who sells, from which shelf if any, through which channel, in which basket."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode

from oms.core.errors import StateConflict, TooSlow
from oms.core.patience import at_most
from oms.store.views import StoreView
from orders.models import Basket
from orders.queries.baskets import Contents, contents_of, contents_without_stock, open_basket_of
from orders.roles import SELL
from stock.models import SalesChannel, StockPoint, Variant
from stock.queries.selling import channel_of_seller


class SellerView(StoreView):
    """A shop's staff sells at its own stock point; customer service, which has none, by telephone."""

    needs_stock_point = False
    permission = SELL
    channel: SalesChannel

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        answer = self.admit(request)
        if answer is not None:
            return answer
        if self.own is None and self.access.stock_points is not None:
            if not self.access.stock_points:
                raise PermissionDenied
            return redirect("store:choose")
        channel = channel_of_seller(stock_point=self.own, access=self.access)
        if channel is None or (self.own is not None and not self.own.takes_orders):
            return render(request, "store/selling/closed.html", {"own": self.own}, status=409)
        self.channel = channel
        return super().dispatch(request, *args, **kwargs)

    @property
    def own(self) -> StockPoint | None:
        return self.stock_point

    @property
    def own_id(self) -> int | None:
        return self.own.pk if self.own else None

    @property
    def user_id(self) -> int:
        assert self.request.user.pk is not None
        return self.request.user.pk

    @cached_property
    def basket(self) -> Basket | None:
        return open_basket_of(seller_id=self.user_id, stock_point_id=self.own_id)

    def answer(self, request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        given = {"own": self.own, "channel": self.channel, "basket": self.basket, "seller": True, **context}
        return render(request, template, given, status=status)

    def tell(self, request: HttpRequest, sentence: str | Promise) -> None:
        messages.info(request, str(sentence))

    def address_of(self, variant: Variant) -> str:
        return f"{reverse('store:sell-product', args=[variant.product.code])}?{urlencode({'sku': variant.sku})}"


class BasketStepView(SellerView):
    """A step after the basket: an empty one has nothing to deliver or to pay.

    A POST is looked at only once it is known to be new: the same one again is answered as before, when the
    basket has become an order.
    """

    step = ""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method == "GET" and self.admit(request) is None and not self.has_lines:
            return redirect("store:sell-basket")
        return super().dispatch(request, *args, **kwargs)

    @property
    def has_lines(self) -> bool:
        return self.basket is not None and bool(self.contents.lines)

    @cached_property
    def contents(self) -> Contents:
        """Raises `StateConflict` where there is no basket (any more). What is left is looked at again when it is paid
        for, so a sale goes on where it cannot be read in time."""
        if self.basket is None:
            raise StateConflict("There is no open basket.")
        try:
            with at_most(settings.PROMISE_STATEMENT_MS):
                return contents_of(self.basket)
        except TooSlow:
            return contents_without_stock(self.basket)

    def back(self, *args: Any, **kwargs: Any) -> str:
        return reverse("store:sell-basket")
