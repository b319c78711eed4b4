"""The file of rejected articles is mended and sent again as it is, whatever sign a spreadsheet chose."""

import csv
import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from oms.core.services.relaying import drain_events
from stock.models import CatalogueImport, Product, Variant
from stock.queries.catalogue_rejects import catalogue_rejects_csv
from tests.admin.people import signed_in
from tests.stock.test_articles_come_by_file import bring, counted

pytestmark = pytest.mark.django_db

FILE = """sku,gtin,product,name,price,currency
S-1,4006381333931,SHIRT,Shirt,19.90,EUR
S-2,4006381333930,SALE,-20 % in summer,24.90,EUR
S-3,,SHIRT,,"19,90",EUR
"""


def report(found: CatalogueImport) -> str:
    return "".join(catalogue_rejects_csv(found))


def mended(found: CatalogueImport, sign: str = ",") -> str:
    """Both lines put right where they stood, as a spreadsheet saves it."""
    rows = csv.reader(io.StringIO(report(found)))
    right = {"4006381333930": "5901234123457", "19,90": "19.90"}
    saved = io.StringIO()
    csv.writer(saved, delimiter=sign).writerows([right.get(cell, cell) for cell in row] for row in rows)
    return "\ufeff" + saved.getvalue()


def test_rejected_lines_stand_in_the_report_as_they_stood_in_the_file() -> None:
    header, gtin, price = report(bring(FILE)).splitlines()
    assert header == "line,sku,gtin,product,name,price,currency,code,detail"
    assert gtin.startswith("3,S-2,4006381333930,SALE,'-20 % in summer,24.90,EUR,invalid_gtin,")
    assert price.startswith('4,S-3,,SHIRT,,"19,90",EUR,invalid_price,')


def test_nothing_rejected_is_a_header() -> None:
    assert report(bring("sku,size\nA,M\n")) == "line,sku,code,detail\r\n"


@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_mended_they_are_written(sign: str) -> None:
    again = bring(mended(bring(FILE), sign))
    assert counted(again) == ("applied", 2, 0, 0, 0)
    assert set(Variant.objects.values_list("sku", "gtin", "price")) == {
        ("S-1", "4006381333931", Decimal("19.90")),
        ("S-2", "5901234123457", Decimal("24.90")),
        ("S-3", None, Decimal("19.90")),
    }
    assert Product.objects.get(code="SALE").name == "-20 % in summer"


def test_it_is_looked_at_in_the_admin_and_confirmed() -> None:
    first, browser = bring(FILE), signed_in("merchandiser")
    sent = SimpleUploadedFile("mended.csv", mended(first).encode())
    answer = browser.post(
        reverse("admin:stock_catalogueimport_add"),
        {"sent": sent, "delimiter": ";", "encoding": "windows-1252", "decimal_sign": "."},
    )
    drain_events()
    again = CatalogueImport.objects.latest("pk")
    assert answer.url == reverse("admin:stock_catalogueimport_change", args=[again.pk])
    assert counted(again) == ("checked", 2, 0, 0, 0)


def test_a_column_of_the_senders_own_is_still_refused() -> None:
    found = bring("sku,code\nA,1\n")
    assert (found.state, "names other columns" in found.reason) == ("refused", True)
