"""Where a destination lies: its own coordinates, else its postcode's, else the middle of its country."""

from collections.abc import Iterable

from django.db import connection

from oms.orchestration.baskets import Destination
from oms.orchestration.countries import COUNTRIES
from oms.orchestration.errors import UnknownCountry
from oms.orchestration.models import Postcode
from oms.sourcing.facts import Destination as Place

_KNOWN = """
SELECT p.country, p.postcode, p.latitude, p.longitude
FROM unnest(%s::text[], %s::text[]) AS w (country, postcode)
JOIN orchestration_postcode p ON p.country = w.country AND p.postcode = w.postcode
"""


def places_for(destinations: Iterable[Destination]) -> dict[Destination, Place]:
    """Each destination with coordinates and a time zone, in at most one query.

    The zone is the one most people of the country live in: a promise is a date there. Raises
    `UnknownCountry`.
    """
    found = set(destinations)
    for destination in found:
        if destination.country not in COUNTRIES:
            raise UnknownCountry(f"{destination.country!r} is not a country's code.")
    known = _located({_key(each) for each in found if each.postcode and not _has_coordinates(each)})
    return {each: _place(each, known) for each in found}


def _key(destination: Destination) -> tuple[str, str]:
    return destination.country, Postcode.normalised(destination.postcode)


def _has_coordinates(destination: Destination) -> bool:
    return destination.latitude is not None and destination.longitude is not None


def _located(keys: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[float, float]]:
    if not keys:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_KNOWN, [[country for country, _ in keys], [postcode for _, postcode in keys]])
        return {(country, postcode): (lat, lon) for country, postcode, lat, lon in cursor.fetchall()}


def _place(destination: Destination, known: dict[tuple[str, str], tuple[float, float]]) -> Place:
    country = COUNTRIES[destination.country]
    latitude, longitude = destination.latitude, destination.longitude
    is_degraded = False
    if latitude is None or longitude is None:
        middle = (country.latitude, country.longitude)
        is_degraded = _key(destination) not in known
        latitude, longitude = known.get(_key(destination), middle)
    return Place(
        country=destination.country,
        timezone=country.timezone,
        postcode=Postcode.normalised(destination.postcode),
        latitude=latitude,
        longitude=longitude,
        is_degraded=is_degraded,
    )
