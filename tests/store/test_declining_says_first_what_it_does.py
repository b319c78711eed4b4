"""The effect on the shop's stock is shown before it happens, and then is what happens."""

from __future__ import annotations

import html
import re

import pytest

from stock.models import Unavailability, Variant
from tests.factories.retailer import Json
from tests.store.making import PREPARE, Shop, send, told, words


def decline(shop: Shop, work: Json, reason: str, **units: int) -> tuple[str, str]:
    """The page that tells the effect, and the one after it has happened."""
    address = f"{PREPARE}{work['id']}/decline/"
    ids = {line["sku"]: variant_id(line["sku"]) for line in work["lines"]}
    fields = {"reason": reason} | {f"units-{ids[sku]}": quantity for sku, quantity in units.items()}
    effect = words(shop.tablet.get(address, fields))
    return effect, told(shop.tablet, send(shop.tablet, address, fields))


def variant_id(sku: str) -> int:
    return Variant.objects.get(sku=sku).pk


def test_not_found_takes_the_stock_down_to_what_is_in_hand(shop: Shop) -> None:
    picked = shop.retailer.pick(shop.retailer.accept(shop.offer({"shirt": 2})))
    work = shop.offer({"shirt": 3})
    effect, after = decline(shop, work, "not_found")
    assert "Your stock goes from 20 to 2." in effect
    assert "Another place is looked for" in effect
    assert "Another place is looked for" in after
    assert shop.retailer.levels("shirt")["shirt", "store-a"] == (2, 2)
    assert shop.work(picked["order"])["state"] == "picking"


@pytest.mark.parametrize("mode", ["pickup", "e_reservation"])
def test_what_is_collected_of_the_stores_own_stock_is_not_looked_for_elsewhere(shop: Shop, mode: str) -> None:
    paid_later = {"payments": []} if mode == "e_reservation" else {}
    work = shop.offer({"shirt": 3}, mode=mode, pickup_point="store-a", **paid_later)
    for told_there in decline(shop, work, "not_found"):
        assert "Another place is looked for" not in told_there
        assert "no other place can send" in told_there
    assert {state for *_, state in shop.retailer.slices(work["order"])} & {"unfillable", "backordered"}


@pytest.mark.parametrize("reason", ["damaged", "display"])
def test_what_cannot_be_sold_stays_but_is_not_sold(shop: Shop, reason: str) -> None:
    work = shop.offer({"shirt": 3})
    effect, _ = decline(shop, work, reason, shirt=2)
    assert "Your stock stays 20; what can be sold of it goes from 20 to 18." in effect
    assert shop.retailer.levels("shirt")["shirt", "store-a"] == (20, 1)
    assert list(Unavailability.objects.values_list("quantity", "reason")) == [(2, reason)]
    assert shop.work(work["order"])["state"] == "offered"


@pytest.mark.parametrize("reason", ["no_capacity", "closed", "other"])
def test_other_reasons_leave_the_stock(shop: Shop, reason: str) -> None:
    work = shop.offer({"shirt": 3})
    effect, _ = decline(shop, work, reason)
    assert "Your stock stays 20." in effect
    assert shop.retailer.levels("shirt")["shirt", "store-a"] == (20, 0)


def test_looking_at_the_effect_changes_nothing(shop: Shop) -> None:
    work = shop.offer({"shirt": 3})
    shop.tablet.get(f"{PREPARE}{work['id']}/decline/", {"reason": "not_found"})
    assert shop.retailer.levels("shirt")["shirt", "store-a"] == (20, 3)
    assert shop.work(work["order"])["state"] == "offered"


def test_without_a_reason_nothing_is_declined(shop: Shop) -> None:
    work = shop.offer({"shirt": 3})
    answer = send(shop.tablet, f"{PREPARE}{work['id']}/decline/", {"reason": "because"})
    assert "Choose a reason" in told(shop.tablet, answer)
    assert shop.work(work["order"])["state"] == "offered"


def test_one_article_is_given_back_and_the_other_kept(shop: Shop) -> None:
    work = shop.offer({"shirt": 1, "hat": 1})
    decline(shop, work, "not_found", shirt=1, hat=0)
    assert shop.retailer.levels("shirt", "hat")["shirt", "store-a"] == (0, 0)
    assert shop.retailer.levels("shirt", "hat")["hat", "store-a"] == (20, 1)
    (kept,) = shop.retailer.work(work["order"], stock_point="store-a")
    assert [line["sku"] for line in kept["lines"]] == ["hat"]


def chosen(page: str) -> tuple[list[str], list[str]]:
    """The reason that is chosen, and the units beside each article."""
    reasons = re.findall(r'name="reason" value="(\w+)" checked', page)
    return reasons, re.findall(r'name="units-\d+" type="number"[^>]* value="(\d+)"', page)


def test_the_step_back_from_the_effect_keeps_the_reason_and_the_units(shop: Shop) -> None:
    work = shop.offer({"shirt": 3, "hat": 2})
    address = f"{PREPARE}{work['id']}/decline/"
    fields = {"reason": "damaged", f"units-{variant_id('shirt')}": "1", f"units-{variant_id('hat')}": "0"}
    effect = shop.tablet.get(address, fields).content.decode()
    (back,) = re.findall(r'class="crumb" href="([^"]+)"', effect)
    page = shop.tablet.get(html.unescape(back))
    assert "Choose a reason, and" not in words(page)
    assert chosen(page.content.decode()) == (["damaged"], ["1", "0"])


def test_a_refused_choice_is_kept_too(shop: Shop) -> None:
    work = shop.offer({"shirt": 3})
    address = f"{PREPARE}{work['id']}/decline/"
    answer = send(shop.tablet, address, {"reason": "because", f"units-{variant_id('shirt')}": "2"})
    page = shop.tablet.get(answer["Location"])
    assert "Choose a reason, and at least one unit." in words(page)
    assert chosen(page.content.decode()) == ([], ["2"])
