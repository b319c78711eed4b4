"""Fields of the configuration's rows."""

from typing import Any
from zoneinfo import available_timezones

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from stdnum import ean

from oms.sourcing.calendars import WEEKDAYS, work_calendar

_ZONES = frozenset(available_timezones())


class CodeField(serializers.CharField):
    """A natural key: 1 to 64 characters, none of them a control character."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 64, **kwargs})


class CurrencyField(serializers.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[A-Z]{3}$", **{"help_text": _("ISO 4217, for example EUR."), **kwargs})


class CountryField(serializers.RegexField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"^[A-Z]{2}$", **{"help_text": _("ISO 3166, two letters."), **kwargs})


class GtinField(serializers.CharField):
    """8, 12, 13 or 14 digits whose check digit is right."""

    def to_internal_value(self, data: Any) -> str:
        gtin = str(super().to_internal_value(data))
        if not gtin.isascii() or not gtin.isdigit() or not ean.is_valid(gtin):
            raise serializers.ValidationError(_("This is not a GTIN: its length or its check digit is wrong."))
        return gtin


class TimezoneField(serializers.CharField):
    def to_internal_value(self, data: Any) -> str:
        name = str(super().to_internal_value(data))
        if name not in _ZONES:
            raise serializers.ValidationError(_("This is not a time zone's name."))
        return name


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            day: {
                "type": "array",
                "items": {
                    "type": "array",
                    "minItems": 2,
                    "maxItems": 2,
                    "items": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"},
                },
            }
            for day in WEEKDAYS
        },
        "example": {"mon": [["10:00", "19:00"]]},
    }
)
class OpeningHoursField(serializers.Field):
    """`{"mon": [["10:00", "19:00"]], …}`; empty means open always, else a weekday that is absent is closed."""

    def to_internal_value(self, data: Any) -> dict[str, list[list[str]]]:
        try:
            hours = {day: [[str(start), str(end)] for start, end in spans] for day, spans in dict(data).items()}
            work_calendar(hours)
        except (ValueError, TypeError) as error:
            raise serializers.ValidationError(
                _('Opening hours are {"mon": [["10:00", "19:00"]], …}, in order and without overlaps.')
            ) from error
        return hours

    def to_representation(self, value: Any) -> Any:
        return value


@extend_schema_field({"oneOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string", "enum": ["all"]}]})
class CodesOrAllField(serializers.Field):
    """A list of codes, or `"all"`."""

    def to_internal_value(self, data: Any) -> list[str] | str:
        if data == "all":
            return "all"
        if not isinstance(data, list) or not all(isinstance(code, str) for code in data):
            raise serializers.ValidationError(_('A list of codes, or "all".'))
        return list(dict.fromkeys(data))

    def to_representation(self, value: Any) -> Any:
        return value
