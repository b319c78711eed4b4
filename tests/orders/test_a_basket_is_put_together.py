"""What a seller puts into a basket is there, costs what it costs, and is kept once a delivery is chosen."""

from __future__ import annotations

import pytest

from oms.core import clock
from oms.core.errors import Invalid, NotFound
from orders.errors import BadAddress
from orders.models import Basket
from orders.queries.baskets import contents_of, open_basket_of
from orders.services.basketing import (
    IDLE_AFTER,
    add_to_basket,
    change_basket_line,
    choose_delivery,
    empty_basket,
    forget_idle_baskets,
    note_customer,
    set_destination,
)
from orders.services.requests import Address
from stock.errors import InsufficientStock
from stock.queries.holds import hold_owner
from tests.orders.counter import Counter, open_counter
from tests.stock.making import figures, receive, reservations


@pytest.fixture
def counter(db: None) -> Counter:
    return open_counter()


def lines(basket: Basket) -> list[tuple[str, int, bool]]:
    return list(basket.lines.order_by("pk").values_list("variant__sku", "quantity", "is_carried_out"))


def reserved(counter: Counter) -> int:
    points = (counter.lille, counter.lyon, counter.warehouse)
    return sum(figures(counter.shirt, point)[1] for point in points)


def test_the_same_article_twice_is_one_line_and_both_ways_are_two(counter: Counter) -> None:
    counter.add(counter.shirt)
    counter.add(counter.shirt)
    basket = counter.add(counter.shirt, carried=True)
    assert lines(basket) == [(counter.shirt.sku, 2, False), (counter.shirt.sku, 1, True)]
    assert contents_of(basket).subtotal == 30
    assert open_basket_of(seller_id=counter.seller.pk, stock_point_id=counter.lille.pk) == basket


def test_no_more_is_carried_out_than_lies_on_the_shelf(counter: Counter) -> None:
    basket = counter.add(counter.shirt, carried=True)
    with pytest.raises(InsufficientStock) as refused:
        counter.add(counter.shirt, carried=True)
    assert refused.value.data == {
        "lines": [{"sku": counter.shirt.sku, "requested": 2, "available": 1, "carried_out": True}]
    }
    assert lines(basket) == [(counter.shirt.sku, 1, True)]


def test_what_is_carried_out_is_not_delivered_too(counter: Counter) -> None:
    counter.add(counter.shirt, carried=True)
    counter.add(counter.shirt, 5)
    with pytest.raises(InsufficientStock):
        counter.add(counter.shirt)


def test_a_line_changes_its_way_and_joins_the_other(counter: Counter) -> None:
    counter.add(counter.hat)
    basket = counter.add(counter.hat, carried=True)
    first, _ = basket.lines.order_by("pk")
    change_basket_line(basket_id=basket.pk, line_id=first.pk, quantity=1, is_carried_out=True)
    assert lines(basket) == [(counter.hat.sku, 2, True)]


def test_no_units_take_the_line_out(counter: Counter) -> None:
    basket = counter.add(counter.hat)
    line = basket.lines.get()
    change_basket_line(basket_id=basket.pk, line_id=line.pk, quantity=0)
    assert lines(basket) == []
    with pytest.raises(NotFound):
        change_basket_line(basket_id=basket.pk, line_id=line.pk, quantity=1)


def test_a_chosen_delivery_keeps_the_units_until_the_basket_changes(counter: Counter) -> None:
    basket = counter.add(counter.shirt, 6)
    choose_delivery(basket_id=basket.pk, option=counter.home(basket))
    assert reserved(counter) == 6
    assert not contents_of(Basket.objects.get(pk=basket.pk)).short
    counter.add(counter.hat)
    basket.refresh_from_db()
    assert (basket.mode, basket.promise, basket.held_until, reserved(counter)) == ("", None, None, 0)


def test_nothing_is_chosen_where_somebody_was_faster(counter: Counter) -> None:
    basket = counter.add(counter.shirt, 6)
    told = counter.home(basket)
    receive(counter.shirt, counter.lyon, -2, kind="sale")
    with pytest.raises(InsufficientStock):
        choose_delivery(basket_id=basket.pk, option=told)
    basket.refresh_from_db()
    assert (basket.mode, basket.held_until, reserved(counter)) == ("", None, 0)


def test_units_are_kept_where_they_are_to_be_sent_from(counter: Counter) -> None:
    basket = counter.add(counter.shirt, 2)
    told = counter.home(basket)
    choose_delivery(basket_id=basket.pk, option=told)
    kept = reservations(hold_owner(basket.hold_reference))
    assert {(sku, point, units) for sku, point, units, _ in kept} == {
        (line["sku"], parcel["stock_point"], line["quantity"]) for parcel in told["parcels"] for line in parcel["lines"]
    }


def test_a_delivery_told_for_another_basket_is_not_chosen(counter: Counter) -> None:
    basket = counter.add(counter.shirt, 2)
    told = counter.home(basket)
    counter.add(counter.shirt)
    with pytest.raises(Invalid):
        choose_delivery(basket_id=basket.pk, option=told)
    assert reserved(counter) == 0


def test_an_emptied_basket_keeps_nothing(counter: Counter) -> None:
    basket = counter.add(counter.shirt, 2)
    choose_delivery(basket_id=basket.pk, option=counter.home(basket))
    empty_basket(basket_id=basket.pk)
    assert not Basket.objects.exists()
    assert reserved(counter) == 0


def test_a_basket_nobody_paid_for_is_forgotten(counter: Counter) -> None:
    fresh = counter.add(counter.shirt)
    old = add_to_basket(
        seller_id=counter.seller.pk, stock_point_id=None, channel_id=counter.channel.pk, variant_id=counter.hat.pk
    )
    Basket.objects.filter(pk=old.pk).update(opened_at=clock.now() - IDLE_AFTER)
    assert forget_idle_baskets() == 1
    assert list(Basket.objects.all()) == [fresh]


def test_by_telephone_nothing_is_carried_out(counter: Counter) -> None:
    with pytest.raises(Invalid):
        add_to_basket(
            seller_id=counter.seller.pk,
            stock_point_id=None,
            channel_id=counter.channel.pk,
            variant_id=counter.shirt.pk,
            is_carried_out=True,
        )
    assert not Basket.objects.exists()


def test_details_are_kept_only_with_consent_and_only_those_needed(counter: Counter) -> None:
    basket = counter.add(counter.shirt)
    wanted = {"basket_id": basket.pk, "language": "fr", "address": None}
    with pytest.raises(Invalid) as refused:
        note_customer(name="", email="", phone="", has_consented=False, **wanted)
    assert set(refused.value.errors or {}) == {"name", "email"}
    with pytest.raises(Invalid) as refused:
        note_customer(name="Camille", email="c@example.org", phone="", has_consented=False, **wanted)
    assert set(refused.value.errors or {}) == {"consent"}
    basket.refresh_from_db()
    assert (basket.customer_name, basket.consented_at) == ("", None)


def test_an_address_elsewhere_takes_the_chosen_delivery_back(counter: Counter) -> None:
    basket = counter.ready(counter.add(counter.shirt))
    assert basket.mode == "home"
    far = Address(line1="1 quai du Port", postcode="13002", city="Marseille", country="FR")
    note_customer(
        basket_id=basket.pk,
        name="Camille",
        email="c@example.org",
        phone="",
        language="fr",
        has_consented=True,
        address=far,
    )
    basket.refresh_from_db()
    assert (basket.mode, basket.promise) == ("", None)
    assert basket.shipping_address["city"] == "Marseille"


def test_a_postcode_its_country_does_not_have_is_refused(counter: Counter) -> None:
    basket = counter.add(counter.shirt)
    with pytest.raises(BadAddress):
        set_destination(basket_id=basket.pk, country="FR", postcode="1234")
    basket.refresh_from_db()
    assert basket.shipping_address is None
