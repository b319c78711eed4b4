"""Its own coordinates, else its postcode's, else the middle of its country, and then it is marked."""

import pytest

from oms.orchestration.baskets import Destination
from oms.orchestration.countries import COUNTRIES
from oms.orchestration.errors import UnknownCountry
from oms.orchestration.models import Postcode
from oms.orchestration.services.planning import plan_basket
from tests.orchestration.builders import a_basket, a_channel, a_point, a_variant, lies

pytestmark = pytest.mark.django_db


@pytest.fixture
def placed():
    shirt, channel = a_variant("SHIRT"), a_channel()
    lies(shirt, a_point("depot"), 9)

    def found(destination):
        plan = plan_basket(basket=a_basket(channel, (shirt, 1), destination=destination), trigger="order.placed")
        return plan.run.facts.destination, plan.is_degraded

    return found


def test_given_coordinates_are_taken(placed):
    Postcode.objects.create(country="FR", postcode="75001", latitude=1, longitude=2)
    place, is_degraded = placed(Destination("FR", "75001", 48.86, 2.34))
    assert (place.latitude, place.longitude, place.timezone, is_degraded) == (48.86, 2.34, "Europe/Paris", False)


def test_a_known_postcode_gives_its_own_however_it_is_spelt(placed):
    Postcode.objects.create(country="GB", postcode="SW1A1AA", latitude=51.5, longitude=-0.14)
    place, is_degraded = placed(Destination("GB", "sw1a 1aa"))
    assert (place.latitude, place.longitude, place.postcode) == (51.5, -0.14, "SW1A1AA")
    assert (place.timezone, is_degraded) == ("Europe/London", False)


def test_the_same_postcode_of_another_country_is_another_place(placed):
    Postcode.objects.create(country="DE", postcode="75001", latitude=1, longitude=2)
    assert placed(Destination("FR", "75001"))[1] is True


def test_an_unknown_postcode_is_accepted_in_the_middle_of_the_country_and_marked(placed):
    place, is_degraded = placed(Destination("FR", "99999"))
    assert (place.latitude, place.longitude, is_degraded) == (46.5, 2.5, True)
    assert placed(Destination("FR"))[1] is True


@pytest.mark.parametrize("country", ["ZZ", "fr", "", "FRA"])
def test_what_is_not_a_country_is_refused(placed, country):
    with pytest.raises(UnknownCountry):
        placed(Destination(country, "75001"))


def test_every_country_lies_on_earth_and_has_a_zone_the_machine_knows():
    from zoneinfo import ZoneInfo

    assert len(COUNTRIES) == 250
    for code, country in COUNTRIES.items():
        assert len(code) == 2 and code.isupper()
        assert -90 <= country.latitude <= 90 and -180 <= country.longitude <= 180
        assert ZoneInfo(country.timezone).key == country.timezone
