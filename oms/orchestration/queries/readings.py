"""What is configured and counted at this moment, in one statement on the way of every decision."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from oms.core.prepared import prepared_cursor

PlaceKey = tuple[str, str]
"""(country, normalised postcode)."""
UseKey = tuple[int, date, int | None]
# A stock point that is closed for longer has no opening hour that anybody takes yet.
LONGEST_CLOSED = timedelta(days=14)

# The columns of a `Reading`, for a SELECT of one row.
READING: Final = """
       (SELECT version FROM stock_networkversion),
       ARRAY(SELECT published_version_id FROM orchestration_ruleset
             WHERE published_version_id IS NOT NULL ORDER BY priority, code),
       (SELECT json_agg(json_build_array(p.country, p.postcode, p.latitude, p.longitude))
        FROM unnest(%(countries)s::text[], %(postcodes)s::text[]) AS w (country, postcode)
        JOIN orchestration_postcode p ON p.country = w.country AND p.postcode = w.postcode),
       (SELECT json_agg(json_build_array(stock_point_id, "on", hour, used)) FROM orchestration_capacityuse
        WHERE "on" BETWEEN %(from)s AND %(until)s AND used > 0)
"""


@dataclass(frozen=True, slots=True)
class Reading:
    """`network_version` None: nothing is configured yet. `rule_versions`: ids of the published versions,
    the first to be asked first. `used`: orders taken, by stock point, day and opening hour (None: of the day)."""

    network_version: UUID | None
    rule_versions: tuple[int, ...]
    places: Mapping[PlaceKey, tuple[float, float]]
    used: Mapping[UseKey, int]


def reading_at(now: datetime, *, postcodes: Collection[PlaceKey] = ()) -> Reading:
    """`used` covers the days it can be anywhere on Earth at that moment, and those of the opening hours to come."""
    with prepared_cursor() as cursor:
        cursor.execute(f"SELECT {READING}", reading_parameters(now, postcodes))
        return reading_of(*cursor.fetchone())


def reading_parameters(now: datetime, postcodes: Collection[PlaceKey]) -> dict[str, list[str] | date]:
    return {
        "countries": [country for country, _ in postcodes],
        "postcodes": [postcode for _, postcode in postcodes],
        "from": now.date() - timedelta(days=1),
        "until": now.date() + LONGEST_CLOSED,
    }


def reading_of(
    version: UUID | None,
    rule_versions: Iterable[int],
    places: Iterable[tuple[str, str, float, float]] | None,
    used: Iterable[tuple[int, str, int | None, int]] | None,
) -> Reading:
    """From the columns of `READING`."""
    return Reading(
        network_version=version,
        rule_versions=tuple(rule_versions),
        places={(country, postcode): (lat, lon) for country, postcode, lat, lon in places or ()},
        used={(point, date.fromisoformat(day), hour): taken for point, day, hour, taken in used or ()},
    )
