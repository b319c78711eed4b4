"""Stock points go out as CSV and come in again; each wrong row is told, and nobody else may bring one."""

from __future__ import annotations

import csv
import io
from datetime import date, time

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from tablib import Dataset

from oms.core.admin.csv_files import HarmlessCsv
from oms.orchestration.admin.carriers import CarrierServiceResource
from oms.orchestration.models import CarrierService
from stock.admin.stock_point_files import StockPointResource
from stock.models import Banner, PendingProtection, ProtectionRule, StockPoint
from stock.queries.network import network_version
from tests.admin.people import signed_in
from tests.factories.retailer import open_retailer
from tests.stock.making import make_point

pytestmark = pytest.mark.django_db
IMPORT = "admin:stock_stockpoint_import"
HOURS = {"mon": [["10:00", "12:30"], ["14:00", "19:00"]], "sat": [["09:00", "24:00"]]}


def sent(client: Client, text: str) -> str:
    """The page that shows what the file would do."""
    file = SimpleUploadedFile("points.csv", text.encode())
    answer = client.post(reverse(IMPORT), {"format": "0", "import_file": file})
    assert answer.status_code == 200
    return answer.content.decode()


def confirmed(client: Client, text: str) -> None:
    file = SimpleUploadedFile("points.csv", text.encode())
    answer = client.post(reverse(IMPORT), {"format": "0", "import_file": file})
    form = answer.context["confirm_form"]
    done = client.post(reverse("admin:stock_stockpoint_process_import"), form.initial)
    assert done.status_code == 302, done.content.decode()[:2000]


def exported() -> str:
    return str(HarmlessCsv().export_data(StockPointResource().export()))


def test_what_goes_out_comes_in_the_same() -> None:
    Banner.objects.create(code="north", name="North", currency="EUR")
    api = open_retailer().api
    row = {
        "code": "LILLE", "name": "=Lille, centre", "kind": "store", "country": "FR", "timezone": "Europe/Paris",
        "latitude": 50.64, "longitude": 3.06, "postcode": "59800", "banner": "north", "groups": ["big", "north"],
        "tags": ["sea"], "opening_hours": HOURS, "closed_on": ["2026-05-25", "2026-12-25"], "cut_off": "16:30",
        "preparation_minutes": 45, "daily_order_capacity": 20, "handling_cost": "0.8000", "offers_reservation": False,
    }  # fmt: skip
    api.put_rows("/stock-points/", [row])
    before = next(each for each in api.get("/stock-points/").json()["results"] if each["code"] == "LILLE")
    office = signed_in("head_office")
    assert office.get(reverse("admin:stock_stockpoint_export")).status_code == 200
    told = exported()
    (line,) = [each for each in csv.DictReader(io.StringIO(told)) if each["code"] == "LILLE"]
    assert (line["name"], line["cut_off"], line["groups"]) == ("'=Lille, centre", "16:30", "big,north")
    StockPoint.objects.get(code="LILLE").delete()
    confirmed(office, told)
    after = next(each for each in api.get("/stock-points/").json()["results"] if each["code"] == "LILLE")
    assert after == before
    point = StockPoint.objects.get(code="LILLE")
    assert (point.cut_off, point.closed_on[0]) == (time(16, 30), date(2026, 5, 25))


def test_a_column_that_is_not_there_changes_nothing_and_the_network_is_new() -> None:
    point = make_point("LILLE", preparation_minutes=30, offers_pickup=False, tags=["sea"])
    version = network_version()
    confirmed(signed_in("head_office"), 'code,closed_on\nLILLE,"2026-12-24,2026-12-25"\n')
    point.refresh_from_db()
    assert (point.preparation_minutes, point.offers_pickup, point.tags) == (30, False, ["sea"])
    assert point.closed_on == [date(2026, 12, 24), date(2026, 12, 25)]
    assert network_version() != version


@pytest.mark.parametrize(
    ("header", "cell", "told"),
    [
        ("opening_hours", '"{""mon"": [[""19:00"", ""10:00""]]}"', "in order and without overlaps"),
        ("opening_hours", "always", "This is not JSON."),
        ("timezone", "Europe/Lille", "This is not a time zone"),
        ("country", "France", "ISO 3166, two letters."),
        ("closed_on", "25/12/2026", "25/12/2026"),
        ("cut_off", "4 pm", "cut_off"),
        ("kind", "kiosk", "kiosk"),
        ("is_active", "yes", "1 or 0, please."),
        ("banner", "nobody", "There is no nobody."),
        ("latitude", "50.6", "Latitude and longitude are given together."),
        ("handling_cost", "-1", "stock_stockpoint_cost_not_negative"),
        ("preparation_minutes", "-5", "preparation_minutes"),
        ("cutoff", "16:00", "There is no column cutoff."),
    ],
)
def test_what_is_wrong_with_a_row_is_told_and_nothing_is_written(header: str, cell: str, told: str) -> None:
    make_point("LILLE")
    page = sent(signed_in("head_office"), f"code,{header}\nLILLE,{cell}\n")
    assert told in page.replace("&quot;", '"').replace("&#x27;", "'")
    assert "confirm_form" not in page
    assert StockPoint.objects.filter(code="LILLE", kind="store", preparation_minutes=0, banner=None).exists()


def test_numbers_go_out_as_programs_write_them_whoever_asks() -> None:
    make_point("LILLE", latitude=50.64, longitude=3.06)
    with override("fr"):
        told = exported()
        assert "50.64" in told
        assert "50,64" not in told
        result = StockPointResource().import_data(HarmlessCsv().create_dataset(told), dry_run=True)
    assert (result.totals["skip"], result.has_errors(), result.has_validation_errors()) == (1, False, False)


def test_a_carriers_stock_point_that_does_not_exist_is_told_with_its_row() -> None:
    row = {"carrier": "post", "service": "home", "modes": "home", "zones": '[{"code": "FR", "countries": ["FR"]}]'}
    row |= {"transit_days": '{"FR": 2}', "currency": "EUR", "stock_points": "NOWHERE"}
    result = CarrierServiceResource().import_data(Dataset(list(row.values()), headers=list(row)))
    (wrong,) = result.invalid_rows
    assert wrong.error.message_dict == {"stock_points": ["There is no NOWHERE."]}
    assert not CarrierService.objects.exists()


def test_a_point_of_another_kind_is_under_other_protection() -> None:
    ProtectionRule.objects.create(code="stores", kind="store", quantity=1)
    PendingProtection.objects.all().delete()
    point = make_point("LILLE", kind="warehouse")
    confirmed(signed_in("head_office"), "code,kind\nLILLE,store\n")
    assert PendingProtection.objects.filter(stock_point=point).exists()


@pytest.mark.parametrize(
    ("role", "model"),
    [
        ("merchandiser", "stock_stockpoint"),
        *((role, "stock_stockpoint") for role in ("customer_service", "store_manager")),
        *((role, "orchestration_carrierservice") for role in ("customer_service", "store_manager")),
        *((role, "orchestration_postcode") for role in ("customer_service", "store_manager")),
    ],
)
def test_who_may_not_change_them_brings_no_file(role: str, model: str) -> None:
    make_point("LILLE")
    client = signed_in(role, store="LILLE")
    assert client.get(reverse(f"admin:{model}_import")).status_code == 403
    assert signed_in("head_office").get(reverse(f"admin:{model}_import")).status_code == 200
