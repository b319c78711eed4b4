"""Now and later, when complete, part collected: each a card of its own, kept by its token when the sale is made."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import escape

from oms.core import clock
from oms.core.services.relaying import drain_events
from oms.core.today import today as the_day_it_is
from oms.store.selling.deliveries import articles_of
from oms.store.selling.payments import why_not
from orders.errors import PromiseTaken
from orders.models import Basket, Fulfilment, Order
from orders.services import quoting
from stock.models import ExpectedReceipt, Reservation
from tests.factories.network import make_variant, unique
from tests.orders.counter import Counter
from tests.orders.making import place, slices
from tests.stock.making import arrive, expect, receive
from tests.store.making import words
from tests.store.selling import CUSTOMER, Tablet, opened
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> tuple[Counter, Tablet]:
    return opened()


def ahead(counter: Counter, **allowed: bool) -> None:
    for name in allowed:
        setattr(counter.channel, name, True)
    counter.channel.save()


def cards(tablet: Tablet, mode: str = "home", **destination: str) -> dict[str, dict[str, Any]]:
    """By choice."""
    tablet.post("sell-destination", **{"country": "FR", "postcode": "59800", **destination})
    told = tablet.get("sell-delivery").context["cards"]
    return {card["option"]["choice"]: card for card in told if card["option"]["mode"] == mode}


def chosen(tablet: Tablet, card: dict[str, Any]) -> None:
    assert tablet.post("sell-delivery", option=str(card["index"])).url == reverse("store:sell-customer")
    tablet.post("sell-customer", **CUSTOMER)


def paid(tablet: Tablet) -> Order:
    tablet.post("sell-payment", means="terminal")
    order = Order.objects.get()
    tablet.post("sell-terminal", order.number, card="accepted")
    drain_events()
    order.refresh_from_db()
    return order


def held(basket: Basket) -> dict[tuple[int, int], int]:
    rows = Reservation.objects.filter(owner__contains=basket.reference.hex, state="held")
    return {(row.variant_id, row.stock_point_id or 0): row.quantity for row in rows}


def test_now_and_later_or_all_when_complete(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    ahead(counter, allows_preorders=True)
    expect(counter.hat, counter.warehouse, 3)
    tablet.add(counter.hat, quantity=4)  # two of them lie in Lille
    told = cards(tablet)
    assert set(told) == {"now_and_later", "when_complete"}
    later, whole = told["now_and_later"], told["when_complete"]
    assert [parcel["available_on"] is None for parcel in later["parcels"]] == [True, False]
    assert all(parcel["available_on"] for parcel in whole["parcels"])
    assert later["promised_from"] < whole["promised_from"]
    day = ExpectedReceipt.objects.get().expected_on
    assert [(each["quantity"], each["available_on"]) for each in whole["waiting"]] == [(2, day)]
    page = tablet.get("sell-delivery").content.decode()
    # Articles by their names: nobody in the shop knows codes.
    article = str(escape(articles_of(tablet.get("sell-delivery").context["contents"])[counter.hat.sku]))
    assert f"{counter.lille.name}: 2 × {article}" in page
    assert f"2 × {article}: expected on" in page
    # From two places it comes in two parcels, so not together; but none leaves before the other can.
    assert "nothing leaves before everything is there" in page
    assert "all of it together, once it is complete" not in page
    assert "now what is there, the rest once it has come" in page
    chosen(tablet, whole)
    assert held(Basket.objects.get()) == {(counter.hat.pk, counter.lille.pk): 2}
    order = paid(tablet)
    assert (order.consolidate, order.promised_on) == (True, whole["promised_on"])
    assert slices(order) == {
        (counter.hat.sku, counter.lille.code, 2, "reserved"),
        (counter.hat.sku, None, 2, "backordered"),
    }
    assert not Fulfilment.objects.exists()  # nothing leaves before the rest has come
    assert_invariants_hold()


def test_a_part_is_collected_and_the_rest_delivered(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    tablet.add(counter.hat, quantity=2)
    tablet.add(counter.shirt, quantity=2)  # only one lies in Lille
    told = cards(tablet, pickup_point=counter.lille.code)
    card = told["part_pickup"]
    assert {(parcel["mode"], parcel["is_collected"]) for parcel in card["parcels"]} == {
        ("home", False), ("pickup", True),
    }  # fmt: skip
    assert len(card["parcels"]) > 2 or not card["arrives_in_several"]  # what is collected here is no parcel
    assert (card["on_the_way"], card["from_the_shelf"]) == (1, 2)
    assert "2 articles put aside in the store" in words(tablet.get("sell-delivery"))
    chosen(tablet, card)
    sale = words(tablet.get("sell-payment"))
    assert f"Collected at {counter.lille.name} " in sale.partition(counter.hat.product.name)[2]
    assert "Delivered " in sale.partition(counter.shirt.product.name)[2]
    order = paid(tablet)
    receipt = words(tablet.get("sell-receipt", order.number))
    assert f"Click and collect · {counter.lille.name} 2 × {counter.hat.product.name}" in receipt
    assert f"Home delivery 2 × {counter.shirt.product.name}" in receipt
    assert ("In several parcels" in receipt) == card["arrives_in_several"]
    days = {parcel["is_collected"]: date_format(parcel["promised_on"], "DATE_FORMAT") for parcel in card["parcels"]}
    assert f"To be collected from {days[True]}" in receipt
    assert f"Promised for {days[False]}" in receipt.partition("Home delivery")[2]
    lines = {line.sku: (line.mode, line.pickup_point_id) for line in order.lines.all()}
    assert lines == {
        counter.hat.sku: ("pickup", counter.lille.pk),
        counter.shirt.sku: ("home", None),
    }
    assert (order.promised_on, str(order.shipping)) == (card["promised_on"], card["option"]["price"])
    works = {(work.mode, work.stock_point_id) for work in Fulfilment.objects.all()}
    assert ("pickup", counter.lille.pk) in works
    assert {mode for mode, _ in works} == {"home", "pickup"}
    assert_invariants_hold()


def test_of_one_day_the_cheapest_comes_first(shop: tuple[Counter, Tablet], monkeypatch: pytest.MonkeyPatch) -> None:
    counter, tablet = shop
    tablet.add(counter.hat)
    plain = quoting.option_document
    prices = {"express": "12.90", "home": "0.00"}
    monkeypatch.setattr(
        quoting,
        "option_document",
        lambda option: plain(option) | {"promised_on": "2099-01-02", "price": prices.get(option.mode, "3.00")},
    )
    tablet.post("sell-destination", country="FR", postcode="59800")
    told = [card["option"] for card in tablet.get("sell-delivery").context["cards"]]
    assert [option["mode"] for option in told if option["mode"] in prices] == ["home", "express"]


def test_where_nothing_is_there_yet_nothing_comes_now(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    ahead(counter, allows_preorders=True)
    cap = make_variant(sku=unique("cap"))
    expect(cap, counter.warehouse, 3)
    tablet.add(cap)
    card = cards(tablet)["now_and_later"]
    assert (str(card["choice"]), [each["quantity"] for each in card["waiting"]]) == ("once it has come", [1])


def test_what_was_promised_of_the_future_is_kept_or_the_sale_is_refused(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    ahead(counter, allows_preorders=True)
    expect(counter.hat, counter.warehouse, 3)
    tablet.add(counter.hat, quantity=4)
    chosen(tablet, cards(tablet)["now_and_later"])
    place(counter.channel, {counter.hat.sku: 2})  # somebody else takes two of the three that come
    others = Order.objects.count()
    answer = tablet.post("sell-payment", means="terminal")
    assert answer.url in (reverse("store:sell-delivery"), reverse("store:sell-basket"))
    assert Order.objects.count() == others
    assert Basket.objects.filter(order=None, lines__isnull=False).exists()
    assert_invariants_hold()


def test_units_nobody_knows_a_day_for_wait_and_the_others_are_kept(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    ahead(counter, allows_backorders=True)
    tablet.add(counter.shirt, quantity=8)  # six are there
    told = cards(tablet)
    assert set(told) == {"now_and_later"}
    card = told["now_and_later"]
    assert [(each["quantity"], each["available_on"]) for each in card["waiting"]] == [(2, None)]
    assert b"sent once it comes; no day is known" in tablet.get("sell-delivery").content
    chosen(tablet, card)
    assert sum(held(Basket.objects.get()).values()) == 6
    order = paid(tablet)
    units = {(point, state): quantity for _, point, quantity, state in slices(order)}
    assert units[None, "backordered"] == 2
    kept = {parcel["stock_point"]: sum(line["quantity"] for line in parcel["lines"]) for parcel in card["parcels"]}
    assert {point: quantity for (point, _), quantity in units.items() if point} == kept
    assert str(order.shipping) == card["option"]["price"]
    assert_invariants_hold()


def test_where_nothing_is_there_and_no_day_is_known_nothing_is_promised(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    ahead(counter, allows_backorders=True)
    receive(counter.hat, counter.lille, -2, kind="sale")
    tablet.add(counter.hat, quantity=1)
    card = cards(tablet)["now_and_later"]
    assert (card["parcels"], card["option"]["token"], card["price"]) == ([], "", 0)
    chosen(tablet, card)
    order = paid(tablet)
    assert slices(order) == {(counter.hat.sku, None, 1, "backordered")}
    assert order.promised_on is None


def test_a_promise_that_is_over_or_taken_is_told_with_the_best_there_is_now(shop: tuple[Counter, Tablet]) -> None:
    counter, tablet = shop
    tablet.ready_to_pay(counter.shirt)
    before = Basket.objects.get().promise
    with clock.set_clock(clock.now() + timedelta(days=3)):
        assert tablet.post("sell-payment", means="terminal").url == reverse("store:sell-delivery")
        page = tablet.get("sell-delivery")
        (told,) = [str(message) for message in page.context["messages"]]
        best = next(card for card in page.context["cards"] if card["option"]["mode"] == before["mode"])
    assert best["option"]["promised_on"] > before["promised_on"]
    assert told.startswith("The delivery that was chosen was kept for a while, and that is over. The best now: ")
    assert date_format(best["promised_on"], "l j F") in told
    assert not Order.objects.exists()
    assert why_not(PromiseTaken(data={"option": None})) == (
        "What was chosen has been taken by somebody else since. Choose another delivery."
    )


def test_cards_follow_what_becomes_of_the_receipt_they_wait_for(shop: tuple[Counter, Tablet], settings: Any) -> None:
    counter, tablet = shop
    ahead(counter, allows_preorders=True)
    first = expect(counter.hat, counter.warehouse, 3)
    tablet.add(counter.hat, quantity=4)  # two of them lie in Lille

    def waited_for() -> list[tuple[int, date]]:
        told = cards(tablet).get("now_and_later")
        return [(each["quantity"], each["available_on"]) for each in told["waiting"]] if told else []

    assert waited_for() == [(2, first.expected_on)]
    arrive(counter.hat, counter.warehouse, 1)  # a part of it
    assert waited_for() == [(1, first.expected_on)]
    expect(counter.hat, counter.warehouse, 0)  # the rest is cancelled
    assert waited_for() == []
    assert b"1 is missing" in tablet.get("sell-delivery").content
    second = expect(counter.hat, counter.warehouse, 3, reference="PO-2", days=9)
    assert waited_for() == [(1, second.expected_on)]
    second.expected_on = the_day_it_is() - timedelta(days=1)  # overdue, within its grace
    second.save()
    assert waited_for() == [(1, the_day_it_is())]
    settings.EXPECTED_RECEIPT_GRACE_DAYS = 0
    assert waited_for() == []
    assert b"1 is missing" in tablet.get("sell-delivery").content
