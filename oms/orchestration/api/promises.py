"""`POST /delivery-promises/`: in which ways a basket can be received, when, and for how much."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from oms.core.access import Access
from oms.core.api.views import ApiView
from oms.core.errors import Invalid
from oms.orchestration.api.enquiries import EnquiredLineSerializer, EnquirySerializer, enquired
from oms.orchestration.baskets import BasketLine, Destination
from oms.orchestration.promises import CHOICES, Enquiry, Quote, option_document
from oms.orchestration.queries.enquiries import named_in_enquiry, read_for_enquiry
from oms.orchestration.services.degrading import promise_in_time
from oms.sourcing.facts import MODES
from stock.errors import UnknownChannel, UnknownSku


class OfferedParcelSerializer(serializers.Serializer):
    stock_point = serializers.CharField()
    service = serializers.CharField()
    lines = EnquiredLineSerializer(many=True)
    ships_on = serializers.DateField(help_text="In the stock point's zone.")
    promised_on = serializers.DateField(help_text="In the destination's zone.")
    mode = serializers.ChoiceField(choices=MODES)
    available_on = serializers.DateField(allow_null=True, help_text="Goods that will have come by then; null: there.")


class OfferedSlotSerializer(serializers.Serializer):
    def get_fields(self) -> dict[str, serializers.Field]:
        return {"from": serializers.DateTimeField(), "to": serializers.DateTimeField()}


class WaitedForSerializer(serializers.Serializer):
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    available_on = serializers.DateField(allow_null=True, help_text="null: nobody knows when.")


class OptionSerializer(serializers.Serializer):
    """Where no place was given, only `mode` is told and everything else is null."""

    mode = serializers.ChoiceField(choices=MODES)
    choice = serializers.ChoiceField(
        choices=CHOICES,
        allow_null=True,
        help_text=(
            "How a basket of several articles is treated: `whole`, as the rules plan it; `together`, in one parcel; "
            "`part_pickup`, what lies in the pickup point is collected there (order those lines with mode `pickup`), "
            "the rest delivered; `now_and_later`, what is there now, the rest when it has come; `when_complete`, "
            "everything in one go when it has. On a channel of back-orders `now_and_later` is also told where nobody "
            "knows when the rest comes: its dates are those of what is there."
        ),
    )
    service = serializers.CharField(allow_null=True)
    pickup_point = serializers.CharField(allow_null=True)
    promised_from = serializers.DateField(allow_null=True)
    promised_on = serializers.DateField(allow_null=True)
    cut_off_at = serializers.DateTimeField(allow_null=True, help_text="Order until then for this promise.")
    price = serializers.CharField(allow_null=True, help_text="What the customer pays.")
    currency = serializers.CharField(allow_null=True)
    cost = serializers.CharField(allow_null=True, help_text="What transport and handling cost the retailer.")
    co2e_g = serializers.IntegerField(allow_null=True)
    parcels = OfferedParcelSerializer(many=True)
    slots = OfferedSlotSerializer(many=True, help_text="Mode `slot`: name one of them with the order.")
    waiting = WaitedForSerializer(many=True, help_text="What of it has still to come.")
    is_split = serializers.BooleanField(allow_null=True)
    is_cheapest = serializers.BooleanField(allow_null=True)
    is_fastest = serializers.BooleanField(allow_null=True)
    is_greenest = serializers.BooleanField(allow_null=True)
    degraded = serializers.BooleanField(allow_null=True)
    token = serializers.CharField(allow_null=True, help_text="For `promise_token` of an order: keeps exactly this.")


class MissingSerializer(serializers.Serializer):
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    next_available_on = serializers.DateField(allow_null=True)


class ArticleModesSerializer(serializers.Serializer):
    sku = serializers.CharField()
    quantity = serializers.IntegerField()
    modes = serializers.ListField(child=serializers.ChoiceField(choices=MODES))


class QuoteSerializer(serializers.Serializer):
    options = OptionSerializer(many=True)
    articles = ArticleModesSerializer(many=True, help_text="Where no place was given: the modes of each line.")
    unavailable = MissingSerializer(many=True)
    degraded = serializers.BooleanField(help_text="Something had to be guessed: promises are wider and later.")


class DeliveryPromiseView(ApiView):
    required_scopes = "stock:read"

    @extend_schema(request=EnquirySerializer, responses=QuoteSerializer)
    def post(self, request: Request) -> Response:
        """Every mode that can serve the basket, with the plan that an order would get.

        `unavailable`: what the channel cannot promise; the options are for the rest. The token of an option,
        sent as `promise_token` with the order, keeps its origins, day and price for half an hour or until
        its cut-off.

        Where the stock could not be read in time, the answer is `degraded`: options from the earliest to the
        latest day any stock point could need, without parcels and without a token; 503 `too_slow` where not
        even that can be told.
        """
        asked = enquired(request.data)
        quote = promise_in_time(lambda reads: _enquiry(asked, self.access, reads=reads))
        return Response(_document(quote))


def _enquiry(data: dict[str, Any], access: Access, *, reads: bool) -> Enquiry:
    """`reads`: together with what the answer rests on, where that goes."""
    skus = {line["sku"] for line in data["lines"]}
    there, names = data["destination"], {"channel": data["channel"], "pickup_point": data["pickup_point"]}
    destination = Destination(**{**there, "country": there["country"].upper()}) if there else None
    found = reads and read_for_enquiry(**names, skus=skus, destination=destination, at=data["at"], access=access)
    asked, read = found or (named_in_enquiry(**names, skus=skus, access=access), None)
    if asked is None:
        raise UnknownChannel(f"There is no sales channel {data['channel']}.")
    unknown = sorted(skus - asked.articles.keys())
    if unknown:
        raise UnknownSku(f"There is no SKU {unknown[0]}.", data={"skus": unknown})
    if data["pickup_point"] and asked.pickup_point_id is None:
        raise Invalid(errors={"pickup_point": [f"There is no stock point {data['pickup_point']}."]})
    return Enquiry(
        channel_id=asked.channel_id,
        lines=tuple(
            BasketLine(str(position), asked.articles[line["sku"]][0], line["quantity"])
            for position, line in enumerate(data["lines"], start=1)
        ),
        destination=destination,
        pickup_point_id=asked.pickup_point_id,
        order_value=sum((asked.articles[line["sku"]][1] * line["quantity"] for line in data["lines"]), Decimal(0)),
        at=data["at"],
        customer_class=data["customer_class"],
        tags=tuple(data["tags"]),
        read=read,
    )


_NOTHING_ELSE: dict[str, Any] = dict.fromkeys(map(str, OptionSerializer().fields))


def _document(quote: Quote) -> dict[str, Any]:
    options = [option_document(option) for option in quote.options]
    options += [{**_NOTHING_ELSE, "mode": mode, "parcels": [], "slots": [], "waiting": []} for mode in quote.modes]
    return {
        "options": options,
        "articles": [
            {"sku": article.sku, "quantity": article.quantity, "modes": list(article.modes)}
            for article in quote.articles
        ],
        "unavailable": [
            {"sku": missing.sku, "quantity": missing.quantity, "next_available_on": missing.next_available_on}
            for missing in quote.unavailable
        ],
        "degraded": quote.is_degraded,
    }
