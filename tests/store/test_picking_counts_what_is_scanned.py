"""A scan counts one unit of what was asked for; a wrong one counts nothing and is told."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from stock.models import Variant
from tests.factories.retailer import Json
from tests.store.making import PREPARE, Shop, send, told, words

SCAN, PICK = f"{PREPARE}pick/scan/", f"{PREPARE}pick/"


def accepted(shop: Shop, lines: dict[str, int]) -> Json:
    return shop.retailer.accept(shop.offer(lines))


def scan(shop: Shop, code: str, *works: Json, key: str = "") -> str:
    return told(shop.tablet, send(shop.tablet, SCAN, {"code": code, "work": [work["id"] for work in works]}, key=key))


def finish(shop: Shop, *works: Json, **fields: Any) -> Any:
    return send(shop.tablet, PICK, {"work": [work["id"] for work in works]} | fields)


@pytest.mark.parametrize("code", ["4006381333931", "04006381333931", "shirt", "SHIRT", " shirt "])
def test_a_label_or_a_sku_counts_one(shop: Shop, code: str) -> None:
    work = accepted(shop, {"shirt": 2})
    page = scan(shop, code, work)
    assert "Shirt (shirt): 1 of 2" in page
    assert shop.work(work["order"])["state"] == "accepted"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("96385074", "Hat (hat) is not on this list: put it back. Nothing was counted."),
        ("4006381333932", "No article has the code 4006381333932. Nothing was counted."),
        ("", "Nothing was scanned."),
    ],
)
def test_a_wrong_scan_counts_nothing_and_says_so(shop: Shop, code: str, said: str) -> None:
    work = accepted(shop, {"shirt": 2})
    scan(shop, "shirt", work)
    page = scan(shop, code, work)
    assert said in page
    assert "1 / 2" in page


def test_one_too_many_is_to_be_put_back(shop: Shop) -> None:
    work = accepted(shop, {"shirt": 1})
    scan(shop, "shirt", work)
    page = scan(shop, "shirt", work)
    assert "The only Shirt (shirt) is found already: put this one back." in page
    assert "1 / 1" in page
    several = accepted(shop, {"hat": 2})
    for _ in range(2):
        scan(shop, "hat", several)
    assert "All 2 of Hat (hat) are found already: put this one back." in scan(shop, "hat", several)


def test_a_scan_whose_reply_got_lost_counts_once(shop: Shop) -> None:
    work, key = accepted(shop, {"shirt": 3}), str(uuid.uuid4())
    scan(shop, "shirt", work, key=key)
    page = scan(shop, "shirt", work, key=key)
    assert "1 / 3" in page


def test_everything_found_is_picked(shop: Shop) -> None:
    work = accepted(shop, {"shirt": 1, "hat": 1})
    scan(shop, "shirt", work)
    scan(shop, "hat", work)
    page = told(shop.tablet, finish(shop, work))
    assert "Picked: 1 order." in page
    # Its badge says so too: nobody is picking it any more.
    assert f"{work['order']} Home delivery" in page
    assert "Picking" not in page
    assert [line["picked"] for line in shop.work(work["order"])["lines"]] == [1, 1]


def test_what_is_missing_is_asked_about_with_its_effect_before_anything_moves(shop: Shop) -> None:
    work = accepted(shop, {"shirt": 3})
    scan(shop, "shirt", work)
    page = words(finish(shop, work))
    assert "Not everything was found" in page
    assert "Your stock goes from 20 to 1." in page
    assert shop.retailer.levels("shirt")["shirt", "store-a"] == (20, 3)
    assert shop.work(work["order"])["state"] == "accepted"


def test_a_short_pick_that_is_confirmed_moves_the_rest_elsewhere(shop: Shop) -> None:
    work = accepted(shop, {"shirt": 3})
    scan(shop, "shirt", work)
    page = told(shop.tablet, finish(shop, work, confirmed="1"))
    assert "Picked, not whole: 1 order. 2 units were not found" in page
    assert "Picked: 1 order." not in page
    assert shop.retailer.levels("shirt")["shirt", "store-a"] == (1, 1)
    (here,) = shop.retailer.work(work["order"], stock_point="store-a")
    assert [(line["sku"], line["picked"]) for line in here["lines"]] == [("shirt", 1)]
    assert ("shirt", None, 2, "unfillable") in shop.retailer.slices(work["order"])


def test_without_a_scanner_quantities_are_typed(shop: Shop) -> None:
    work = accepted(shop, {"shirt": 3})
    field = f"found-{Variant.objects.get(sku='shirt').pk}"
    assert "3 / 3" in told(shop.tablet, finish(shop, work, save="1", **{field: "3"}))
    assert shop.work(work["order"])["state"] == "accepted"
    told(shop.tablet, finish(shop, work, **{field: "3"}))
    assert [line["picked"] for line in shop.work(work["order"])["lines"]] == [3]


def test_more_than_asked_cannot_be_typed(shop: Shop) -> None:
    work = accepted(shop, {"shirt": 1})
    field = f"found-{Variant.objects.get(sku='shirt').pk}"
    assert "1 / 1" in told(shop.tablet, finish(shop, work, save="1", **{field: "99"}))


def test_several_orders_are_picked_in_one_round(shop: Shop) -> None:
    first, second = accepted(shop, {"shirt": 1}), accepted(shop, {"shirt": 2, "hat": 1})
    page = words(shop.tablet.get(PICK, {"work": [first["id"], second["id"]]}))
    assert "Pick 2 orders" in page
    assert "0 / 4" in page
    for code in ("shirt", "shirt", "shirt", "hat"):
        scan(shop, code, first, second)
    assert "Picked: 2 orders." in told(shop.tablet, finish(shop, first, second))
    picked = [sum(line["picked"] for line in shop.work(work["order"])["lines"]) for work in (first, second)]
    assert picked == [1, 3]


def test_an_order_on_hold_is_not_picked(shop: Shop) -> None:
    work = accepted(shop, {"shirt": 1})
    shop.retailer.api.post(f"/orders/{work['order']}/hold/", {"reason": "fraud check"})
    answer = shop.tablet.get(PICK, {"work": work["id"]})
    assert answer.status_code == 302
    assert "nothing left to pick" in words(shop.tablet.get(answer["Location"]))


def test_another_stores_round_is_empty(shop: Shop) -> None:
    work = accepted(shop, {"shirt": 1})
    assert shop.stranger.get(PICK, {"work": work["id"]}).status_code == 302
    send(shop.stranger, PICK, {"work": [work["id"]], "confirmed": "1"})
    assert shop.work(work["order"])["state"] == "accepted"


def test_what_follows_is_said_of_each_way_that_is_missing(shop: Shop) -> None:
    """Of a round over several orders: what is delivered goes on elsewhere, what is collected of this stock does not."""
    sent = accepted(shop, {"shirt": 1})
    collected = shop.retailer.accept(shop.offer({"hat": 1}, mode="pickup", pickup_point="store-a"))
    elsewhere, here = "Another place is looked for", "no other place can send"
    scan(shop, "shirt", sent, collected)
    page = words(finish(shop, sent, collected))
    assert here in page and elsewhere not in page
    page = told(shop.tablet, finish(shop, sent, collected, confirmed="1"))
    assert "1 unit was not found" in page
    assert here in page and elsewhere not in page


def test_of_both_ways_both_are_said(shop: Shop) -> None:
    sent = accepted(shop, {"shirt": 1})
    collected = shop.retailer.accept(shop.offer({"hat": 1}, mode="pickup", pickup_point="store-a"))
    page = words(finish(shop, sent, collected))
    assert "Another place is looked for" in page and "no other place can send" in page
