"""Carriers' services by the API, and what they change: the day, the price, the cost; and where the house goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from oms.core import clock
from oms.orchestration.models import CarrierService, SourcingRun
from oms.orchestration.queries.runs import StoredRun
from tests.factories.clients import api_client, signing_peer
from tests.factories.retailer import LYON, PARIS, Json, Retailer, answered, open_retailer

pytestmark = pytest.mark.django_db

LILLE = {"country": "FR", "postcode": "59800"}
POST: Json = {
    "carrier": "post",
    "service": "post-home",
    "modes": ["home"],
    "zones": [
        {"code": "near", "countries": ["FR"], "postcode_prefixes": ["59", "62"]},
        {"code": "far", "countries": ["FR"]},
    ],
    "cut_off": "17:00",
    "working_days": [1, 2, 3, 4, 5],
    "transit_days": {"near": 1, "far": 3},
    "price_table": [{"zone": "near", "up_to_g": 1000, "amount": "4.90"}, {"zone": "near", "amount": "9.90"}],
    "cost_table": [
        {"zone": "near", "up_to_g": 1000, "amount": "3.10"},
        {"zone": "near", "up_to_g": 5000, "amount": "6"},
    ],
    "max_weight_g": 30000,
    "emission_g_per_t_km": "80",
    "currency": "EUR",
    "stock_points": "all",
}


@pytest.fixture
def retailer() -> Iterator[Retailer]:
    with clock.set_clock(datetime(2026, 5, 5, 8, tzinfo=UTC)):
        found = open_retailer()
        found.add_points(["paris"], **PARIS, handling_cost="1.00")
        found.add_articles(["shirt"])
        found.report("receipt", {("shirt", "paris"): 20})
        yield found


def put(retailer: Retailer, *rows: Json) -> Json:
    return answered(retailer.api.put("/carrier-services/", list(rows)), 200)


def home(retailer: Retailer, units: int = 1, **there: str) -> Json:
    body = {"channel": "web", "destination": LILLE | there, "lines": [{"sku": "shirt", "quantity": units}]}
    quote = answered(retailer.api.post("/delivery-promises/", body), 200)
    return next(option for option in quote["options"] if option["mode"] == "home")


def test_services_are_created_changed_and_left_as_they_are(retailer: Retailer) -> None:
    assert put(retailer, POST) == {"created": 1, "updated": 0, "unchanged": 0, "errors": []}
    assert put(retailer, POST) == {"created": 0, "updated": 0, "unchanged": 1, "errors": []}
    changed = {"carrier": "post", "service": "post-home", "stock_points": ["paris"]}
    assert put(retailer, changed)["updated"] == 1
    row = CarrierService.objects.get()
    assert (row.collects_everywhere, [point.code for point in row.stock_points.all()]) == (False, ["paris"])
    assert row.transit_days == {"near": 1, "far": 3}


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"transit_days": {"nowhere": 1}}, "invalid", "There is no zone nowhere."),
        ({"price_table": [{"zone": "nowhere", "up_to_g": 1, "amount": "1"}]}, "invalid", "There is no zone nowhere."),
        ({"modes": ["pickup"]}, "invalid", "not a valid choice"),
        ({"modes": []}, "invalid", "modes"),
        ({"zones": []}, "invalid", "zones"),
        ({"stock_points": ["atlantis"]}, "unknown_stock_point", "atlantis"),
        ({"currency": None}, "invalid", "currency"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_alone(retailer: Retailer, change: Json, code: str, text: str) -> None:
    result = put(retailer, POST, POST | {"service": "other"} | change)
    assert (result["created"], [each["index"] for each in result["errors"]]) == (1, [1])
    assert result["errors"][0]["code"] == code
    assert text in result["errors"][0]["detail"]


def test_only_who_configures_may_write_services() -> None:
    assert api_client("stock:read").put("/carrier-services/", [POST]).status_code == 403


def test_a_carriers_service_gives_day_price_and_cost(retailer: Retailer) -> None:
    before = home(retailer)
    put(retailer, POST)
    option = home(retailer)
    assert (before["service"], option["service"]) == ("house", "post-home")
    assert (option["price"], option["cost"]) == ("4.90", "4.10")
    assert (option["promised_on"], option["cut_off_at"]) == ("2026-05-06", "2026-05-05T15:00:00Z")
    assert option["co2e_g"] < before["co2e_g"]
    heavier = home(retailer, 3)
    assert (heavier["price"], heavier["cost"]) == ("9.90", "7.00")


def test_what_no_service_covers_goes_by_the_house(retailer: Retailer) -> None:
    put(retailer, POST)
    assert home(retailer, postcode="75004")["service"] == "house"  # a zone without a cost table
    assert home(retailer, 12)["service"] == "house"  # heavier than the table
    assert home(retailer, country="BE", postcode="1000")["service"] == "house"
    retailer.add_points(["lyon"], **LYON)
    put(retailer, {"carrier": "post", "service": "post-home", "stock_points": ["lyon"]})
    assert home(retailer)["service"] == "house"


def test_the_better_of_two_services_is_chosen(retailer: Retailer) -> None:
    cheap = POST | {"service": "slow", "transit_days": {"near": 4}}
    cheap |= {"cost_table": [{"zone": "near", "amount": "1.00"}], "price_table": []}
    put(retailer, POST, cheap)
    assert home(retailer)["service"] == "post-home"  # three days later at two euros a day is dearer
    put(retailer, cheap | {"transit_days": {"near": 2}, "cost_table": [{"zone": "near", "amount": "0.50"}]})
    assert home(retailer)["service"] == "slow"


def test_nothing_is_promised_for_a_public_holiday(retailer: Retailer) -> None:
    put(retailer, POST | {"holidays": "FR", "transit_days": {"near": 3}})
    # The Friday after Tuesday 5 May 2026 is 8 May, a holiday; Saturday and Sunday are no working days.
    assert home(retailer)["promised_on"] == "2026-05-11"


def test_an_order_keeps_the_promised_service_and_pays_its_price(retailer: Retailer) -> None:
    put(retailer, POST)
    option = home(retailer)
    order = retailer.place({"shirt": 1}, promise_token=option["token"])
    assert (order["shipping"], order["total"], order["promise"]["service"]) == ("4.90", "14.90", "post-home")
    assert StoredRun(SourcingRun.objects.get(reference=order["number"])).is_repeated_identically()
    assert retailer.one_work(order["number"])["due_at"] is not None


def test_an_order_without_a_promise_pays_the_services_price_too(retailer: Retailer) -> None:
    put(retailer, POST)
    order = retailer.place({"shirt": 1})
    assert (order["shipping"], order["total"], order["promise"]["price"]) == ("4.90", "14.90", "4.90")
    wrong = [{"gateway": "simulated", "method": "card", "amount": "10.00"}]
    refusal = answered(retailer.api.post("/orders/", retailer.order_body({"shirt": 1}, payments=wrong)), 422)
    assert (refusal["code"], refusal["data"]["total"]) == ("wrong_total", "14.90")
    assert retailer.place({"shirt": 1}, shipping_price="0.00")["total"] == "10.00"


def test_the_parcel_is_the_planned_carriers_who_tells_where_it_is(retailer: Retailer) -> None:
    put(retailer, POST)
    number = retailer.place({"shirt": 1})["number"]
    sent = retailer.ship(retailer.one_work(number))
    (parcel,) = sent["parcels"]
    assert parcel["carrier"] == "post"
    event = {"event_id": "scan-1", "tracking_number": parcel["tracking_number"], "kind": "delivered"}
    answered(signing_peer("post").post("/carriers/post/events/", event | {"occurred_at": clock.now().isoformat()}), 200)
    assert {state for *_, state in retailer.slices(number)} == {"delivered"}
