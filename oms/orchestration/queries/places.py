"""Where a destination lies: its own coordinates, else its postcode's, else the middle of its country."""

from collections.abc import Iterable, Mapping

from oms.orchestration.baskets import Destination
from oms.orchestration.countries import COUNTRIES
from oms.orchestration.errors import UnknownCountry
from oms.orchestration.models import Postcode
from oms.orchestration.queries.readings import PlaceKey
from oms.sourcing.facts import Destination as Place


def require_countries(destinations: Iterable[Destination]) -> None:
    """Raises `UnknownCountry`."""
    for destination in destinations:
        if destination.country not in COUNTRIES:
            raise UnknownCountry(f"{destination.country!r} is not a country's code.")


def postcodes_to_find(destinations: Iterable[Destination]) -> set[PlaceKey]:
    """Of those that do not say themselves where they lie."""
    return {_key(each) for each in destinations if each.postcode and not _has_coordinates(each)}


def place_for(destination: Destination, known: Mapping[PlaceKey, tuple[float, float]]) -> Place:
    """The destination with coordinates, and the time zone most people of its country live in: a
    promise is a date there."""
    country = COUNTRIES[destination.country]
    latitude, longitude = destination.latitude, destination.longitude
    is_degraded = False
    if latitude is None or longitude is None:
        is_degraded = _key(destination) not in known
        latitude, longitude = known.get(_key(destination), (country.latitude, country.longitude))
    return Place(
        country=destination.country,
        timezone=country.timezone,
        postcode=Postcode.normalised(destination.postcode),
        latitude=latitude,
        longitude=longitude,
        is_degraded=is_degraded,
    )


def _key(destination: Destination) -> PlaceKey:
    return destination.country, Postcode.normalised(destination.postcode)


def _has_coordinates(destination: Destination) -> bool:
    return destination.latitude is not None and destination.longitude is not None
