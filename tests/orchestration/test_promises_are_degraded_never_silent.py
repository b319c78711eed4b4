"""What is not known makes an answer wider and later, and says so; it never makes it earlier than can be kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from oms.core import clock
from oms.core.models import User
from oms.orchestration.baskets import BasketLine, Destination
from oms.orchestration.promises import Enquiry
from oms.orchestration.queries import networks
from oms.orchestration.services.promising import delivery_options
from stock.models import SalesChannel, Variant
from tests.factories.retailer import LYON, PARIS, Json, Retailer, answered, open_retailer
from tests.orders.punctual import POST
from tests.support.concurrently import Elsewhere
from tests.support.locking import locked

NOW = datetime(2026, 5, 5, 8, tzinfo=UTC)  # a Tuesday, 10:00 in Paris
ZONES = [{"code": "near", "countries": ["FR"], "postcode_prefixes": ["59"]}, {"code": "far", "countries": ["FR"]}]
COSTS = [{"zone": "near", "amount": "3.10"}, {"zone": "far", "amount": "5.10"}]


@contextmanager
def opened() -> Iterator[Retailer]:
    with clock.set_clock(NOW):
        retailer = open_retailer()
        retailer.add_points(["paris"], **PARIS)
        retailer.add_points(["lyon"], **LYON)
        retailer.add_articles(["shirt"])
        retailer.report("receipt", {("shirt", "paris"): 5})
        places = [{"country": "FR", "postcode": "59800", "latitude": 50.64, "longitude": 3.06}]
        places += [{"country": "FR", "postcode": "33000", "latitude": 44.84, "longitude": -0.58}]
        answered(retailer.api.put("/postcodes/", places), 200)
        yield retailer


@pytest.fixture
def retailer(db: None) -> Iterator[Retailer]:
    with opened() as found:
        yield found


def carrier(retailer: Retailer, **values: Any) -> None:
    row = POST | {"zones": ZONES, "transit_days": {"near": 1, "far": 3}, "cost_table": COSTS, "price_table": []}
    assert answered(retailer.api.put("/carrier-services/", [row | values]), 200)["errors"] == []


def asked(retailer: Retailer, postcode: str) -> Json:
    body = {"channel": retailer.channel, "lines": [{"sku": "shirt", "quantity": 1}]}
    return answered(
        retailer.api.post("/delivery-promises/", body | {"destination": {"country": "FR", "postcode": postcode}}), 200
    )


def home(quote: Json) -> Json:
    return next(option for option in quote["options"] if option["mode"] == "home")


def days(option: Json) -> tuple[str, str]:
    return option["promised_from"], option["promised_on"]


# --- An unknown postcode -------------------------------------------------------------------------


def test_an_unknown_postcode_is_wider_and_later_by_the_house(retailer: Retailer) -> None:
    known, unknown = asked(retailer, "33000"), asked(retailer, "33999")
    assert (known["degraded"], unknown["degraded"]) == (False, True)
    assert home(unknown)["promised_on"] > home(known)["promised_on"]
    assert home(unknown)["promised_from"] < home(unknown)["promised_on"]


def test_an_unknown_postcode_may_lie_in_the_farthest_zone(retailer: Retailer) -> None:
    corsica = [*ZONES, {"code": "corsica", "countries": ["FR"], "postcode_prefixes": ["20"]}]
    carrier(
        retailer,
        zones=corsica,
        transit_days={"near": 1, "far": 3, "corsica": 5},
        cost_table=[*COSTS, {"zone": "corsica", "amount": "9.00"}],
    )
    assert days(home(asked(retailer, "33000"))) == ("2026-05-08", "2026-05-08")
    assert days(home(asked(retailer, "33999"))) == ("2026-05-08", "2026-05-12")
    # The postcode itself names its zone: no place is needed to know the day.
    assert days(home(asked(retailer, "59999"))) == ("2026-05-06", "2026-05-06")


# --- A carrier's table is missing -----------------------------------------------------------------


@pytest.mark.parametrize(
    "missing",
    [
        {"cost_table": COSTS[:1]},
        {"transit_days": {"near": 1}},
        {"cost_table": []},
    ],
)
def test_a_missing_table_is_told_and_guessed_on_the_late_side(retailer: Retailer, missing: Json) -> None:
    by_house = asked(retailer, "33000")
    carrier(retailer)
    assert asked(retailer, "33000")["degraded"] is False
    carrier(retailer, **missing)
    quote = asked(retailer, "33000")
    assert (quote["degraded"], home(quote)["degraded"], home(quote)["service"]) == (True, True, "house")
    assert home(quote)["promised_from"] == home(by_house)["promised_on"]
    assert home(quote)["promised_on"] > home(by_house)["promised_on"]


def test_without_its_prices_a_slow_carrier_is_not_taken_for_a_quick_one(retailer: Retailer) -> None:
    slow = {"transit_days": {"near": 1, "far": 9}}
    carrier(retailer, **slow)
    priced = home(asked(retailer, "33000"))
    carrier(retailer, **slow, cost_table=COSTS[:1])
    unpriced = home(asked(retailer, "33000"))
    assert (priced["degraded"], unpriced["degraded"]) == (False, True)
    assert unpriced["promised_on"] >= priced["promised_on"]


def test_a_zone_without_days_is_not_served_in_those_of_another(retailer: Retailer) -> None:
    """Without its own days the near zone would silently get those of the country, or the other way round."""
    carrier(retailer, transit_days={"far": 3})
    quote = asked(retailer, "59800")
    assert (quote["degraded"], home(quote)["service"]) == (True, "house")
    assert asked(retailer, "33000")["degraded"] is False


def test_what_another_carrier_serves_is_no_guess(retailer: Retailer) -> None:
    carrier(retailer, cost_table=[])
    other = POST | {"service": "other", "cost_table": [{"zone": "fr", "amount": "7.00"}]}
    answered(retailer.api.put("/carrier-services/", [other]), 200)
    quote = asked(retailer, "33000")
    assert (quote["degraded"], home(quote)["service"]) == (False, "other")


def test_an_order_that_was_guessed_for_says_so(retailer: Retailer) -> None:
    carrier(retailer, cost_table=[])
    address = {"line1": "1 rue", "postcode": "33000", "city": "Bordeaux", "country": "FR"}
    order = retailer.place(
        {"shirt": 1}, shipping_address=address, promise_token=home(asked(retailer, "33000"))["token"]
    )
    assert order["promise"]["degraded"] is True


# --- A slow database ------------------------------------------------------------------------------


@pytest.fixture
def impatient(transactional_db: None, settings: Any) -> Iterator[Retailer]:
    settings.PROMISE_STATEMENT_MS = 150
    with opened() as found:
        carrier(found)
        yield found


def test_stock_that_cannot_be_read_in_time_gives_a_wider_later_answer(impatient: Retailer) -> None:
    sure = home(asked(impatient, "33000"))
    with locked("stock_stocklevel"):
        quote = asked(impatient, "33000")
    about = home(quote)
    assert quote["degraded"] is True
    assert (about["degraded"], about["token"], about["parcels"]) == (True, None, [])
    assert about["promised_from"] <= sure["promised_from"]
    assert about["promised_on"] >= sure["promised_on"]
    assert about["cut_off_at"] == "2026-05-05T08:30:00Z"
    assert float(about["price"]) >= float(sure["price"])
    again = asked(impatient, "33000")
    assert (again["degraded"], home(again)["token"] is not None) == (False, True)


def test_without_the_limit_the_answer_would_wait(impatient: Retailer) -> None:
    """The negative control: it is the limit that answers, not the lock that lets go."""
    variant, channel = Variant.objects.get(), SalesChannel.objects.get(code=impatient.channel)
    enquiry = Enquiry(channel.pk, (BasketLine("1", variant.pk, 1),), Destination("FR", "33000"))
    with ExitStack() as held:
        held.enter_context(locked("stock_stocklevel"))
        with Elsewhere(lambda: delivery_options(enquiry=enquiry)) as other:
            asked(impatient, "33000")
            assert not other.is_done
            held.close()
    assert other.result() is not None


def test_the_network_is_the_one_known_last(impatient: Retailer) -> None:
    sure = home(asked(impatient, "33000"))
    with locked("stock_stocklevel", "stock_networkversion"):
        quote = asked(impatient, "33000")
    # Not even the place can be read: it may lie anywhere in the country.
    assert home(quote)["promised_on"] >= sure["promised_on"]
    assert quote["degraded"] is True


def test_where_nothing_is_known_nothing_is_promised(impatient: Retailer) -> None:
    body = {"channel": impatient.channel, "lines": [{"sku": "shirt", "quantity": 1}]}
    body["destination"] = {"country": "FR", "postcode": "33000"}
    networks._latest.clear()
    with locked("stock_networkversion"):
        refusal = answered(impatient.api.post("/delivery-promises/", body), 503)
    assert refusal["code"] == "too_slow"
    with locked("stock_variant"):
        assert answered(impatient.api.post("/delivery-promises/", body), 503)["code"] == "too_slow"
    assert home(asked(impatient, "33000"))["token"]


def test_the_connection_waits_again_as_before(impatient: Retailer) -> None:
    def patience() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return str(cursor.fetchone()[0])

    before = patience()
    asked(impatient, "33000")
    with locked("stock_stocklevel"):
        asked(impatient, "33000")
    assert patience() == before


def test_the_simulator_waits_no_longer_and_says_so(impatient: Retailer) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("office", "office@example.org", "secret"))
    channel = SalesChannel.objects.get(code=impatient.channel)
    asked_for = {"channel": channel.pk, "sku": "shirt", "quantity": 1, "country": "FR", "postcode": "33000"}
    for table in ("stock_stocklevel", "stock_variant"):
        with locked(table):
            page = client.get(reverse("admin:promise-simulator"), asked_for)
        assert page.context["simulation"] is None
        assert "did not answer within 150 ms" in page.content.decode()
    assert client.get(reverse("admin:promise-simulator"), asked_for).context["simulation"].options
