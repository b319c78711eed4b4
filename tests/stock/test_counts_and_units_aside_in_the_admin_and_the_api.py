"""What people and programs do with counts and with units set aside."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.core import clock
from stock.admin import counts
from stock.models import CountLine, StockCount, StockLevel, Unavailability
from stock.services.counting import open_count
from tests.admin.people import signed_in
from tests.factories.clients import Api, api_client
from tests.stock.making import figures, make_point, make_variant, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    paris, shirt = make_point("PARIS"), make_variant("SHIRT", price=Decimal("10.00"), gtin="4006381333931")
    receive(shirt, paris, 10)
    return paris, shirt


def page(count: StockCount) -> str:
    return reverse("admin:stock_stockcount_change", args=[count.pk])


def moved(client: Client, count: StockCount, move: str, **values: Any) -> int:
    return client.post(page(count), {"move": move, **values}).status_code


def test_a_store_counts_and_the_head_office_decides(world):
    paris, shirt = world
    store, office = signed_in("store_manager", store="PARIS"), signed_in("head_office")
    store.post(reverse("admin:stock_stockcount_add"), {"reference": "C-1", "stock_point": paris.pk, "category": ""})
    count = StockCount.objects.get(reference="C-1")
    line = CountLine.objects.get(stock_count=count)
    moved(store, count, "write", **{f"counted-{line.pk}": "8"})
    moved(store, count, "submit")
    assert moved(store, count, "approve") == 403
    shown = office.get(page(count)).content.decode()
    assert "−€20.00" in shown and "Approve" in shown
    assert "Approve" not in store.get(page(count)).content.decode()
    assert figures(shirt, paris) == (10, 0, 0)
    moved(office, count, "approve")
    assert figures(shirt, paris) == (8, 0, 0)


def test_nobody_approves_what_they_have_counted_or_submitted(world):
    paris, shirt = world
    office, other = signed_in("head_office"), signed_in("merchandiser")
    count = open_count(reference="C-1", stock_point=paris)
    line = CountLine.objects.get(stock_count=count)
    moved(office, count, "submit", **{f"counted-{line.pk}": "8"})
    shown = office.get(page(count)).content.decode()
    assert "Somebody else has to approve" in shown and 'value="approve"' not in shown
    assert moved(office, count, "approve") == 403
    moved(other, count, "reopen", reason="again")
    moved(other, count, "submit")
    assert moved(office, count, "approve") == 403, "counted by them, whoever submitted it"
    assert moved(other, count, "approve") == 403
    third = signed_in("head_office", store="PARIS")
    assert moved(third, count, "approve") == 302
    assert figures(shirt, paris) == (8, 0, 0)


def test_a_program_that_counts_does_not_approve_either(world):
    api = api_client("config:write", "stock:read", "stock:write")
    api.post("/stock-counts/", {"reference": "C-1", "stock_point": "PARIS"})
    api.put("/stock-counts/C-1/lines/", [{"sku": "SHIRT", "counted": 11}])
    api.post("/stock-counts/C-1/submit/", {})
    refused = api.post("/stock-counts/C-1/approve/", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "own_count")


def test_figures_are_saved_on_the_way_to_another_page_and_when_the_count_is_submitted(world, monkeypatch):
    paris, _ = world
    receive(make_variant("SHOE"), paris, 5)
    monkeypatch.setattr(counts, "LINES_PER_PAGE", 1)
    office = signed_in("head_office")
    count = open_count(reference="C-1", stock_point=paris)
    shirt, shoe = CountLine.objects.filter(stock_count=count).order_by("variant__sku")
    shown = office.get(page(count)).content.decode()
    assert 'name="seen" value="page=1&amp;all=1"' in shown
    turned = office.post(page(count), {f"counted-{shirt.pk}": "8", "seen": ["page=0&all=1", "page=1&all=1"]})
    assert turned.headers["Location"] == f"{page(count)}?page=1&all=1"
    moved(office, count, "submit", **{f"counted-{shoe.pk}": "4"})
    assert list(CountLine.objects.order_by("variant__sku").values_list("counted", flat=True)) == [8, 4]
    count.refresh_from_db()
    assert count.state == "submitted"


def test_a_count_of_a_category_that_nothing_is_of_is_refused(world):
    paris, _ = world
    answer = signed_in("head_office").post(
        reverse("admin:stock_stockcount_add"), {"reference": "C-1", "stock_point": paris.pk, "category": "Nope"}
    )
    assert "No article is of this category." in answer.content.decode()
    assert not StockCount.objects.exists()


def test_a_sheet_is_downloaded_and_sent_back_filled_in(world):
    paris, _ = world
    office = signed_in("merchandiser")
    count = open_count(reference="C-1", stock_point=paris)
    response = office.get(reverse("admin:stock_stockcount_sheet", args=[count.pk]))
    assert b"".join(response) == b"sku,gtin,name,expected,counted\r\nSHIRT,4006381333931,Product SHIRT,10,\r\n"
    filled = SimpleUploadedFile("sheet.csv", "\ufeffgtin,counted\n4006381333931,7\n".encode())
    office.post(page(count), {"move": "write", "file": filled})
    assert CountLine.objects.get(stock_count=count).counted == 7
    wrong = SimpleUploadedFile("sheet.csv", b"sku,counted\nSHIRT,seven\n")
    shown = office.post(page(count), {"move": "write", "file": wrong}, follow=True).content.decode()
    assert "Line 2:" in shown
    assert CountLine.objects.get(stock_count=count).counted == 7


def test_a_sheet_comes_back_whatever_its_skus_begin_with(world):
    paris, _ = world
    for sku in ("-A", "'-B"):
        receive(make_variant(sku), paris, 10)
    office = signed_in("merchandiser")
    count = open_count(reference="C-1", stock_point=paris)
    sheet = b"".join(office.get(reverse("admin:stock_stockcount_sheet", args=[count.pk]))).decode()
    assert "\r\n'-A," in sheet and "\r\n''-B," in sheet
    filled = SimpleUploadedFile("sheet.csv", sheet.replace(",10,\r\n", ",10,7\r\n").encode())
    office.post(page(count), {"move": "write", "file": filled})
    assert set(CountLine.objects.filter(stock_count=count).values_list("counted", flat=True)) == {7}


def test_the_page_asks_the_same_queries_however_long_the_sheet_is(world):
    paris, _ = world
    office = signed_in("head_office")
    short = open_count(reference="C-1", stock_point=paris)
    for _number in range(5):
        receive(make_variant(), paris, 1)
    long = open_count(reference="C-2", stock_point=paris)
    office.get(page(short))
    with CaptureQueriesContext(connection) as few:
        office.get(page(short))
    with CaptureQueriesContext(connection) as many:
        office.get(page(long))
    assert len(many) == len(few)


def test_a_program_counts_and_another_approves(world):
    paris, shirt = world
    counter, approver = api_client("stock:read", "stock:write"), api_client("config:write", "stock:read")
    opened = counter.post("/stock-counts/", {"reference": "C-1", "stock_point": "PARIS"})
    assert (opened.status_code, opened.json()["state"]) == (201, "open")
    assert counter.post("/stock-counts/", {"reference": "C-1", "stock_point": "PARIS"}).status_code == 409
    answer = counter.put("/stock-counts/C-1/lines/", [{"gtin": "4006381333931", "counted": 11}])
    assert answer.json() == {"created": 0, "updated": 1, "unchanged": 0, "errors": []}
    (line,) = counter.get("/stock-counts/C-1/lines/").json()["results"]
    assert (line["sku"], line["difference"], line["value"], line["currency"]) == ("SHIRT", 1, "10.00", "EUR")
    counter.post("/stock-counts/C-1/submit/", {})
    assert counter.post("/stock-counts/C-1/approve/", {}).status_code == 403
    decided = approver.post("/stock-counts/C-1/approve/", {}).json()
    assert (decided["state"], decided["totals"][0]["found_units"]) == ("applied", 1)
    assert figures(shirt, paris) == (11, 0, 0)
    assert approver.post("/stock-counts/C-1/reject/", {"reason": "late"}).json()["data"] == {"state": "applied"}


def aside_by(api: Api, **fields: Any) -> Any:
    row = {"sku": "SHIRT", "stock_point": "PARIS", "quantity": 2, "reason": "display", "reference": "window"}
    return api.post("/unavailabilities/", [row | fields]).json()


def test_a_program_sets_units_aside_until_a_moment(world):
    paris, shirt = world
    api = api_client("stock:read", "stock:write")
    later = (clock.now() + timedelta(days=1)).isoformat()
    assert aside_by(api, expires_at=later)["created"] == 1
    assert aside_by(api, expires_at=later)["unchanged"] == 1
    assert aside_by(api, reason="because", reference="b")["errors"][0]["code"] == "invalid"
    (entry,) = api.get("/unavailabilities/", standing="true", stock_point="PARIS").json()["results"]
    assert (entry["quantity"], entry["reason"], entry["ended_at"]) == (2, "display", None)
    assert figures(shirt, paris) == (10, 0, 2)


def test_a_program_sets_no_more_aside_than_there_is(world):
    paris, shirt = world
    api = api_client("stock:read", "stock:write")
    aside_by(api)
    row = {"sku": "SHIRT", "stock_point": "PARIS", "quantity": 2**31 - 1, "reason": "display", "reference": "all"}
    (error,) = api.post("/unavailabilities/", [row]).json()["errors"]
    assert (error["code"], error["detail"]) == ("invalid", "quantity: Only 8 units can be set aside there.")
    assert figures(shirt, paris) == (10, 0, 2)


def test_a_person_sets_units_aside_from_the_level_and_gives_them_back(world):
    paris, shirt = world
    manager = signed_in("store_manager", store="PARIS")
    form = {"variant": shirt.pk, "stock_point": paris.pk, "quantity": 3, "reason": "damaged"}
    manager.post(reverse("admin:stock_unavailability_add"), form | {"expires_at_0": "", "expires_at_1": ""})
    entry = Unavailability.objects.get()
    assert (figures(shirt, paris), entry.reason) == ((10, 0, 3), "damaged")
    chosen = {"action": "give_back_chosen", "_selected_action": [entry.pk]}
    manager.post(reverse("admin:stock_unavailability_changelist"), chosen)
    assert figures(shirt, paris) == (10, 0, 0)


@pytest.mark.parametrize(
    ("language", "quantity", "reserved", "told"),
    [
        ("en", 11, 0, "Only 10 units can be set aside here."),
        ("fr", 99, 3, "Seules 10 unités peuvent être mises de côté ici."),
    ],
)
def test_no_more_is_set_aside_than_there_is(world, language: str, quantity: int, reserved: int, told: str):
    paris, shirt = world
    StockLevel.objects.update(reserved=reserved)
    office = signed_in("merchandiser", language=language)
    form = {"variant": shirt.pk, "stock_point": paris.pk, "quantity": quantity, "reason": "damaged"}
    answer = office.post(reverse("admin:stock_unavailability_add"), form | {"expires_at_0": "", "expires_at_1": ""})
    assert answer.context["adminform"].form.errors == {"quantity": [told]}
    assert figures(shirt, paris) == (10, reserved, 0)
    nowhere = form | {"stock_point": make_point("LYON").pk, "expires_at_0": "", "expires_at_1": ""}
    assert office.post(reverse("admin:stock_unavailability_add"), nowhere).context["errors"]
    assert not Unavailability.objects.exists()


def test_nobody_sets_units_aside_at_another_store(world):
    paris, shirt = world
    make_point("LYON")
    stranger = signed_in("store_manager", store="LYON")
    form = {"variant": shirt.pk, "stock_point": paris.pk, "quantity": 3, "reason": "damaged"}
    stranger.post(reverse("admin:stock_unavailability_add"), form | {"expires_at_0": "", "expires_at_1": ""})
    assert not Unavailability.objects.exists()
