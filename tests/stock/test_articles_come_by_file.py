"""A file of articles is looked at first, then written as by the API; lines that cannot be used are told."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from oms.core.models import AuditEntry
from oms.core.services.relaying import drain_events
from stock.models import CatalogueImport, Product, Variant
from stock.services import catalogue_importing
from stock.services.catalogue_importing import confirm_catalogue_import, create_catalogue_import
from stock.services.import_tidying import prune_imports
from tests.admin.people import signed_in
from tests.factories.clients import api_client
from tests.stock.making import make_variant

pytestmark = pytest.mark.django_db

FILE = """sku,gtin,product,name,category,size,colour,price,currency,weight_g
S-1,4006381333931,SHIRT,Shirt,tops,M,blue,19.90,EUR,200
S-2,,SHIRT,,tops,L,blue,19.90,EUR,210
H-1,,,,,,,5,EUR,
"""


def bring(text: str | bytes, **told: Any) -> CatalogueImport:
    content = text.encode() if isinstance(text, str) else text
    found = create_catalogue_import(file=ContentFile(content, name="articles.csv"), **told)
    drain_events()
    found.refresh_from_db()
    return found


def counted(found: CatalogueImport) -> tuple[str, int, int, int, int]:
    return found.state, found.created, found.updated, found.unchanged, found.rejected


def test_products_variants_prices_and_gtins_are_written():
    assert counted(bring(FILE)) == ("applied", 3, 0, 0, 0)
    shirt = Variant.objects.get(sku="S-1")
    assert (shirt.gtin, shirt.price, shirt.weight_g, shirt.colour) == ("4006381333931", Decimal("19.90"), 200, "blue")
    assert set(Product.objects.values_list("code", "name", "category")) == {
        ("SHIRT", "Shirt", "tops"),
        ("H-1", "H-1", ""),
    }
    assert Variant.objects.get(sku="S-2").product == shirt.product


def test_again_it_changes_nothing_and_another_price_one_line():
    bring(FILE)
    assert counted(bring(FILE)) == ("applied", 0, 0, 3, 0)
    assert counted(bring(FILE.replace("19.90,EUR,210", "24.90,EUR,210"))) == ("applied", 0, 1, 2, 0)
    assert Variant.objects.get(sku="S-2").price == Decimal("24.90")


def test_looked_at_nothing_is_written_until_it_is_confirmed():
    found = bring(FILE, needs_review=True)
    assert (counted(found), Variant.objects.count()) == (("checked", 3, 0, 0, 0), 0)
    confirm_catalogue_import(catalogue_import=found)
    drain_events()
    found.refresh_from_db()
    assert (counted(found), Variant.objects.count()) == (("applied", 3, 0, 0, 0), 3)
    assert AuditEntry.objects.filter(action="catalogue_import.applied").count() == 1


BAD = """sku,gtin,product,name,price,currency,weight_g,is_active
A,4006381333930,,,1,EUR,,
B,,,,"1,5",EUR,,
C,,,,1.999,EUR,,
D,,,,-1,EUR,,
E,,,,1,euro,,
F,,,,1,EUR,heavy,
G,,,,1,EUR,,perhaps
H,,NEW,,1,EUR,,
I,,,Name,1,EUR,,
,,,,1,EUR,,
K,,,,1,EUR,,yes
K,,,,2,EUR,,
L,4006381333931,,,1,EUR,,
M,4006381333931,,,1,EUR,,
N,,,,NaN,EUR,,
"""


def test_each_line_that_cannot_be_used_is_told_with_its_number_and_the_others_are_written():
    found = bring(BAD)
    assert [(line, code) for line, code in found.rejects.values_list("line", "code")] == [
        (2, "invalid_gtin"),
        (3, "invalid_price"),
        (4, "invalid_price"),
        (5, "invalid_price"),
        (6, "invalid"),
        (7, "invalid"),
        (8, "invalid"),
        (9, "invalid"),
        (10, "invalid"),
        (11, "missing_sku"),
        (13, "duplicate_row"),
        (15, "duplicate_gtin"),
        (16, "invalid_price"),
    ]
    assert set(Variant.objects.values_list("sku", flat=True)) == {"K", "L"}


def test_a_file_declares_an_article_hot_and_takes_it_back():
    bring("sku,is_hot\nA,yes\nB,\n")
    assert dict(Variant.objects.values_list("sku", "is_hot")) == {"A": True, "B": False}
    bring("sku,is_hot\nA,no\nB,1\n")
    assert dict(Variant.objects.values_list("sku", "is_hot")) == {"A": False, "B": True}


def test_a_gtin_of_another_variant_is_refused():
    make_variant("OLD", gtin="4006381333931")
    reject = bring("sku,gtin\nS-1,4006381333931\n").rejects.get()
    assert (reject.line, reject.code) == (2, "duplicate_gtin")


def test_an_empty_cell_takes_a_gtin_away_and_leaves_a_price_alone():
    bring(FILE)
    bring("sku,gtin,price\nS-1,,\n")
    shirt = Variant.objects.get(sku="S-1")
    assert (shirt.gtin, shirt.price) == (None, Decimal("19.90"))


def test_it_is_read_as_declared():
    text = "sku;product;name;price;currency\nÉ-1;ÉTÉ;Robe d’été;19,90;EUR\n"
    found = bring(text.encode("windows-1252"), delimiter=";", encoding="windows-1252", decimal_sign=",")
    assert counted(found) == ("applied", 1, 0, 0, 0)
    assert Variant.objects.get(sku="É-1").price == Decimal("19.90")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"sku;price\nA;1\n", "Line 1: 'sku;price' is not separated by ','"),
        (b"article,price\nA,1\n", "does not name sku"),
        (b"sku,colour,fabric\nA,red,wool\n", "names other columns"),
        (b"sku,price\nA,1\nB\n", "Line 3: 1 fields where the header has 2."),
        ("sku,colour\nA,été\n".encode("latin-1"), "After line"),
        (b"PK\x03\x04", "spreadsheet"),
    ],
)
def test_a_file_that_is_not_as_declared_is_refused_whole(content, sentence):
    found = bring(content)
    assert (found.state, Variant.objects.count()) == ("refused", 0)
    assert sentence in found.reason


def test_a_product_told_in_one_batch_is_known_in_the_next(monkeypatch):
    monkeypatch.setattr(catalogue_importing, "ROWS_AT_ONCE", 1)
    assert counted(bring(FILE, needs_review=True)) == ("checked", 3, 0, 0, 0)


def test_a_person_looks_at_it_and_confirms():
    office = signed_in("merchandiser")
    form = {"delimiter": ",", "encoding": "utf-8", "decimal_sign": "."}
    office.post(
        reverse("admin:stock_catalogueimport_add"),
        form | {"sent": SimpleUploadedFile("a.csv", (FILE + ",,,,,,,1,,\n").encode())},
    )
    found = CatalogueImport.objects.get()
    page = reverse("admin:stock_catalogueimport_change", args=[found.pk])
    assert office.get(page)["Refresh"] == "3"
    drain_events()
    shown = office.get(page).content.decode()
    assert "Confirm import" in shown and "missing_sku" in shown
    assert not Variant.objects.exists()
    office.post(page, {"move": "confirm"})
    drain_events()
    assert Variant.objects.count() == 3


def test_a_program_sends_it_as_a_form_and_reads_what_was_not_used():
    key = api_client("config:write")
    header = {"Authorization": f"Bearer {key.key}"}
    file = SimpleUploadedFile("articles.csv", b"sku,price,currency\nA,1,EUR\nB,x,EUR\n")
    sent = key.http.post("/api/v1/catalogue-imports/", {"file": file}, headers=header)
    assert sent.status_code == 202
    drain_events()
    done = key.get(f"/catalogue-imports/{sent.json()['id']}/").json()
    assert (done["status"], done["created"], done["rejected"]) == ("applied", 1, 1)
    rejects = b"".join(key.get(f"/catalogue-imports/{sent.json()['id']}/rejects/")).decode().splitlines()
    assert rejects[0] == "line,sku,price,currency,code,detail"
    assert rejects[1].startswith("3,B,x,EUR,invalid_price,")


def test_every_line_that_was_not_used_comes_back_however_many():
    found = bring("sku,price\n" + "".join(f"A-{number},x\n" for number in range(1500)))
    assert (found.rejected, found.rejects.count()) == (1500, 1500)
    page = signed_in("merchandiser").get(reverse("admin:stock_catalogueimport_rejects", args=[found.pk]))
    lines = b"".join(page).decode().splitlines()
    assert (len(lines), lines[-1].split(",")[0]) == (1501, "1501")


def test_rejects_are_forgotten_with_the_file(settings):
    found = bring("sku,price\nA,x\n")
    if found.finished_at is None:
        confirm_catalogue_import(catalogue_import=found)
        drain_events()
    prune_imports()
    assert found.rejects.count() == 1
    settings.STOCK_IMPORT_HISTORY_DAYS = -1
    prune_imports()
    found.refresh_from_db()
    assert (found.rejects.count(), found.rejected, bool(found.file)) == (0, 1, False)
