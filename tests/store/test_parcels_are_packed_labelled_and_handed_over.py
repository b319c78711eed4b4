"""From picked goods to the carrier's hands."""

from __future__ import annotations

import io
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from orders import carriers
from orders.carriers.protocol import CarrierRefused
from orders.models import Label, Parcel
from stock.models import Variant
from tests.factories.retailer import Json
from tests.store.making import PREPARE, Shop, send, told, words


def picked(shop: Shop, lines: dict[str, int]) -> Json:
    return shop.retailer.pick(shop.retailer.accept(shop.offer(lines)))


def pack(shop: Shop, work: Json, *parcels: tuple[int, dict[str, int]]) -> Any:
    """`(weight, {SKU: units})` for each parcel."""
    fields: dict[str, Any] = {"parcels": len(parcels)}
    for position, (weight, units) in enumerate(parcels, start=1):
        fields[f"weight-{position}"] = weight
        for sku, quantity in units.items():
            fields[f"units-{position}-{Variant.objects.get(sku=sku).pk}"] = quantity
    return send(shop.tablet, f"{PREPARE}{work['id']}/pack/", fields)


def packed(shop: Shop, lines: dict[str, int]) -> Json:
    work = picked(shop, lines)
    told(shop.tablet, pack(shop, work, (900, lines)))
    return shop.work(work["order"])


def test_everything_goes_into_one_parcel(shop: Shop) -> None:
    work = picked(shop, {"shirt": 2, "hat": 1})
    assert "Packed into 1 parcel." in told(shop.tablet, pack(shop, work, (1800, {"shirt": 2, "hat": 1})))
    (parcel,) = shop.work(work["order"])["parcels"]
    assert parcel["weight_g"] == 1800


def test_or_into_two(shop: Shop) -> None:
    work = picked(shop, {"shirt": 2, "hat": 1})
    page = words(shop.tablet.get(f"{PREPARE}{work['id']}/pack/", {"parcels": 2}))
    assert "Parcel 2" in page
    told(shop.tablet, pack(shop, work, (900, {"shirt": 1}), (1100, {"shirt": 1, "hat": 1})))
    assert [parcel["weight_g"] for parcel in shop.work(work["order"])["parcels"]] == [900, 1100]


@pytest.mark.parametrize(
    ("parcels", "said"),
    [
        ([(900, {"shirt": 1})], "Every picked unit goes into exactly one parcel."),
        ([(900, {"shirt": 3})], "Every picked unit goes into exactly one parcel."),
        ([("", {"shirt": 2})], "Weigh each parcel"),
        ([("0", {"shirt": 2})], "Weigh each parcel"),
        ([(900, {"shirt": 2}), (900, {})], "A parcel is empty"),
    ],
)
def test_what_does_not_add_up_packs_nothing_and_keeps_what_was_typed(shop: Shop, parcels: Any, said: str) -> None:
    work = picked(shop, {"shirt": 2})
    answer = pack(shop, work, *parcels)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert (shop.work(work["order"])["state"], Parcel.objects.count()) == ("picking", 0)


def test_the_label_appears_once_it_is_made(shop: Shop) -> None:
    work = picked(shop, {"shirt": 1})
    answer = pack(shop, work, (900, {"shirt": 1}))
    parcel = Parcel.objects.get()
    assert "The label is being made." in told(shop.tablet, answer)
    assert shop.tablet.get(f"{PREPARE}parcels/{parcel.pk}/label.pdf").status_code == 404
    shop.retailer.drain()
    parcel.refresh_from_db()
    page = words(shop.tablet.get(f"{PREPARE}parcels/{parcel.pk}/"))
    assert parcel.tracking_number in page
    label = shop.tablet.get(f"{PREPARE}parcels/{parcel.pk}/label.pdf")
    assert (label["Content-Type"], label.content[:5]) == ("application/pdf", b"%PDF-")


def test_the_label_is_shown_as_a_picture_of_what_is_printed(shop: Shop) -> None:
    work = packed(shop, {"shirt": 1})
    parcel = work["parcels"][0]["id"]
    address = f"{PREPARE}parcels/{parcel}/label.png"
    assert f'src="{address}"' in shop.tablet.get(f"{PREPARE}parcels/{parcel}/").content.decode()
    answer = shop.tablet.get(address)
    assert answer["Content-Type"] == "image/png"
    picture = Image.open(io.BytesIO(answer.content))
    tracking_number = Parcel.objects.get().tracking_number
    assert tracking_number in {code.text for code in zxingcpp.read_barcodes(picture)}


def test_a_label_that_was_bought_elsewhere_is_not_offered(shop: Shop) -> None:
    parcel = packed(shop, {"shirt": 1})["parcels"][0]["id"]
    Label.objects.all().delete()
    page = shop.tablet.get(f"{PREPARE}parcels/{parcel}/")
    assert "The label of this parcel is not kept here" in page.content.decode()
    assert "label.p" not in page.content.decode()
    assert {shop.tablet.get(f"{PREPARE}parcels/{parcel}/label.{kind}").status_code for kind in ("pdf", "png")} == {404}


def test_printing_again_buys_nothing(shop: Shop) -> None:
    work = packed(shop, {"shirt": 1})
    address = f"{PREPARE}parcels/{work['parcels'][0]['id']}/label.pdf"
    first, second = shop.tablet.get(address), shop.tablet.get(address)
    assert first.content == second.content
    assert Label.objects.count() == 1


def test_a_refused_label_is_asked_for_again_under_its_own_key(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    house, asked = carriers.named("house"), []

    def refuse(request: Any) -> Any:
        asked.append(request.reference)
        raise CarrierRefused("The postcode does not exist.")

    work = picked(shop, {"shirt": 1})
    with monkeypatch.context() as patched:
        patched.setattr(type(house), "buy", lambda self, request: refuse(request))
        pack(shop, work, (900, {"shirt": 1}))
        shop.retailer.drain()
    parcel = Parcel.objects.get()
    address = f"{PREPARE}parcels/{parcel.pk}/"
    assert "The postcode does not exist." in words(shop.tablet.get(address))
    assert "The carrier is asked again." in told(shop.tablet, send(shop.tablet, f"{address}retry/"))
    shop.retailer.drain()
    parcel.refresh_from_db()
    assert (parcel.state, parcel.label_error, asked) == ("labelled", "", [str(parcel.label_key)])


def test_nothing_leaves_without_its_label(shop: Shop) -> None:
    work = picked(shop, {"shirt": 1})
    pack(shop, work, (900, {"shirt": 1}))
    page = told(shop.tablet, send(shop.tablet, f"{PREPARE}{work['id']}/hand-over/"))
    assert "A label is still being made" in page
    assert Parcel.objects.get().state == "label_pending"
    assert shop.retailer.levels("shirt")["shirt", "store-a"] == (20, 1)


def test_the_carriers_list_names_every_parcel_and_lets_them_all_go(shop: Shop) -> None:
    works = [packed(shop, {"shirt": 1}), packed(shop, {"hat": 1})]
    page = words(shop.tablet.get(f"{PREPARE}manifest/"))
    for work in works:
        assert work["parcels"][0]["tracking_number"] in page
    assert "2 parcels" in page
    answer = send(shop.tablet, f"{PREPARE}hand-over/", {"work": [work["id"] for work in works]})
    assert "2 orders handed over." in told(shop.tablet, answer)
    assert {parcel.state for parcel in Parcel.objects.all()} == {"handed_over"}
    assert shop.retailer.levels("shirt", "hat")["shirt", "store-a"] == (19, 0)
    assert "No parcel waits for a carrier" in words(shop.tablet.get(f"{PREPARE}manifest/"))
