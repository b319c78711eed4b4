"""Promised against real: how parcels and pickups kept the day their customers were promised first.

One statement for each table, whatever it is told by. The promise is that of the part itself (the order's, where it has
none of its own), not a later one that replaced it; real is the day on which the carrier delivered, at the destination,
or on which the goods were ready to be collected, at the store. What is overdue and has not arrived counts as not kept:
waiting makes nothing better.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access
from oms.orchestration.countries import COUNTRIES
from orders import wording

MOST_ROWS = 500


class By(TextChoices):
    """What the table is told by."""

    CARRIER = "carrier", _("Carrier and service")
    LANE = "lane", _("Lane")
    STOCK_POINT = "stock_point", _("Stock point")


@dataclass(frozen=True, slots=True)
class Kept:
    """One row. Days are means over what arrived, from the order on; `late_days` over what arrived late.

    `on_time_percent` is of what was due: arrived, or overdue. None where nothing was.
    `left_late`: handed over after the day it was planned to leave on, so the delay began at the stock point.
    """

    carrier: str
    service: str
    stock_point: str
    zone: str
    sent: int
    arrived: int
    on_time: int
    late: int
    overdue: int
    left_late: int
    promised_days: float | None
    real_days: float | None
    late_days: float | None
    worst_days: int | None

    @property
    def service_name(self) -> str:
        """What is collected has no carrier: its service is the way it reaches its customer."""
        return wording.service(self.service)

    @property
    def due(self) -> int:
        return self.arrived + self.overdue

    @property
    def on_time_percent(self) -> float | None:
        return round(100 * self.on_time / self.due, 1) if self.due else None


_COLUMNS = {
    By.CARRIER: "carrier, service, '' AS stock_point, '' AS zone",
    By.LANE: "carrier, service, stock_point, zone",
    By.STOCK_POINT: "'' AS carrier, '' AS service, stock_point, '' AS zone",
}
_GROUPS = {
    By.CARRIER: "carrier, service",
    By.LANE: "carrier, service, stock_point, zone",
    By.STOCK_POINT: "stock_point",
}

_OWN_DAY = """CROSS JOIN LATERAL (
        SELECT max(s.promised_on) AS promised_on FROM orders_allocation s WHERE s.fulfilment_id = f.id) own"""
_STORY = f"""
WITH placed AS (
    SELECT o.id, o.promised_on, o.placed_at, o.shipping_address ->> 'country' AS country
    FROM orders_order o
    WHERE o.placed_at >= %(since)s::date::timestamp AT TIME ZONE %(zone)s
      AND o.placed_at < (%(until)s::date + 1)::timestamp AT TIME ZONE %(zone)s
      AND o.promised_on IS NOT NULL AND o.state NOT IN ('pending_payment', 'cancelled', 'expired')
      AND (%(channels)s::bigint[] IS NULL OR o.channel_id = ANY(%(channels)s::bigint[]))
), story AS (
    SELECT p.carrier, p.service, sp.code AS stock_point, f.zone,
           coalesce(own.promised_on, o.promised_on) AS promised_on,
           (o.placed_at AT TIME ZONE c.zone)::date AS placed_on,
           (p.delivered_at AT TIME ZONE c.zone)::date AS real_on,
           (p.handed_over_at AT TIME ZONE sp.timezone)::date > f.ships_on AS left_late,
           (%(now)s AT TIME ZONE c.zone)::date AS today
    FROM placed o
    JOIN orders_fulfilment f ON f.order_id = o.id AND f.pickup_point_id IS NULL
    JOIN orders_parcel p ON p.fulfilment_id = f.id AND p.state <> 'cancelled'
    JOIN stock_stockpoint sp ON sp.id = f.stock_point_id
    {_OWN_DAY}
    CROSS JOIN LATERAL (SELECT coalesce((
        SELECT z.zone FROM unnest(%(countries)s::text[], %(zones)s::text[]) AS z (country, zone)
        WHERE z.country = o.country), %(zone)s) AS zone) c
    WHERE %(points)s::bigint[] IS NULL OR f.stock_point_id = ANY(%(points)s::bigint[])
    UNION ALL
    SELECT '', f.mode, sp.code, at.code, coalesce(own.promised_on, o.promised_on),
           (o.placed_at AT TIME ZONE at.timezone)::date,
           (k.ready_at AT TIME ZONE at.timezone)::date,
           coalesce((SELECT min(p.handed_over_at AT TIME ZONE sp.timezone)::date > f.ships_on
                     FROM orders_parcel p WHERE p.fulfilment_id = f.id), false),
           (%(now)s AT TIME ZONE at.timezone)::date
    FROM placed o
    JOIN orders_fulfilment f ON f.order_id = o.id AND f.pickup_point_id IS NOT NULL
        AND f.state NOT IN ('declined', 'expired', 'cancelled') AND f.lead_id IS NULL
    JOIN stock_stockpoint sp ON sp.id = f.stock_point_id
    JOIN stock_stockpoint at ON at.id = f.pickup_point_id
    {_OWN_DAY}
    LEFT JOIN orders_pickup k ON k.fulfilment_id = f.id
    WHERE %(points)s::bigint[] IS NULL OR f.stock_point_id = ANY(%(points)s::bigint[])
)
"""  # noqa: S608 (our own condition)


def kept_promises(*, by: By, since: date, until: date, access: Access) -> list[Kept]:
    """Of orders placed from the first day to the last, in the retailer's zone, what was sent most first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""{_STORY}
            SELECT {_COLUMNS[by]}, count(*), count(real_on),
                   count(*) FILTER (WHERE real_on <= promised_on),
                   count(*) FILTER (WHERE real_on > promised_on),
                   count(*) FILTER (WHERE real_on IS NULL AND promised_on < today),
                   count(*) FILTER (WHERE left_late),
                   avg(promised_on - placed_on) FILTER (WHERE real_on IS NOT NULL),
                   avg(real_on - placed_on),
                   avg(real_on - promised_on) FILTER (WHERE real_on > promised_on),
                   max(real_on - promised_on)
            FROM story GROUP BY {_GROUPS[by]} ORDER BY count(*) DESC, {_GROUPS[by]} LIMIT {MOST_ROWS}
            """,  # noqa: S608 (our own columns)
            _parameters(since, until, access),
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return [Kept(*(_plain(value) for value in row)) for row in rows]


def _parameters(since: date, until: date, access: Access) -> dict[str, Any]:
    return {
        "since": since,
        "until": until,
        "zone": settings.TIME_ZONE,
        "now": clock.now(),
        "countries": list(COUNTRIES),
        "zones": [country.timezone for country in COUNTRIES.values()],
        "channels": None if access.channels is None else sorted(access.channels),
        "points": None if access.stock_points is None else sorted(access.stock_points),
    }


def _plain(value: Any) -> Any:
    """Means as numbers with one place."""
    return round(float(value), 1) if isinstance(value, Decimal) else value
