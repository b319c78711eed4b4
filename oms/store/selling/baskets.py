"""The basket: what the customer takes along and what is sent, line by line."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from oms.core.errors import OmsError
from oms.store.selling.seller import SellerView
from orders.queries.baskets import contents_of
from orders.services.basketing import MOST_UNITS, add_to_basket, change_basket_line, empty_basket
from stock.models import Variant

CARRIED, DELIVERED = "carried", "delivered"
_WAYS = [(CARRIED, CARRIED), (DELIVERED, DELIVERED)]


class AddForm(forms.Form):
    sku = forms.CharField(max_length=64)
    quantity = forms.IntegerField(min_value=1, max_value=MOST_UNITS, required=False)
    way = forms.ChoiceField(choices=_WAYS)


class LineForm(forms.Form):
    quantity = forms.IntegerField(min_value=0, max_value=MOST_UNITS)
    way = forms.ChoiceField(choices=_WAYS, required=False)


class BasketView(SellerView):
    def get(self, request: HttpRequest) -> HttpResponse:
        contents = contents_of(self.basket) if self.basket else None
        return self.answer(request, "store/selling/basket.html", contents=contents, step="basket")


class AddView(SellerView):
    def post(self, request: HttpRequest) -> HttpResponse:
        form = AddForm(request.POST)
        variant = form.is_valid() and Variant.objects.filter(sku=form.cleaned_data["sku"], is_active=True).first()
        if not variant:
            messages.error(request, _("This article is not sold (any more)."))
            return redirect("store:sell")
        try:
            add_to_basket(
                seller_id=self.user_id,
                stock_point_id=self.own_id,
                channel_id=self.channel.pk,
                variant_id=variant.pk,
                quantity=form.cleaned_data["quantity"] or 1,
                is_carried_out=form.cleaned_data["way"] == CARRIED,
            )
        except OmsError as error:
            return self.refused(request, error, back=self.address_of(variant))
        return redirect("store:sell-basket")


class LineView(SellerView):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.basket is None or not self.basket.lines.filter(pk=pk).exists():
            raise Http404
        form = LineForm(request.POST)
        if not form.is_valid():
            messages.error(
                request, _("A quantity is a number from 0 to %(most)d; 0 takes the line out.") % {"most": MOST_UNITS}
            )
            return redirect("store:sell-basket")
        way = form.cleaned_data["way"]
        try:
            change_basket_line(
                basket_id=self.basket.pk,
                line_id=pk,
                quantity=form.cleaned_data["quantity"],
                is_carried_out=(way == CARRIED) if way else None,
            )
        except OmsError as error:
            return self.refused(request, error, back="store:sell-basket")
        return redirect("store:sell-basket")


class EmptyView(SellerView):
    def post(self, request: HttpRequest) -> HttpResponse:
        if self.basket is not None:
            empty_basket(basket_id=self.basket.pk)
            messages.success(request, _("The basket is empty."))
        return redirect("store:sell")
