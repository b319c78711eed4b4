"""What is too large, too far or barred goes by another service; own couriers have hours; factors have a source."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from oms.core import clock
from oms.orchestration.admin.carriers import CarrierServiceResource
from oms.orchestration.admin.reference import PostcodeResource
from oms.orchestration.models import CarrierService, Postcode
from tests.factories.retailer import LYON, PARIS, Json, Retailer, answered, open_retailer

pytestmark = pytest.mark.django_db

LILLE = {"country": "FR", "postcode": "59800"}
POST: Json = {
    "carrier": "post", "service": "post-home", "modes": ["home"], "working_days": [1, 2, 3, 4, 5], "currency": "EUR",
    "zones": [{"code": "FR", "countries": ["FR"]}, {"code": "corse", "countries": ["FR"], "postcode_prefixes": ["20"]}],
    "transit_days": {"FR": 1, "corse": 3}, "stock_points": "all",
    "cost_table": [{"zone": "FR", "amount": "3.10"}, {"zone": "corse", "amount": "9.10"}],
}  # fmt: skip


@pytest.fixture
def retailer() -> Iterator[Retailer]:
    with clock.set_clock(datetime(2026, 5, 5, 8, tzinfo=UTC)):
        found = open_retailer()
        found.add_points(["paris"], **PARIS)
        found.add_articles(["shirt", "spray"])
        found.report("receipt", {("shirt", "paris"): 20, ("spray", "paris"): 20})
        yield found


def put(retailer: Retailer, **change: Json) -> Json:
    return answered(retailer.api.put("/carrier-services/", [POST | change]), 200)


def option(retailer: Retailer, sku: str = "shirt", *, mode: str = "home", **there: str) -> Json:
    body = {"channel": "web", "destination": LILLE | there, "lines": [{"sku": sku, "quantity": 1}]}
    quote = answered(retailer.api.post("/delivery-promises/", body), 200)
    return next(each for each in quote["options"] if each["mode"] == mode)


def test_what_is_too_long_or_too_wide_goes_by_another_service(retailer: Retailer) -> None:
    retailer.api.put_rows("/variants/", [{"sku": "shirt", "length_mm": 700, "width_mm": 300, "height_mm": 200}])
    put(retailer, max_length_mm=700, max_girth_mm=1700)
    assert option(retailer)["service"] == "post-home"
    put(retailer, max_length_mm=699)
    assert option(retailer)["service"] == "house"
    put(retailer, max_length_mm=None, max_girth_mm=1699)
    assert option(retailer)["service"] == "house"
    assert option(retailer, "spray")["service"] == "post-home"  # its size is not known


def test_what_is_barred_from_a_lane_goes_by_another_service(retailer: Retailer) -> None:
    put(retailer, barred=[{"zones": ["corse"], "skus": ["spray"]}])
    assert option(retailer, "spray")["service"] == "post-home"
    assert option(retailer, "spray", postcode="20000")["service"] == "house"
    assert option(retailer, "shirt", postcode="20000")["service"] == "post-home"
    put(retailer, barred=[{"categories": ["shirts"]}])
    category = CarrierService.objects.get().barred[0]["categories"]
    assert category == ["shirts"]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"barred": [{"zones": ["mars"], "skus": ["spray"]}]}, "There is no zone mars."),
        ({"barred": [{"zones": ["FR"]}]}, "names a category or a SKU"),
        ({"slots": [["20:00", "18:00"]]}, "end after they start"),
        ({"slots": [["18:00", "20:00"], ["19:00", "21:00"]]}, "follow one another"),
        ({"slots": [["18h", "20h"]]}, "slots"),
    ],
)
def test_limits_that_make_no_sense_are_refused(retailer: Retailer, change: Json, text: str) -> None:
    result = put(retailer, **change)
    assert (result["created"], text in result["errors"][0]["detail"]) == (0, True)


def test_an_own_courier_comes_in_hours_within_its_reach(retailer: Retailer) -> None:
    retailer.add_points(["lyon"], **LYON)
    eleventh = {"country": "FR", "postcode": "75011", "latitude": 48.86, "longitude": 2.38}
    presquile = {"country": "FR", "postcode": "69002", "latitude": 45.75, "longitude": 4.83}
    retailer.api.put_rows("/postcodes/", [eleventh, presquile])
    own = {"carrier": "own", "service": "courier", "modes": ["slot"], "max_km": 15, "working_days": [1, 2, 3, 4, 5, 6]}
    put(retailer, **own, slots=[["08:00", "10:00"], ["18:00", "20:00"]], stock_points=["paris"])
    near = option(retailer, mode="slot", postcode="75011")
    assert (near["service"], near["promised_on"]) == ("courier", "2026-05-06")
    assert near["slots"][:2] == [
        {"from": "2026-05-06T06:00:00Z", "to": "2026-05-06T08:00:00Z"},
        {"from": "2026-05-06T16:00:00Z", "to": "2026-05-06T18:00:00Z"},
    ]
    assert len(near["slots"]) == 12  # six working days of a week
    far = option(retailer, mode="slot", postcode="69002")
    assert (far["service"], far["slots"]) == ("house", [])
    address = {"line1": "1 rue", "postcode": "75011", "city": "Paris", "country": "FR"}
    body = retailer.order_body({"shirt": 1}, mode="slot", promise_token=near["token"], shipping_address=address)
    early = {"from": "2026-05-05T16:00:00Z", "to": "2026-05-05T18:00:00Z"}
    refusal = answered(retailer.api.post("/orders/", body | {"slot": early}), 422)
    assert refusal["errors"]["promise_token"] == ["This slot is before the promised day."]
    order = answered(retailer.api.post("/orders/", body | {"slot": near["slots"][1]}), 201)
    assert order["promise"]["service"] == "courier"


def test_emissions_are_those_of_the_service_by_the_documented_formula(retailer: Retailer) -> None:
    retailer.api.put_rows("/variants/", [{"sku": "shirt", "weight_g": 850}])
    put(retailer, emission_g_per_t_km="80", emission_g_per_parcel="35", emission_source="the carrier's report, 2025")
    found = option(retailer, latitude="48.88", longitude="2.33")
    km = 200
    put(retailer, emission_g_per_parcel="0")
    assert found["co2e_g"] - option(retailer, latitude="48.88", longitude="2.33")["co2e_g"] == 35
    assert found["co2e_g"] <= 35 + round(0.001 * 80 * 3 * km)


def test_services_and_postcodes_are_read_as_they_are_written(retailer: Retailer) -> None:
    put(retailer, barred=[{"zones": ["corse"], "skus": ["spray"]}], slots=[["18:00", "20:00"]], emission_source="GLEC")
    (row,) = answered(retailer.api.get("/carrier-services/"), 200)["results"]
    assert answered(retailer.api.put("/carrier-services/", [row]), 200)["unchanged"] == 1
    place = {"country": "FR", "postcode": "59800", "latitude": 50.63, "longitude": 3.06}
    retailer.api.put_rows("/postcodes/", [place])
    assert place in answered(retailer.api.get("/postcodes/"), 200)["results"]


def test_services_and_postcodes_go_out_and_come_in_as_csv(retailer: Retailer, admin_client: Client) -> None:
    put(
        retailer, barred=[{"skus": ["spray"]}], emission_source="GLEC Framework 3.1", stock_points=["paris"],
        closed_on=["2026-05-25"], slots=[["18:00", "20:00"]],
    )  # fmt: skip
    for name, resource in (("carrierservice", "CarrierServiceResource"), ("postcode", "PostcodeResource")):
        page = admin_client.get(reverse(f"admin:orchestration_{name}_export"))
        assert page.status_code == 200, resource
    told = CarrierServiceResource().export()
    CarrierService.objects.all().delete()
    assert not CarrierServiceResource().import_data(told, raise_errors=True).has_errors()
    again = CarrierService.objects.get()
    assert (again.emission_source, again.barred[0]["skus"]) == ("GLEC Framework 3.1", ["spray"])
    assert (again.closed_on, again.slots, again.price_table) == ([date(2026, 5, 25)], [["18:00", "20:00"]], [])
    assert [point.code for point in again.stock_points.all()] == ["paris"]
    before = set(Postcode.objects.values_list("country", "postcode", "latitude"))
    places = PostcodeResource().export()
    Postcode.objects.all().delete()
    assert not PostcodeResource().import_data(places, raise_errors=True).has_errors()
    assert set(Postcode.objects.values_list("country", "postcode", "latitude")) == before


def test_an_empty_table_is_an_empty_cell_also_in_the_preview(db: None) -> None:
    """A preview that wrote `None` would be taken for a value."""
    field = CarrierServiceResource().fields["price_table"]
    assert field.widget.render([], None) == ""
    assert field.widget.render([{"zone": "fr"}], None) == '[{"zone": "fr"}]'
