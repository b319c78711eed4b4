"""What is configured and counted at this moment, in one statement on the way of every decision."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from oms.core.prepared import prepared_cursor

PlaceKey = tuple[str, str]
"""(country, normalised postcode)."""

_READING = """
SELECT (SELECT version FROM stock_networkversion),
       ARRAY(SELECT published_version_id FROM orchestration_ruleset
             WHERE published_version_id IS NOT NULL ORDER BY priority, code),
       (SELECT json_agg(json_build_array(p.country, p.postcode, p.latitude, p.longitude))
        FROM unnest(%(countries)s::text[], %(postcodes)s::text[]) AS w (country, postcode)
        JOIN orchestration_postcode p ON p.country = w.country AND p.postcode = w.postcode),
       (SELECT json_object_agg(d.on, d.used)
        FROM (SELECT "on", json_object_agg(stock_point_id, used) AS used FROM orchestration_capacityuse
              WHERE "on" = ANY(%(days)s::date[]) AND used > 0 GROUP BY "on") d)
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """`network_version` None: nothing is configured yet. `rule_versions`: ids of the published versions,
    the first to be asked first. `used`: orders taken, by day and stock point."""

    network_version: UUID | None
    rule_versions: tuple[int, ...]
    places: Mapping[PlaceKey, tuple[float, float]]
    used: Mapping[date, Mapping[int, int]]


def reading_at(now: datetime, *, postcodes: Collection[PlaceKey] = ()) -> Reading:
    """`used` covers the days it can be anywhere on Earth at that moment."""
    parameters: dict[str, list[str] | list[date]] = {
        "countries": [country for country, _ in postcodes],
        "postcodes": [postcode for _, postcode in postcodes],
        "days": [now.date() + timedelta(days=days) for days in (-1, 0, 1)],
    }
    with prepared_cursor() as cursor:
        cursor.execute(_READING, parameters)
        version, rule_versions, places, used = cursor.fetchone()
    return Reading(
        network_version=version,
        rule_versions=tuple(rule_versions),
        places={(country, postcode): (lat, lon) for country, postcode, lat, lon in places or ()},
        used={
            date.fromisoformat(day): {int(pk): taken for pk, taken in points.items()}
            for day, points in (used or {}).items()
        },
    )
