"""What a carrier's service must look like, whether it comes by the API, by a file or by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from oms.orchestration.countries import COUNTRIES
from oms.sourcing.calendars import minutes_of
from oms.sourcing.facts import CARRY_OUT, E_RESERVATION, MODES, PICKUP

# Goods collected where they lie are not carried.
CARRIED_MODES = tuple(mode for mode in MODES if mode not in (PICKUP, E_RESERVATION, CARRY_OUT))
LONGEST_TRANSIT = 120


def service_errors(values: Mapping[str, Any]) -> dict[str, str]:
    """The first thing wrong with each field; only those that are there are looked at, zones always."""
    zones = values.get("zones") or []
    found = {
        "zones": _zones_error(zones),
        "modes": _modes_error(values.get("modes")),
        "working_days": _days_error(values.get("working_days")),
    }
    codes = {zone.get("code") for zone in zones if isinstance(zone, Mapping)}
    found["transit_days"] = _transit_error(values.get("transit_days"), codes)
    for name in ("price_table", "cost_table"):
        found[name] = _table_error(values.get(name), codes)
    found["barred"] = _barred_error(values.get("barred"), codes)
    found["slots"] = _slots_error(values.get("slots"))
    return {name: error for name, error in found.items() if error}


def _zones_error(zones: Any) -> str:
    if not isinstance(zones, Sequence) or not zones:
        return _("At least one zone.")
    codes = []
    for zone in zones:
        if not isinstance(zone, Mapping) or not isinstance(zone.get("code"), str) or not zone["code"]:
            return _("Each zone has a code.")
        codes.append(zone["code"])
        for country in zone.get("countries") or []:
            if country not in COUNTRIES:
                return _("%(code)s is not a country's code.") % {"code": country}
        if not all(isinstance(prefix, str) and prefix for prefix in zone.get("postcode_prefixes") or []):
            return _("Postcode prefixes are texts.")
    return _("Two zones have the same code.") if len(set(codes)) != len(codes) else ""


def _modes_error(modes: Any) -> str:
    if modes is None:
        return ""
    unknown = [mode for mode in modes if mode not in CARRIED_MODES]
    if unknown:
        return _("%(mode)s is not a mode that carriers serve.") % {"mode": unknown[0]}
    return "" if modes else _("At least one mode.")


def _days_error(days: Any) -> str:
    if days is None:
        return ""
    return "" if days and all(day in range(1, 8) for day in days) else _("Weekdays from 1 to 7, at least one.")


def _transit_error(days: Any, codes: set[Any]) -> str:
    if days is None:
        return ""
    if not isinstance(days, Mapping) or not days:
        return _("Days for at least one zone.")
    for zone, number in days.items():
        if zone not in codes:
            return _no_zone(zone)
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= LONGEST_TRANSIT:
            return _("Whole days from 0 to %(most)d.") % {"most": LONGEST_TRANSIT}
    return ""


def _barred_error(rows: Any, codes: set[Any]) -> str:
    if rows is not None and not isinstance(rows, list):
        return _("A list of rows with zones, categories and skus.")
    for row in rows or []:
        if not isinstance(row, Mapping) or set(row) - {"zones", "categories", "skus"}:
            return _("Rows have zones, categories and skus.")
        lists = [row.get(name) or [] for name in ("zones", "categories", "skus")]
        if not all(isinstance(each, list) and all(isinstance(text, str) and text for text in each) for each in lists):
            return _("Zones, categories and skus are lists of texts.")
        unknown = [zone for zone in lists[0] if zone not in codes]
        if unknown:
            return _no_zone(unknown[0])
        if not (lists[1] or lists[2]):
            return _("Each row names a category or a SKU.")
    return ""


def _slots_error(slots: Any) -> str:
    if slots is not None and not isinstance(slots, list):
        return _("A list of hours, from and to.")
    last = 0
    for slot in slots or []:
        try:
            start, end = (minutes_of(clock) for clock in slot)
        except (TypeError, ValueError, AttributeError):
            return _("A slot is two times of day, HH:MM.")
        if not last <= start < end:
            return _("Slots end after they start, and follow one another.")
        last = end
    return ""


def _table_error(rows: Any, codes: set[Any]) -> str:
    seen = set()
    for row in rows or []:
        if not isinstance(row, Mapping) or set(row) - {"zone", "up_to_g", "amount"}:
            return _("Rows have a zone, up_to_g and an amount.")
        if row.get("zone") not in codes:
            return _no_zone(row.get("zone"))
        limit = row.get("up_to_g")
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
            return _("up_to_g is a weight in grams, or null.")
        if (row["zone"], limit) in seen:
            return _("Two rows for the same zone and weight.")
        seen.add((row["zone"], limit))
        if not _is_amount(row.get("amount")):
            return _("Amounts are numbers that are not negative.")
    return ""


def _no_zone(code: Any) -> str:
    return _("There is no zone %(code)s.") % {"code": code}


def _is_amount(value: Any) -> bool:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return False
    return amount.is_finite() and 0 <= amount < Decimal(10) ** 8
