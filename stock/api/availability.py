"""What a channel may promise, and what of it changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import orjson
from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from oms.core.access import Access
from oms.core.api.views import ApiView
from oms.core.errors import Invalid
from stock.errors import UnknownChannel, UnknownSku, UnknownStockPoint
from stock.models import SalesChannel, Variant
from stock.queries.allotments import capped, ceilings
from stock.queries.availability import available_at, available_to_promise
from stock.queries.availability_files import availability_csv
from stock.queries.changes import Position, changes_after
from stock.queries.codes import stock_points_by_code
from stock.queries.expected import Increment, expected_availability
from stock.queries.summaries import Assortment, assortment, available_in
from stock.queries.written_waterfalls import written_waterfalls

MOST_SKUS = 100


class StockPointAvailabilitySerializer(serializers.Serializer):
    code = serializers.CharField()
    on_hand = serializers.IntegerField()
    reserved = serializers.IntegerField()
    unavailable = serializers.IntegerField()
    protected = serializers.IntegerField()
    available = serializers.IntegerField()


class FutureAvailabilitySerializer(serializers.Serializer):
    """Each is an increment."""

    available = serializers.IntegerField()
    available_on = serializers.DateField()
    kind = serializers.CharField()


class ItemSerializer(serializers.Serializer):
    sku = serializers.CharField()
    available = serializers.IntegerField()
    future = FutureAvailabilitySerializer(many=True)
    stock_points = StockPointAvailabilitySerializer(many=True, required=False)


class AvailabilitySerializer(serializers.Serializer):
    channel = serializers.CharField()
    items = ItemSerializer(many=True)


class ChangeSerializer(serializers.Serializer):
    sku = serializers.CharField()
    available = serializers.IntegerField()


class ChangesSerializer(serializers.Serializer):
    channel = serializers.CharField()
    results = ChangeSerializer(many=True)
    cursor = serializers.CharField(help_text="Where to go on, now or later; keep it.")
    next = serializers.CharField(allow_null=True, help_text="The next page, where there already is one.")


class AvailabilityView(ApiView):
    required_scopes = "stock:read"

    @extend_schema(
        parameters=[
            OpenApiParameter("channel", str, required=True),
            OpenApiParameter("sku", {"type": "array", "items": {"type": "string"}}, required=True, explode=True),
            OpenApiParameter(
                "stock_point",
                {"type": "array", "items": {"type": "string"}},
                explode=True,
                description="Only of these; absent: all that feed the channel.",
            ),
            OpenApiParameter("detail", str, enum=["stock_points"]),
            OpenApiParameter("at", {"type": "string", "format": "date"}),
        ],
        responses=AvailabilitySerializer,
    )
    def get(self, request: Request) -> Response:
        """Available to promise of up to 100 SKUs, and what is to come, as increments.

        With `at`, `available` is what can be had on that day: what is expected until then is counted in, and
        `future` is what comes later. The waterfalls of `detail=stock_points` are always today's. With `stock_point`
        everything is of these alone; the channel's allotment still limits it.
        """
        asked = _asked(request.query_params)
        found = assortment(channel=asked["channel"], skus=asked["skus"])
        if found is None or not self.access.sees_channel(found.channel_id):
            raise _unknown_channel(asked["channel"])
        variants = _variants(found)
        points = _stock_points(asked["stock_points"], self.access)
        sums = _sums(found, variants, points)
        if asked["detail"]:
            items = _items_with_points(found, variants, self.access.stock_points if points is None else points, sums)
        else:
            sums = available_in(found) if sums is None else sums
            items = [_item(sku, sums[variant]) for sku, variant in variants.items()]
        _add_future(items, _expected(found, points), variants, asked["at"])
        return Response({"channel": asked["channel"], "items": items})


class AvailabilityChangesView(ApiView):
    required_scopes = "stock:read"

    @extend_schema(
        parameters=[OpenApiParameter("channel", str, required=True), OpenApiParameter("cursor", str)],
        responses=ChangesSerializer,
    )
    def get(self, request: Request) -> Response:
        """The SKUs that changed since the cursor, with what is available of them now; from the start without one."""
        channel = channel_named(request.query_params.get("channel", ""), self.access)
        cursor = request.query_params.get("cursor")
        page = changes_after(Position.from_cursor(cursor) if cursor else Position())
        sums = available_to_promise(channel_id=channel.pk, variant_ids=page.variant_ids)
        skus = Variant.objects.in_bulk(page.variant_ids)
        position = page.position.as_cursor()
        link = f"{reverse('stock:availability-changes', request=request)}?channel={channel.code}&cursor={position}"
        results = [
            {"sku": skus[variant].sku, "available": sums[variant]} for variant in page.variant_ids if variant in skus
        ]
        return Response(
            {
                "channel": channel.code,
                "results": results,
                "cursor": position,
                "next": link if page.has_more else None,
            }
        )


class AvailabilityExportView(ApiView):
    required_scopes = "stock:read"

    @extend_schema(
        parameters=[OpenApiParameter("channel", str, required=True)],
        responses={(200, "text/csv"): OpenApiTypes.STR},
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Every active article with what the channel may promise of it, as CSV, written as it is read."""
        channel = channel_named(request.query_params.get("channel", ""), self.access)
        answer = StreamingHttpResponse(availability_csv(channel), content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="availability-{channel.pk}.csv"'
        return answer


def channel_named(code: str, access: Access) -> SalesChannel:
    """The channel of that code, where the key may see it."""
    channel = SalesChannel.objects.visible_to(access).filter(code=code).first()
    if channel is None:
        raise _unknown_channel(code)
    return channel


def _unknown_channel(code: str) -> UnknownChannel:
    return UnknownChannel(f"There is no sales channel {code}." if code else "A channel is required.")


def _asked(given: Mapping[str, Any]) -> dict[str, Any]:
    skus = list(dict.fromkeys(given.getlist("sku")))  # type: ignore[attr-defined]
    errors: dict[str, list[str]] = {
        name: ["Unknown parameter."] for name in set(given) - {"channel", "sku", "stock_point", "detail", "at"}
    }
    if not given.get("channel"):
        errors["channel"] = ["This parameter is required."]
    if not 1 <= len(skus) <= MOST_SKUS:
        errors["sku"] = [f"1 to {MOST_SKUS} SKUs."]
    if given.get("detail", "") not in ("", "stock_points"):
        errors["detail"] = ["Only stock_points can be asked for."]
    at: date | None = None
    if given.get("at"):
        try:
            at = serializers.DateField().run_validation(given["at"])
        except serializers.ValidationError as error:
            errors["at"] = [str(error.detail[0])]  # type: ignore[index]
    if errors:
        name, (message, *_) = next(iter(errors.items()))
        raise Invalid(f"{name}: {message}", errors=errors)
    return {
        "channel": given["channel"],
        "skus": skus,
        "stock_points": list(dict.fromkeys(given.getlist("stock_point"))),  # type: ignore[attr-defined]
        "detail": bool(given.get("detail")),
        "at": at,
    }


def _variants(found: Assortment) -> dict[str, int]:
    unknown = [each.sku for each in found.articles if each.variant_id is None]
    if unknown:
        raise UnknownSku(f"There is no SKU {unknown[0]}.", data={"skus": unknown})
    return {each.sku: each.variant_id for each in found.articles if each.variant_id is not None}


def _stock_points(codes: Sequence[str], access: Access) -> list[int] | None:
    """None where none was asked for."""
    if not codes:
        return None
    known = stock_points_by_code(codes, access)
    if unknown := [code for code in codes if code not in known]:
        raise UnknownStockPoint(f"There is no stock point {unknown[0]}.", data={"stock_points": unknown})
    return list(known.values())


def _sums(found: Assortment, variants: Mapping[str, int], points: Sequence[int] | None) -> dict[int, int] | None:
    """Of some stock points; None where all are asked for."""
    if points is None:
        return None
    return available_at(channel_id=found.channel_id, variant_ids=variants.values(), stock_point_ids=points)


def _items_with_points(
    found: Assortment,
    variants: Mapping[str, int],
    shown: Collection[int] | None,
    sums: Mapping[int, int] | None,
) -> list[dict[str, Any]]:
    """`shown`: the stock points to be told of; None: all. `sums` where they are not the channel's whole."""
    written = written_waterfalls(channel_id=found.channel_id, variant_ids=variants.values(), stock_point_ids=shown)
    if sums is None:
        sums = {variant: units for variant, (units, _) in written.items()}
        if found.has_allotments:
            sums = capped(sums, ceilings(channel_id=found.channel_id, variant_ids=sums))
    return [
        {**_item(sku, sums[variant]), "stock_points": orjson.Fragment(written[variant][1])}
        for sku, variant in variants.items()
    ]


def _expected(found: Assortment, points: Sequence[int] | None) -> Mapping[int, Sequence[Increment]]:
    """Asked for only where anything is to come: of most articles nothing is."""
    waited_for = [each.variant_id for each in found.articles if each.is_expected and each.variant_id is not None]
    if not waited_for:
        return {}
    return expected_availability(channel_id=found.channel_id, variant_ids=waited_for, stock_point_ids=points)


def _add_future(
    items: Sequence[dict[str, Any]],
    expected: Mapping[int, Sequence[Increment]],
    variants: Mapping[str, int],
    at: date | None,
) -> None:
    for item in items:
        for increment in expected.get(variants[item["sku"]], ()):
            if at is not None and increment.available_on <= at:
                item["available"] += increment.available
            else:
                item["future"].append(asdict(increment))


def _item(sku: str, available: int) -> dict[str, Any]:
    return {"sku": sku, "available": available, "future": []}
