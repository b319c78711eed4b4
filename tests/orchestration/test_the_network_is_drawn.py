"""The map of the network: points where they lie, the zones of a service around their postcodes, lanes between."""

from __future__ import annotations

from datetime import time

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.orchestration.models import CarrierService, PickUpTimes, Postcode
from oms.orchestration.queries.network_maps import NetworkMap, OwnTimes, outline_of
from tests.orchestration.builders import a_point

pytestmark = pytest.mark.django_db


@pytest.fixture
def service() -> CarrierService:
    places = [
        ("59800", 50.6, 3.1),
        ("62000", 50.3, 2.8),
        ("13001", 43.3, 5.4),
        ("06000", 43.7, 7.3),
        ("20000", 41.9, 8.7),
    ]
    Postcode.objects.bulk_create(
        Postcode(country="FR", postcode=code, latitude=lat, longitude=lon) for code, lat, lon in places
    )
    return CarrierService.objects.create(
        carrier="post",
        service="parcel",
        modes=["home"],
        zones=[{"code": "all", "countries": ["FR"]}, {"code": "north", "postcode_prefixes": ["59", "620"]}],
        transit_days={"all": 2, "north": 1},
        currency="EUR",
    )


def drawn(client: Client, **query: str) -> NetworkMap:
    found: NetworkMap = client.get(reverse("admin:network-map"), query).context["map"]
    return found


def test_points_zones_and_lanes_are_where_they_lie(admin_client: Client, service: CarrierService) -> None:
    a_point("paris")
    a_point("nice", kind="store", lat=43.7, lon=7.3, is_active=False)
    a_point("nowhere", lat=None, lon=None)
    found = drawn(admin_client)
    marks = {mark.code: mark for mark in found.points}
    towns = {town.name: town for town in found.ground.towns}
    assert len(found.ground.outlines) == 2
    assert towns["Lille"].y < towns["Marseille"].y and "Paris" not in towns  # a point's own name stands there
    assert (set(marks), found.unplaced) == ({"paris", "nice"}, 1)
    assert marks["paris"].y < marks["nice"].y and marks["paris"].x < marks["nice"].x
    assert (marks["paris"].is_open, marks["nice"].is_open) == (True, False)
    zones = {zone.code: zone for zone in found.zones}
    assert {code: zone.days for code, zone in zones.items()} == {"all": 2, "north": 1}
    assert zones["north"].y < zones["all"].y
    assert {lane.name for lane in found.lanes} == {
        f"{point} → {zone}" for point in ("paris", "nice") for zone in ("all", "north")
    }
    assert all(0 <= mark.x <= found.width and 0 <= mark.y <= found.height for mark in found.points)


def test_only_where_the_service_collects_do_lanes_begin(admin_client: Client, service: CarrierService) -> None:
    service.collects_everywhere = False
    service.save()
    service.stock_points.add(a_point("paris"))
    a_point("lyon", lat=45.8, lon=4.8)
    assert {lane.name for lane in drawn(admin_client, service="parcel").lanes} == {"paris → all", "paris → north"}
    assert drawn(admin_client, service="gone").zones == ()


def test_carriers_own_pick_up_times_of_a_stock_point_are_told(admin_client: Client, service: CarrierService) -> None:
    paris = a_point("paris")
    a_point("nice", kind="store", lat=43.7, lon=7.3)
    PickUpTimes.objects.create(
        carrier_service=service, stock_point=paris, mon=[time(12), time(18)], tue=[time(12), time(18)]
    )
    marks = {mark.code: mark.pick_ups for mark in drawn(admin_client).points}
    assert marks == {"paris": (OwnTimes("parcel", "Mon–Tue 12:00, 18:00"),), "nice": ()}
    page = admin_client.get(reverse("admin:network-map")).content.decode()
    assert f"{paris.name} (paris)\nParcel: Mon–Tue 12:00, 18:00</title>" in page
    assert "<td>Mon–Tue 12:00, 18:00</td>" in page


def test_a_name_never_lies_upon_another_point(admin_client: Client, service: CarrierService) -> None:
    for code, lat, lon in (("left", 48.9, 2.4), ("right", 48.9, 2.6), ("south", 43.0, 2.4)):
        a_point(code, lat=lat, lon=lon)
    named = {mark.code: mark for mark in drawn(admin_client, service="none").points}
    assert [(named[code].label, named[code].is_label_left) for code in ("left", "right")] == [
        ("left", True),
        ("right", False),
    ]
    a_point("between", lat=48.9, lon=2.5)
    assert {mark.code: mark.label for mark in drawn(admin_client, service="none").points}["between"] == ""


def test_of_two_neighbours_the_store_is_named_before_the_supplier(
    admin_client: Client, service: CarrierService
) -> None:
    a_point("a-supplier", kind="supplier", lat=48.900, lon=2.4)
    a_point("b-store", kind="store", lat=48.901, lon=2.4)
    a_point("south", lat=43.0, lon=2.4)
    named = {mark.code: (mark.label, mark.is_label_left) for mark in drawn(admin_client, service="none").points}
    assert named["b-store"] == ("b-store", False)


def test_the_name_of_a_zone_hides_no_point(admin_client: Client, service: CarrierService) -> None:
    zone = {mark.code: mark for mark in drawn_with_point_on(admin_client, service, 50.7, 3.1).zones}["north"]
    assert zone.name_y > zone.y  # below its middle, as a stock point lies where it would stand above


def drawn_with_point_on(client: Client, service: CarrierService, lat: float, lon: float) -> NetworkMap:
    a_point("on-it", lat=lat, lon=lon)
    return drawn(client, service=service.service)


def test_an_island_beyond_the_sea_is_told_and_does_not_shrink_the_map(
    admin_client: Client, service: CarrierService
) -> None:
    for code, lat, lon in (("paris", 48.9, 2.4), ("nice", 43.7, 7.3)):
        a_point(code, lat=lat, lon=lon)
    before = drawn(admin_client)
    Postcode.objects.create(country="FR", postcode="97400", latitude=-20.9, longitude=55.5)
    after = drawn(admin_client)
    assert (after.points, after.zones, after.far_areas) == (before.points, before.zones, ("FR 97",))
    page = admin_client.get(reverse("admin:network-map")).content.decode()
    assert "too far away to be drawn here: FR 97." in page


def test_services_are_called_on_the_map_as_everywhere(admin_client: Client, service: CarrierService) -> None:
    a_point("paris")
    CarrierService.objects.filter(pk=service.pk).update(service="relay")
    assert '<option value="relay" selected>Relay' in admin_client.get(reverse("admin:network-map")).content.decode()


def test_an_outline_holds_all_its_spots() -> None:
    assert outline_of([(10, 10), (50, 10), (30, 15)], around=5) == [
        (5, 5),
        (55, 5),
        (55, 15),
        (35, 20),
        (25, 20),
        (5, 15),
    ]


def test_queries_do_not_grow_and_an_empty_network_says_so(admin_client: Client, service: CarrierService) -> None:
    assert "latitude" in admin_client.get(reverse("admin:network-map")).content.decode()
    a_point("p0")
    drawn(admin_client)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            drawn(admin_client)
        return len(captured)

    few = queries()
    for number in range(1, 9):
        a_point(f"p{number}", lat=43 + number, lon=2.0)
    assert queries() == few


def test_a_store_does_not_see_the_network(client: Client, service: CarrierService) -> None:
    assert client.get(reverse("admin:network-map")).status_code == 302
