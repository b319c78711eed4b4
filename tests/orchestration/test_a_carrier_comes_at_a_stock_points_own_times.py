"""Pick-up times of single stock points: by API, by hand and as CSV; orders follow them, and may be verified."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.translation import override

from oms.core import clock
from oms.core.admin.csv_files import HarmlessCsv
from oms.orchestration.admin.pick_ups import PickUpTimesResource
from oms.orchestration.models import CarrierService, PickUpTimes, SourcingRun
from oms.orchestration.pick_ups import told_week
from oms.orchestration.queries.networks import carrier_services
from oms.orchestration.queries.runs import StoredRun
from orders.models import Fulfilment
from stock.models import StockPoint
from stock.queries.network import network_version
from tests.admin.people import signed_in
from tests.factories.clients import api_client
from tests.factories.retailer import LYON, Json, Retailer, answered
from tests.orders.punctual import punctual_retailer
from tests.support.forms import form_values

pytestmark = pytest.mark.django_db
# Weekdays at 15:00, Saturdays at 11:00.
WEEK = {**{day: ["15:00"] for day in ("mon", "tue", "wed", "thu", "fri")}, "sat": ["11:00"]}
KEY = {"carrier": "post", "service": "post-home", "stock_point": "lille"}


@pytest.fixture
def retailer() -> Iterator[Retailer]:
    """A Tuesday, 10:00 in Lille; the shop needs an hour, and the post comes at five."""
    with punctual_retailer() as (found, _):
        yield found


def put(retailer: Retailer, *rows: Json) -> Json:
    return answered(retailer.api.put("/pick-up-times/", list(rows)), 200)


def home(retailer: Retailer) -> Json:
    body = {
        "channel": "web",
        "destination": {"country": "FR", "postcode": "59800"},
        "lines": [{"sku": "shirt", "quantity": 1}],
    }
    options = answered(retailer.api.post("/delivery-promises/", body), 200)["options"]
    return next(option for option in options if option["mode"] == "home")


# --- by API ----------------------------------------------------------------------------------------------


def test_a_week_is_written_changed_read_and_taken_away(retailer: Retailer) -> None:
    row = KEY | {"times": WEEK}
    assert put(retailer, row) == {"created": 1, "updated": 0, "unchanged": 0, "errors": []}
    assert put(retailer, row)["unchanged"] == 1
    assert answered(retailer.api.get("/pick-up-times/"), 200)["results"] == [row]
    assert put(retailer, KEY | {"times": {"mon": ["18:00", "12:00", "12:00"], "tue": []}})["updated"] == 1
    found = PickUpTimes.objects.get()
    assert (found.mon, found.tue, found.sat) == ([time(12), time(18)], [], [])
    version = network_version()
    assert put(retailer, KEY | {"times": {}})["updated"] == 1
    assert put(retailer, KEY | {"times": {}})["unchanged"] == 1
    assert not PickUpTimes.objects.exists()
    assert network_version() != version


@pytest.mark.parametrize(
    ("change", "code", "text"),
    [
        ({"service": "other"}, "unknown_service", "post has no service other."),
        ({"stock_point": "atlantis"}, "unknown_stock_point", "atlantis"),
        ({"stock_point": "lyon"}, "invalid", "stock_point: This service does not collect at this stock point."),
        ({"times": {"mon": ["25:00"]}}, "invalid", "mon"),
        ({"times": {"someday": ["10:00"]}}, "invalid", "someday"),
        ({"times": None}, "invalid", "times"),
    ],
)
def test_a_row_that_makes_no_sense_is_refused_alone(retailer: Retailer, change: Json, code: str, text: str) -> None:
    retailer.add_points(["lyon"], **LYON)
    retailer.api.put_rows(
        "/carrier-services/", [{"carrier": "post", "service": "post-home", "stock_points": ["lille"]}]
    )
    with override("fr"):
        result = put(retailer, KEY | {"times": WEEK}, KEY | {"times": WEEK} | change)
    assert (result["created"], [each["index"] for each in result["errors"]]) == (1, [1])
    assert result["errors"][0]["code"] == code
    assert text in result["errors"][0]["detail"]
    assert PickUpTimes.objects.count() == 1


def test_only_who_configures_may_write_them() -> None:
    assert api_client("stock:read").put("/pick-up-times/", []).status_code == 403


def test_the_database_holds_no_week_without_a_time_and_none_twice(retailer: Retailer) -> None:
    put(retailer, KEY | {"times": WEEK})
    found = PickUpTimes.objects.get()
    for broken in ({}, {"mon": [time(9)]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PickUpTimes.objects.create(carrier_service=found.carrier_service, stock_point=found.stock_point, **broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        PickUpTimes.objects.update(**{day: [] for day in WEEK})


# --- what it changes -------------------------------------------------------------------------------------


def test_the_promise_follows_the_stock_points_own_times(retailer: Retailer) -> None:
    before = home(retailer)
    put(retailer, KEY | {"times": WEEK})
    after = home(retailer)
    assert (before["cut_off_at"], before["promised_on"]) == ("2026-05-05T14:00:00Z", "2026-05-07")
    assert (after["cut_off_at"], after["promised_on"]) == ("2026-05-05T12:00:00Z", "2026-05-07")
    with clock.set_clock(datetime(2026, 5, 5, 12, 1, tzinfo=UTC)):
        missed = home(retailer)
    assert (missed["parcels"][0]["ships_on"], missed["promised_on"]) == ("2026-05-06", "2026-05-08")


def test_the_steps_of_an_order_follow_them_and_its_decision_is_repeated(retailer: Retailer) -> None:
    put(retailer, KEY | {"times": WEEK})
    number = retailer.place({"shirt": 1})["number"]
    retailer.drain()
    work = Fulfilment.objects.get(order__number=number)
    assert work.due_at == datetime(2026, 5, 5, 13, tzinfo=UTC)
    assert work.begin_by == datetime(2026, 5, 5, 12, tzinfo=UTC)
    for run in SourcingRun.objects.filter(reference=number):
        stored = StoredRun(run)
        assert stored.facts.network.service("post-home").pick_ups_at("lille")[5] == (11 * 60,)
        assert stored.is_repeated_identically()


def test_they_are_read_with_the_network_in_one_query_for_all_stock_points(retailer: Retailer) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            carrier_services()
        return len(captured)

    few = queries()
    retailer.add_points([f"shop-{number}" for number in range(20)])
    put(retailer, *(KEY | {"stock_point": f"shop-{number}", "times": WEEK} for number in range(20)))
    assert queries() == few
    assert len(carrier_services()["post-home"].pick_ups) == 20


# --- by hand ---------------------------------------------------------------------------------------------


def posted(client: Client, address: str, **changed: Any) -> HttpResponse:
    return client.post(address, form_values(client.get(address).content.decode()) | changed)  # type: ignore[return-value]


def keys() -> Json:
    return {
        "carrier_service": [str(CarrierService.objects.get().pk)],
        "stock_point": [str(StockPoint.objects.get(code="lille").pk)],
    }


def test_a_week_is_typed_day_by_day(retailer: Retailer) -> None:
    client = signed_in("merchandiser")
    answer = posted(
        client,
        reverse("admin:orchestration_pickuptimes_add"),
        **keys(),
        mon=["18:00", "", "12:00"],
        sat=["11:00"],
    )
    assert answer.status_code == 302
    found = PickUpTimes.objects.get()
    assert (found.mon, found.tue, found.sat) == ([time(12), time(18)], [], [time(11)])
    listed = client.get(reverse("admin:orchestration_pickuptimes_changelist")).content.decode()
    assert "Mon 12:00, 18:00 · Sat 11:00" in listed


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_page_that_is_saved_as_it_came_changes_nothing(retailer: Retailer, language: str) -> None:
    put(retailer, KEY | {"times": WEEK})
    before = PickUpTimes.objects.values().get()
    address = reverse("admin:orchestration_pickuptimes_change", args=[before["id"]])
    assert posted(signed_in("head_office", language=language), address).status_code == 302
    assert PickUpTimes.objects.values().get() == before


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"mon": ["soon"]}, "“soon” is not a time of day, like 09:30."),
        ({"mon": ["24:00"]}, "“24:00” is not a time of day, like 09:30."),
        ({}, "At least one time of one day; without any it collects as everywhere."),
    ],
)
def test_what_is_no_time_of_day_is_told_and_nothing_is_kept(retailer: Retailer, typed: Json, told: str) -> None:
    answer = posted(signed_in("head_office"), reverse("admin:orchestration_pickuptimes_add"), **keys(), **typed)
    assert answer.status_code == 200
    assert told in answer.content.decode()
    assert not PickUpTimes.objects.exists()


def test_where_the_service_never_comes_it_has_no_times(retailer: Retailer) -> None:
    CarrierService.objects.update(collects_everywhere=False)
    client = signed_in("head_office", language="fr")
    answer = posted(client, reverse("admin:orchestration_pickuptimes_add"), **keys(), mon=["12:00"])
    assert "Ce service ne passe pas à ce point de stock." in answer.content.decode()
    assert not PickUpTimes.objects.exists()


def test_a_week_is_told_with_like_days_together() -> None:
    twice = ((12 * 60, 18 * 60),) * 5
    with override("en"):
        assert told_week((*twice, (11 * 60,), ())) == "Mon–Fri 12:00, 18:00 · Sat 11:00"
    with override("fr"):
        assert told_week(((), (570,), (), (), (570,), (570,), (570,))) == "Mar 09:30 · Ven–Dim 09:30"


# --- as CSV ----------------------------------------------------------------------------------------------


def exported() -> str:
    return str(HarmlessCsv().export_data(PickUpTimesResource().export()))


def imported(client: Client, text: str) -> str:
    """The page that shows what the file would do; where nothing is wrong it is done."""
    file = SimpleUploadedFile("times.csv", text.encode())
    answer = client.post(reverse("admin:orchestration_pickuptimes_import"), {"format": "0", "import_file": file})
    if form := answer.context.get("confirm_form"):
        done = client.post(reverse("admin:orchestration_pickuptimes_process_import"), form.initial)
        assert done.status_code == 302, done.content.decode()[:2000]
    return answer.content.decode()


def test_what_goes_out_comes_in_the_same(retailer: Retailer) -> None:
    put(retailer, KEY | {"times": WEEK | {"mon": ["12:00", "18:00"]}})
    text = exported()
    assert text.splitlines() == [
        "carrier,service,stock_point,mon,tue,wed,thu,fri,sat,sun",
        'post,post-home,lille,"12:00,18:00",15:00,15:00,15:00,15:00,11:00,',
    ]
    before = PickUpTimes.objects.values().get()
    version = network_version()
    imported(signed_in("merchandiser"), text)
    assert (PickUpTimes.objects.values().get(), network_version()) == (before, version)
    PickUpTimes.objects.all().delete()
    imported(signed_in("head_office", language="fr"), text)
    assert exported() == text


def test_a_file_changes_what_it_names_and_an_empty_row_takes_away(retailer: Retailer) -> None:
    retailer.add_points(["lyon"], **LYON)
    put(retailer, KEY | {"times": WEEK}, KEY | {"stock_point": "lyon", "times": WEEK})
    client = signed_in("merchandiser")
    imported(client, "carrier,service,stock_point,mon\npost,post-home,lille,9:30\n")
    found = PickUpTimes.objects.get(stock_point__code="lille")
    assert (found.mon, found.sat) == ([time(9, 30)], [time(11)])
    imported(client, "carrier,service,stock_point,mon,tue,wed,thu,fri,sat,sun\npost,post-home,lille,,,,,,,\n")
    assert [each.stock_point.code for each in PickUpTimes.objects.all()] == ["lyon"]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("post,other,lille,10:00", "post has no service other."),
        ("post,post-home,atlantis,10:00", "There is no atlantis."),
        ("post,post-home,lille,noon", "Times of day like 09:30, separated by commas."),
        ("post,post-home,lille,", "At least one time of one day"),
    ],
)
def test_a_wrong_row_is_told_and_nothing_is_written(retailer: Retailer, row: str, told: str) -> None:
    page = imported(signed_in("head_office"), f"carrier,service,stock_point,mon\npost,post-home,lille,9:00\n{row}\n")
    assert told in page
    assert not PickUpTimes.objects.exists()


def test_store_staff_see_none_of_it(retailer: Retailer) -> None:
    put(retailer, KEY | {"times": WEEK})
    assert signed_in("store_staff").get(reverse("admin:orchestration_pickuptimes_changelist")).status_code in (302, 403)
