"""Learning where postcodes are."""

from collections.abc import Sequence

from django.db import connection, transaction
from django.utils.translation import gettext_noop

from oms.core.bulk import BulkResult, Row
from oms.core.retrying import retry_on_conflict
from oms.orchestration.countries import COUNTRIES
from oms.orchestration.models import Postcode

_UPSERT = """
INSERT INTO orchestration_postcode AS p (country, postcode, latitude, longitude)
SELECT * FROM unnest(%s::text[], %s::text[], %s::float8[], %s::float8[]) AS w (country, postcode, latitude, longitude)
ORDER BY country, postcode
ON CONFLICT (country, postcode) DO UPDATE SET latitude = excluded.latitude, longitude = excluded.longitude
WHERE (p.latitude, p.longitude) IS DISTINCT FROM (excluded.latitude, excluded.longitude)
RETURNING xmax = 0
"""


@retry_on_conflict
@transaction.atomic
def save_postcodes(*, rows: Sequence[Row]) -> BulkResult:
    """Create or correct postcodes in one statement. Two spellings of one postcode are one row: the
    second is refused, as is a country that does not exist."""
    result = BulkResult()
    places: dict[tuple[str, str], Row] = {}
    for row in rows:
        key = row["country"], Postcode.normalised(row["postcode"])
        if row["country"] not in COUNTRIES:
            result.refuse(row.index, "unknown_country", f"{row['country']} is not a country's code.")
        elif key in places:
            result.refuse(
                row.index, "duplicate_row", gettext_noop("An earlier row of this request names the same postcode.")
            )
        else:
            places[key] = row
    if places:
        _upsert(places, result)
    return result


def _upsert(places: dict[tuple[str, str], Row], result: BulkResult) -> None:
    columns = [
        [country for country, _ in places],
        [postcode for _, postcode in places],
        [row["latitude"] for row in places.values()],
        [row["longitude"] for row in places.values()],
    ]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, columns)
        inserted = [row[0] for row in cursor.fetchall()]
    result.created = sum(inserted)
    result.updated = len(inserted) - result.created
    result.unchanged = len(places) - len(inserted)
