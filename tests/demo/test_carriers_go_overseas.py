"""What goes to France overseas flies: later, by services of its own, at prices of its own."""

from collections.abc import Iterator

import pytest

from oms.core import clock
from oms.demo import configuring
from oms.demo.carriers import services_for
from oms.orchestration.baskets import Destination
from tests.orchestration.builders import a_channel, a_point, a_variant, lies
from tests.orchestration.conftest import MORNING
from tests.orchestration.test_a_delivery_is_promised import asked, by_mode

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _morning() -> Iterator[None]:
    with clock.set_clock(MORNING):
        yield


@pytest.mark.parametrize(("postcode", "least"), [("97400", 7), ("98800", 10)])
def test_a_parcel_overseas_takes_its_days_and_has_its_price(postcode: str, least: int) -> None:
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, a_point("WH-ORLEANS"), 5)
    configuring.carrier_services(services_for(()))
    every = by_mode(asked(channel, (shirt, 1), destination=Destination(country="FR", postcode=postcode)))
    # What no carrier does is left to the house, as everywhere.
    far = {mode: option for mode, option in every.items() if option.service != "house"}
    near = by_mode(asked(channel, (shirt, 1), destination=Destination(country="FR", postcode="29200")))
    assert {mode: option.service for mode, option in far.items()} == {
        "home": "outre-mer",
        "relay": "outre-mer",
        "express": "express-outre-mer",
    }
    assert (near["relay"].service, near["express"].service) == ("relay", "express")
    assert all(option.price > 10 for option in far.values())
    assert (far["home"].promised_on - near["home"].promised_on).days >= least - 3
    assert near["express"].promised_on < far["express"].promised_on < far["home"].promised_on
