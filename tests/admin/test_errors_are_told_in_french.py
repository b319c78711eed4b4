"""What files, lines and bulk actions were refused for, on the pages of somebody who reads French: no English."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from oms.core.services.relaying import drain_events
from stock.models import Transfer
from stock.services.catalogue_importing import create_catalogue_import
from stock.services.counting import open_count
from stock.services.replenishing import replenish_stock
from tests.admin.people import signed_in
from tests.stock.feeds.feeding import HOUR, feed, file_of, make_network
from tests.stock.making import NOON, make_point, make_variant, receive
from tests.stock.test_transfers_in_the_admin_and_the_api import chosen, ran_out
from tests.support.reading import english, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchandiser(db: None) -> Client:
    return signed_in("merchandiser", language="fr")


def sentences(page: Any) -> list[str]:
    return texts(page.content.decode())


ARTICLES = """sku,gtin,product,name,price,currency,weight_g,is_active,is_hot
A,4006381333930,,,1,EUR,,,
C,,,,1.999,EUR,,,
D,,,,-1,EUR,,,
E,,,,1,euro,,,
F,,,,1,EUR,heavy,,
G,,,,1,EUR,,perhaps,
I,,,Name,1,EUR,,,
,,,,1,EUR,,,
K,,,,1,EUR,,yes,
K,,,,2,EUR,,,
L,4006381333931,,,1,EUR,,,
M,4006381333931,,,1,EUR,,,
"""


def test_lines_of_a_file_of_articles(merchandiser: Client) -> None:
    found = create_catalogue_import(file=ContentFile(ARTICLES.encode(), name="articles.csv"), needs_review=True)
    drain_events()
    page = merchandiser.get(reverse("admin:stock_catalogueimport_change", args=[found.pk]))
    assert "Ligne" in page.content.decode()
    assert "price\xa0: '1.999' n’est pas un montant à deux décimales au plus." in sentences(page)
    assert english(page.content.decode()) == []


@pytest.mark.parametrize(
    "content",
    [
        b"sku;price\nA;1\n",
        b"article,price\nA,1\n",
        b"sku,colour,fabric\nA,red,wool\n",
        b"sku,price\nA,1\nB\n",
        "sku,colour\nA,été\n".encode("latin-1"),
        b"PK\x03\x04",
        b"",
    ],
)
def test_a_file_of_articles_that_is_refused_whole(merchandiser: Client, content: bytes) -> None:
    found = create_catalogue_import(file=ContentFile(content, name="articles.csv"))
    drain_events()
    found.refresh_from_db()
    assert found.state == "refused" and found.reason
    page = merchandiser.get(reverse("admin:stock_catalogueimport_change", args=[found.pk]))
    assert english(page.content.decode()) == []
    assert found.reason not in unescape(page.content.decode())


STOCK_FILES = [
    "sku;stock_point;quantity\nA;paris;1\n",
    "sku,stock_point\nA,paris\n",
    "sku,stock_point,quantity,colour\nA,paris,1,red\n",
    "sku,stock_point,quantity\nA,paris,1\nB,paris\nA,nowhere,1\nA,paris,2\nA,,3\nZ,paris,4\nB,paris,-1\n",
    "sku,stock_point,quantity\n",
    "sku,stock_point,quantity\nA,paris,1,5\n",
]


@pytest.mark.parametrize("text", STOCK_FILES)
def test_a_stock_file(merchandiser: Client, text: str) -> None:
    make_network()
    feed(file_of("A,paris,20", "B,paris,10"))
    sent = {
        "resource": "0",
        "format": "0",
        "kind": "delta",
        "as_of": timezone.localtime(NOON + HOUR).strftime("%Y-%m-%dT%H:%M:%S"),
        "source": "erp",
        "basis": "",
        "import_file": SimpleUploadedFile("stock.csv", text.encode()),
    }
    page = merchandiser.post(reverse("admin:stock_stockimport_import"), sent, follow=True)
    assert page.status_code == 200
    assert english(page.content.decode()) == []


def test_a_stock_file_that_waits_for_approval(merchandiser: Client) -> None:
    make_network(points="paris lyon lille")
    feed(file_of("A,paris,20000", "A,lyon,300", "B,lyon,100", "A,lille,400"))
    held = feed(file_of("A,lyon,0", "B,lyon,0", "A,lille,0"), as_of=NOON + HOUR)
    page = merchandiser.get(reverse("admin:stock_stockimport_change", args=[held.pk]))
    assert "perdrait 400 unités sur 400" in page.content.decode()
    assert english(page.content.decode()) == []


@pytest.mark.parametrize(
    "sheet", [b"sku,counted\nA,seven\n", b"sku,counted\nX,7\nY,8\n", b"sku\nA\n", b"sku,counted\nA\n"]
)
def test_a_counted_sheet(merchandiser: Client, sheet: bytes) -> None:
    point = make_point("PARIS")
    receive(make_variant("A"), point, 5)
    count = open_count(reference="C-1", stock_point=point)
    address = reverse("admin:stock_stockcount_change", args=[count.pk])
    page = merchandiser.post(address, {"move": "write", "file": SimpleUploadedFile("s.csv", sheet)}, follow=True)
    assert any(text.startswith("Ligne") for text in sentences(page))
    assert english(page.content.decode()) == []


def test_transfers_that_could_not_be_accepted(merchandiser: Client) -> None:
    depot, paris = make_point("DEPOT", kind="warehouse"), make_point("PARIS")
    shirts = [ran_out(depot, paris) for _ in range(2)]
    replenish_stock()
    first, second = Transfer.objects.order_by("variant_id")
    receive(shirts[1], depot, -45, kind="damage")
    page = chosen(merchandiser, "accept_chosen", first, second)
    assert f"{second.reference}\xa0: Il n’y a pas assez de stock de {shirts[1].sku}" in page.content.decode()
    assert english(page.content.decode()) == []
    page = chosen(merchandiser, "accept_chosen", first)
    assert "Ce transfert est maintenant «\xa0accepté\xa0»" in page.content.decode()
    assert english(page.content.decode()) == []


def test_english_is_seen_where_it_stands() -> None:
    page = "<script>the order is there</script><p>La commande</p><td>Line 2 is not there.</td>"
    assert english(page) == ["Line 2 is not there."]
