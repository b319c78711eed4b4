"""What is asked of a promise, as the API reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from oms.core.api.serializers import StrictSerializer, validated

MOST_LINES = 100
FIRST_YEAR, LAST_YEAR = 1970, 9000
_LONGEST_CODE, _LONGEST_POSTCODE, _MOST_UNITS = 64, 16, 100_000


class DestinationSerializer(StrictSerializer):
    country = serializers.CharField(max_length=2, min_length=2, help_text="ISO 3166, two letters.")
    postcode = serializers.CharField(max_length=_LONGEST_POSTCODE, allow_blank=True, default="")
    latitude = serializers.FloatField(min_value=-90, max_value=90, allow_null=True, default=None)
    longitude = serializers.FloatField(min_value=-180, max_value=180, allow_null=True, default=None)


class EnquiredLineSerializer(StrictSerializer):
    sku = serializers.CharField(max_length=_LONGEST_CODE)
    quantity = serializers.IntegerField(min_value=1, max_value=_MOST_UNITS)


class EnquirySerializer(StrictSerializer):
    channel = serializers.CharField(max_length=_LONGEST_CODE)
    destination = DestinationSerializer(allow_null=True, default=None)
    pickup_point = serializers.CharField(max_length=_LONGEST_CODE, allow_null=True, default=None)
    lines = EnquiredLineSerializer(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]
    at = serializers.DateTimeField(allow_null=True, default=None, help_text="As if ordered then; absent: now.")
    customer_class = serializers.CharField(
        max_length=40, allow_blank=True, default="", help_text="As the order's will."
    )
    tags = serializers.ListField(child=serializers.CharField(max_length=60), max_length=20, default=list)

    def validate_at(self, at: datetime | None) -> datetime | None:
        """Days are counted from it in both directions, and there is no day before the first one."""
        if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
            raise serializers.ValidationError(_("This moment is too far off."))
        return at


def enquired(data: Any) -> dict[str, Any]:
    """What `EnquirySerializer` makes of a body. What nearly every body is, is read without it: asking each field of
    each line takes a tenth of the whole answer. Whatever is the least unusual, the serializer reads or refuses."""
    return _plain(data) or validated(EnquirySerializer, data)


def _plain(data: Any) -> dict[str, Any] | None:
    if type(data) is not dict or not data.keys() <= {"channel", "destination", "pickup_point", "lines"}:
        return None
    channel, there, pickup_point = data.get("channel"), data.get("destination"), data.get("pickup_point")
    lines = data.get("lines")
    if not _is_code(channel) or (pickup_point is not None and not _is_code(pickup_point)):
        return None
    if type(lines) is not list or not 0 < len(lines) <= MOST_LINES or not all(map(_is_line, lines)):
        return None
    destination = None if there is None else _plain_place(there)
    if there is not None and destination is None:
        return None
    return {
        "channel": channel,
        "destination": destination,
        "pickup_point": pickup_point,
        "lines": lines,
        "at": None,
        "customer_class": "",
        "tags": [],
    }


def _is_line(line: Any) -> bool:
    if type(line) is not dict or line.keys() != {"sku", "quantity"}:
        return False
    quantity = line["quantity"]
    return _is_code(line["sku"]) and type(quantity) is int and 0 < quantity <= _MOST_UNITS


def _is_code(text: Any, longest: int = _LONGEST_CODE, shortest: int = 1) -> bool:
    """Printable ASCII without a space: nothing is trimmed of it and nothing in it is refused."""
    if type(text) is not str or not shortest <= len(text) <= longest:
        return False
    return text.isascii() and text.isprintable() and " " not in text


def _plain_place(there: Any) -> dict[str, Any] | None:
    if type(there) is not dict or not there.keys() <= {"country", "postcode", "latitude", "longitude"}:
        return None
    country: Any = there.get("country")
    postcode: Any = there.get("postcode", "")
    if not _is_code(country, 2, 2) or not (postcode == "" or _is_code(postcode, _LONGEST_POSTCODE)):
        return None
    latitude, longitude = there.get("latitude"), there.get("longitude")
    if not _is_within(latitude, 90) or not _is_within(longitude, 180):
        return None
    return {"country": country, "postcode": postcode, "latitude": latitude, "longitude": longitude}


def _is_within(number: Any, most: int) -> bool:
    return number is None or (type(number) is float and -most <= number <= most)
