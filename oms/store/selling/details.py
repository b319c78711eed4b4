"""What a chosen delivery still has to be told: the relay point, or the hours in which somebody is at home."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from oms.core.errors import OmsError
from oms.store.selling.seller import BasketStepView
from orders.models import Basket
from orders.services.basketing import MOST_RELAY_NAME, choose_relay_point, choose_slot
from orders.services.slotting import slots_of
from orders.states import Mode

# Three letters at least, whatever the alphabet: a number alone that was mistyped names another place.
_NAMED = r"(?:[^\W\d_].*){3}"


class RelayForm(forms.Form):
    relay_point = forms.CharField(
        label=_("Name of the relay point"),
        help_text=_(
            "Its number and its name as on the carrier’s map, for example 012345 Tabac de la Gare: "
            "it is written on the label, so the parcel goes where this says."
        ),
        max_length=MOST_RELAY_NAME,
        validators=[
            RegexValidator(_NAMED, _("Write the relay point’s name, too: a number or a single letter is not enough."))
        ],
        error_messages={"required": _("The parcel needs a relay point to go to.")},
    )


class DetailsView(BasketStepView):
    """One page for both: there is never more than one of them to say."""

    step = "delivery"

    def get(self, request: HttpRequest) -> HttpResponse:
        basket = self.contents.basket
        if basket.mode not in (Mode.RELAY, Mode.SLOT):
            return redirect("store:sell-delivery")
        return self._page(request, basket, RelayForm(initial={"relay_point": basket.relay_point}))

    def post(self, request: HttpRequest) -> HttpResponse:
        basket = self.contents.basket
        form = RelayForm(request.POST)
        try:
            if basket.mode == Mode.SLOT:
                slots = slots_of(basket)
                chosen = request.POST.get("slot", "")
                slot = next((each for each in slots if each.from_.isoformat() == chosen), None)
                if slot is None:
                    return self._page(request, basket, form, status=422, is_missing=True)
                choose_slot(basket_id=basket.pk, slot=slot)
            elif form.is_valid():
                choose_relay_point(basket_id=basket.pk, name=form.cleaned_data["relay_point"])
            else:
                return self._page(request, basket, form, status=422)
        except OmsError as error:
            return self.refused(request, error, back="store:sell-delivery")
        return redirect("store:sell-customer")

    def _page(
        self, request: HttpRequest, basket: Basket, form: RelayForm, *, status: int = 200, **more: Any
    ) -> HttpResponse:
        slots = slots_of(basket) if basket.mode == Mode.SLOT else []
        return self.answer(request, "store/selling/details.html", status=status, form=form, slots=slots, **more)
