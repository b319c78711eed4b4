"""Which orders two rule sets share, and which stock points one set of filters lets pass where another does."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from oms.sourcing.rules import Filters, OrderConditions, OrderWindow

_LISTS = ("channels", "channel_kinds", "banners", "modes", "countries", "customer_classes")
_ANY_OF = ("categories_any", "tags_any")
Limit = Decimal | float | None


def covers(wide: OrderConditions, narrow: OrderConditions) -> bool:
    """Whether every order that meets `narrow` meets `wide`, as far as the conditions themselves tell."""
    return (
        all(_admits(getattr(wide, name), getattr(narrow, name)) for name in (*_LISTS, *_ANY_OF))
        and _prefixes_cover(wide.postcode_prefixes, narrow.postcode_prefixes)
        and _from_on(wide.min_order_value, narrow.min_order_value)
        and _up_to(wide.max_order_value, narrow.max_order_value)
        and _window_covers(wide.ordered, narrow.ordered)
    )


def may_meet(one: OrderConditions, other: OrderConditions) -> bool:
    """Whether an order can meet both: no condition of the one shuts out all that the other lets in."""
    shared = ((set(getattr(one, name)), set(getattr(other, name))) for name in _LISTS)
    low = max(each.min_order_value or 0 for each in (one, other))
    highs = [each.max_order_value for each in (one, other) if each.max_order_value is not None]
    prefixes = [(a, b) for a in one.postcode_prefixes for b in other.postcode_prefixes]
    return (
        all(not a or not b or a & b for a, b in shared)
        and all(low <= high for high in highs)
        and (not prefixes or any(a.startswith(b) or b.startswith(a) for a, b in prefixes))
        and _windows_meet(one.ordered, other.ordered)
    )


def is_looser(loose: Filters, tight: Filters) -> bool:
    """Whether each stock point, with each unit, that passes `tight` passes `loose`."""
    wanted = ("kinds", "groups_any", "stock_points", "tags_any")
    excluded = ("exclude_groups", "exclude_stock_points", "exclude_tags")
    flags = ("same_banner", "open_today", "open_now", "destination_only", "exclude_destination")
    minima = ("min_capacity_left", "min_units_left", "min_cover_days")
    return (
        all(_admits(getattr(loose, name), getattr(tight, name)) for name in wanted)
        and all(set(getattr(loose, name)) <= set(getattr(tight, name)) for name in excluded)
        and all(not getattr(loose, name) or getattr(tight, name) for name in flags)
        and all(_from_on(getattr(loose, name), getattr(tight, name)) for name in minima)
        and _up_to(loose.within_km, tight.within_km)
    )


def _admits(wide: Collection[object], narrow: Collection[object]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _prefixes_cover(wide: tuple[str, ...], narrow: tuple[str, ...]) -> bool:
    return not wide or (bool(narrow) and all(prefix.startswith(wide) for prefix in narrow))


def _from_on(wide: Limit, narrow: Limit) -> bool:
    return wide is None or (narrow is not None and wide <= narrow)


def _up_to(wide: Limit, narrow: Limit) -> bool:
    return wide is None or (narrow is not None and wide >= narrow)


def _days(window: OrderWindow) -> tuple[date, date]:
    return window.first_day or date.min, window.last_day or date.max


def _window_covers(wide: OrderWindow, narrow: OrderWindow) -> bool:
    first, last = _days(wide)
    earliest, latest = _days(narrow)
    return (
        set(narrow.weekdays) <= set(wide.weekdays)
        and wide.start <= narrow.start
        and wide.end >= narrow.end
        and first <= earliest
        and last >= latest
    )


def _windows_meet(one: OrderWindow, other: OrderWindow) -> bool:
    (first, last), (earliest, latest) = _days(one), _days(other)
    return (
        bool(set(one.weekdays) & set(other.weekdays))
        and max(one.start, other.start) < min(one.end, other.end)
        and max(first, earliest) <= min(last, latest)
    )
