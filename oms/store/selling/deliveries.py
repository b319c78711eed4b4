"""How the delivered lines travel: every way there is, with its date, price, carbon, origins and parcels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from oms.core import clock
from oms.core.errors import OmsError
from oms.orchestration.promises import NOW_AND_LATER, PART_PICKUP, TOGETHER, WHEN_COMPLETE
from oms.store.preparing.selecting import whole_number
from oms.store.selling.countries import country_choices
from oms.store.selling.seller import BasketStepView
from orders.queries.baskets import Contents
from orders.services.addresses import postcode_fits
from orders.services.basketing import choose_delivery, set_destination
from orders.services.quoting import Deliveries, Option, delivery_options
from orders.services.resolving import COLLECTED_MODES
from orders.states import Mode
from stock.models import StockPoint

# What was told stays what is chosen from, until it is told anew.
TOLD = "store.sell.options"
# How a basket of several articles is treated, where that is a choice.
CHOICES = {
    TOGETHER: gettext_lazy("all in one parcel"),
    PART_PICKUP: gettext_lazy("a part collected in the shop, the rest delivered"),
    NOW_AND_LATER: gettext_lazy("now what is there, the rest once it has come"),
    WHEN_COMPLETE: gettext_lazy("all of it together, once it is complete"),
}
# Where nothing of it is there, nothing comes now; what comes in several parcels does not come all together.
ALL_LATER = gettext_lazy("once it has come")
NOTHING_BEFORE = gettext_lazy("nothing leaves before everything is there")
# From when on the time left is written in bold.
SOON = timedelta(hours=1)


class DestinationForm(forms.Form):
    postcode = forms.CharField(label=gettext_lazy("Postcode of the delivery"), max_length=20, required=False)
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=country_choices)
    pickup_point = forms.ModelChoiceField(
        label=gettext_lazy("Collected in"),
        queryset=StockPoint.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=gettext_lazy("not collected"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        points = StockPoint.objects.filter(Q(offers_pickup=True) | Q(offers_reservation=True), kind="store")
        self.fields["pickup_point"].queryset = points.filter(is_active=True).order_by("name", "code")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        postcode, country = given.get("postcode", ""), given.get("country")
        if country and postcode and not postcode_fits(country, postcode):
            self.add_error("postcode", _("This is not a postcode of that country."))
        return given


class DeliveryView(BasketStepView):
    step = "delivery"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(request, DestinationForm(initial=self._destination()))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Choose one of the ways that were told last."""
        told = request.session.get(TOLD, {})
        options: list[Option] = told.get("options", []) if told.get("basket") == self.told_for else []
        chosen = whole_number(request.POST.get("option"))
        if chosen is None or chosen >= len(options):
            messages.error(request, _("Choose one of the deliveries below."))
            return redirect("store:sell-delivery")
        try:
            basket = choose_delivery(basket_id=self.contents.basket.pk, option=options[chosen])
        except OmsError as error:
            return self.refused(request, error, back="store:sell-basket")
        return redirect("store:sell-delivery-details" if basket.lacks_details else "store:sell-customer")

    def destined(self, request: HttpRequest) -> HttpResponse:
        form = DestinationForm(request.POST)
        if not form.is_valid():
            return self._page(request, form, status=422)
        point = form.cleaned_data["pickup_point"]
        set_destination(
            basket_id=self.contents.basket.pk,
            country=form.cleaned_data["country"] if form.cleaned_data["postcode"] else "",
            postcode=form.cleaned_data["postcode"],
            pickup_point_id=point.pk if point else None,
        )
        return redirect("store:sell-delivery")

    @property
    def told_for(self) -> str:
        """What a quote is good for: this basket with these lines."""
        lines = ",".join(f"{content.line.variant_id}x{content.line.quantity}" for content in self.contents.delivered)
        return f"{self.contents.basket.order_reference}:{lines}"

    def _destination(self) -> dict[str, Any]:
        basket = self.contents.basket
        address = basket.shipping_address or {}
        return {
            "postcode": address.get("postcode", ""),
            "country": address.get("country") or (self.own.country if self.own else None),
            "pickup_point": basket.pickup_point.code if basket.pickup_point else None,
        }

    def _page(self, request: HttpRequest, form: DestinationForm, *, status: int = 200) -> HttpResponse:
        basket = self.contents.basket
        told = delivery_options(basket=basket, contents=self.contents) if self.contents.delivered else Deliveries([])
        articles = articles_of(self.contents)
        request.session[TOLD] = {"basket": self.told_for, "options": told.options}
        return self.answer(
            request,
            "store/selling/delivery.html",
            status=status,
            contents=self.contents,
            form=form,
            cards=[_card(index, option, basket.promise, articles) for index, option in enumerate(told.options)],
            missing=[(articles.get(each.sku, each.sku), each) for each in told.missing],
            about=[_about(option) for option in told.about],
            has_destination=bool((basket.shipping_address or {}).get("postcode")),
        )


class DestinationView(DeliveryView):
    """Where the goods shall go: the ways are told anew for it."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return redirect("store:sell-delivery")

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.destined(request)


def waiting_in(option: Option, articles: Mapping[str, str]) -> list[dict[str, Any]]:
    """What of it is still to come, with the day as such. `articles`: their names by SKU."""
    return [
        {**each, "available_on": _day(each["available_on"]), "article": articles.get(each["sku"], each["sku"])}
        for each in option.get("waiting", ())
    ]


def parts_in(option: Option, articles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Its parcels, where they come on several days or in several ways: then each is told by itself."""
    parcels = [_parcel(parcel, option, articles) for parcel in option.get("parcels", ())]
    is_told_by_one = len({(parcel["promised_on"], parcel["is_collected"]) for parcel in parcels}) < 2
    return [] if is_told_by_one else parcels


def articles_of(contents: Contents) -> dict[str, str]:
    """The delivered articles as people call them, by SKU: nobody in the shop knows those."""
    variants = [content.line.variant for content in contents.delivered]
    return {
        variant.sku: " · ".join(text for text in (variant.product.name, variant.colour, variant.size) if text)
        for variant in variants
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _about(option: Option) -> dict[str, Any]:
    """What can be said of a delivery while nobody knows where its articles lie."""
    return {
        "title": Mode(option["mode"]).label,
        "promised_from": date.fromisoformat(option["promised_from"]),
        "promised_on": date.fromisoformat(option["promised_on"]),
    }


def _parcel(parcel: dict[str, Any], option: Option, articles: Mapping[str, str]) -> dict[str, Any]:
    days = {"promised_on": _day(parcel["promised_on"]), "available_on": _day(parcel["available_on"])}
    lines = [{**line, "article": articles.get(line["sku"], line["sku"])} for line in parcel["lines"]]
    is_collected = parcel["mode"] in COLLECTED_MODES
    lies_there = is_collected and parcel["stock_point"] == option["pickup_point"]
    return {**parcel, **days, "lines": lines, "is_collected": is_collected, "lies_there": lies_there}


def _choice(option: Option) -> Any:
    parcels = option["parcels"]
    if option["choice"] == NOW_AND_LATER and parcels and all(parcel["available_on"] for parcel in parcels):
        return ALL_LATER
    if option["choice"] == WHEN_COMPLETE and len(parcels) > 1:
        return NOTHING_BEFORE
    return CHOICES.get(option["choice"], "")


def arrives_in_several(parcels: Sequence[Mapping[str, Any]]) -> bool:
    """What is collected in the shop beside one parcel to the door does not make two parcels of it."""
    return max(Counter(parcel["mode"] in COLLECTED_MODES for parcel in parcels).values(), default=0) > 1


def _card(index: int, option: Option, chosen: Option | None, articles: Mapping[str, str]) -> dict[str, Any]:
    """What a card shows; dates and amounts as such, so that they are written in the reader's way. `articles`: their
    names by SKU. What lies where it is collected is no parcel."""
    is_reservation = option["mode"] == Mode.E_RESERVATION
    cut_off_at = parse_datetime(option["cut_off_at"] or "")
    left = None if cut_off_at is None else max(cut_off_at - clock.now(), timedelta(0))
    parcels = [_parcel(parcel, option, articles) for parcel in option["parcels"]]
    origins = list(dict.fromkeys(parcel["stock_point_name"] for parcel in option["parcels"]))
    return {
        "index": index,
        "title": Mode(option["mode"]).label,
        "choice": _choice(option),
        "option": option,
        "price": Decimal(option["price"]),
        "cut_off_at": cut_off_at,
        "left": left,
        "is_soon": left is not None and left < SOON,
        "promised_from": date.fromisoformat(option["promised_from"]),
        "promised_on": date.fromisoformat(option["promised_on"]),
        "kg": round(option["co2e_g"] / 1000, 2),
        "origins": origins,
        "is_reservation": is_reservation,
        "kept_days": settings.RESERVATION_KEPT_DAYS if is_reservation else None,
        "waiting": waiting_in(option, articles),
        "parcels": parcels,
        "on_the_way": sum(not parcel["lies_there"] for parcel in parcels),
        "from_the_shelf": sum(
            line["quantity"] for parcel in parcels if parcel["lies_there"] for line in parcel["lines"]
        ),
        "arrives_in_several": arrives_in_several(parcels),
        "tells_parcels": option["is_split"] or bool(option["waiting"]),
        "is_chosen": chosen is not None
        and all(chosen.get(name) == option[name] for name in ("mode", "pickup_point", "choice")),
    }
