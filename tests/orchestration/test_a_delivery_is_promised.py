"""A basket is answered with every mode that can serve it, from the plan that an order would get."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from oms.core import clock
from oms.orchestration.baskets import BasketLine, Destination
from oms.orchestration.promises import DeliveryOption, Enquiry, Quote
from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.promising import delivery_options
from oms.orchestration.services.rule_sets import publish, save_draft
from stock.models import SalesChannel, Variant
from tests.factories.clients import api_client
from tests.orchestration.builders import PARIS, a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]

WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}


def asked(channel: SalesChannel, *wanted: tuple[Variant, int], **values: Any) -> Quote:
    lines = tuple(BasketLine(str(place), variant.pk, units) for place, (variant, units) in enumerate(wanted, 1))
    values.setdefault("destination", PARIS)
    return delivery_options(enquiry=Enquiry(channel_id=channel.pk, lines=lines, **values))


def by_mode(quote: Quote) -> dict[str, DeliveryOption]:
    return {option.mode: option for option in quote.options}


def test_the_plan_of_an_option_is_the_plan_that_would_be_placed() -> None:
    near, far = a_point("near"), a_point("far", lat=43.3, lon=5.4)
    channel, shirt, shoe = a_channel(), a_variant("shirt"), a_variant("shoe")
    lies(shirt, near, 5)
    lies(shoe, far, 5)
    option = by_mode(asked(channel, (shirt, 1), (shoe, 2)))["home"]
    plan = plan_basket(basket=a_basket(channel, (shirt, 1), (shoe, 2)), trigger="placed")
    assert [(each.stock_point_id, each.ships_on, each.promised_on) for each in option.parcels] == [
        (each.stock_point_id, each.ships_on, each.promised_on) for each in plan.parcels
    ]
    assert [(each.stock_point, [(line.sku, line.quantity) for line in each.lines]) for each in option.parcels] == [
        ("far", [("shoe", 2)]),
        ("near", [("shirt", 1)]),
    ]
    assert (option.is_split, option.promised_on, option.co2e_g) == (True, plan.promised_on, plan.co2e_g)
    assert option.promised_from == min(each.promised_on for each in plan.parcels)
    assert (option.service, str(option.price), option.currency) == ("house", "0.00", "EUR")
    assert option.cost == round(sum(each.expense for each in plan.parcels), 2)


def test_every_mode_that_can_serve_is_told_and_the_best_are_marked() -> None:
    shop = a_point("shop", kind="store", offers_pickup=True, offers_reservation=False, opening_hours=WEEK)
    hub = a_point("hub", lat=43.3, lon=5.4)
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, shop, 1)
    lies(shirt, hub, 5)
    options = by_mode(asked(channel, (shirt, 2), pickup_point_id=shop.pk))
    assert set(options) == {"home", "express", "slot", "relay", "ship_to_store"}
    assert options["ship_to_store"].pickup_point == "shop"
    assert options["home"].pickup_point is None
    assert options["express"].promised_on < options["home"].promised_on
    assert {mode for mode, option in options.items() if option.is_fastest} == {"express"}
    assert {mode for mode, option in options.items() if option.is_cheapest} == set(options)


def test_stock_that_lies_where_it_is_collected_is_greenest() -> None:
    shop = a_point("shop", kind="store")
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, shop, 1)
    options = by_mode(asked(channel, (shirt, 1), pickup_point_id=shop.pk))
    assert (options["pickup"].co2e_g, options["pickup"].is_greenest, options["home"].is_greenest) == (0, True, False)


def test_the_time_left_is_the_last_minute_that_keeps_the_promise() -> None:
    shop = a_point("shop", kind="store", opening_hours=WEEK, cut_off="15:00", preparation_minutes=60)
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, shop, 1)
    option = by_mode(asked(channel, (shirt, 1)))["home"]
    assert option.cut_off_at is not None
    before = by_mode(asked(channel, (shirt, 1), at=option.cut_off_at))["home"]
    after = by_mode(asked(channel, (shirt, 1), at=option.cut_off_at.replace(hour=14)))["home"]
    assert option.cut_off_at.isoformat() == "2026-05-05T13:00:00+00:00"
    assert before.parcels[0].ships_on == option.parcels[0].ships_on
    assert after.parcels[0].ships_on > option.parcels[0].ships_on


def test_what_the_channel_cannot_promise_is_told_and_the_rest_is_offered() -> None:
    hub = a_point("hub")
    channel, shirt, shoe = a_channel(), a_variant("shirt"), a_variant("shoe")
    lies(shirt, hub, 1)
    quote = asked(channel, (shirt, 3), (shoe, 1))
    assert [(each.sku, each.quantity) for each in quote.unavailable] == [("shirt", 2), ("shoe", 1)]
    parcel = by_mode(quote)["home"].parcels[0]
    assert [(line.sku, line.quantity) for line in parcel.lines] == [("shirt", 1)]


def test_when_more_is_expected_is_told() -> None:
    hub = a_point("hub")
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, hub, 1)
    row = {"sku": "shirt", "stock_point": "hub", "kind": "purchase"}
    rows = [
        row | {"reference": "PO-1", "quantity": 1, "expected_on": "2026-05-12"},
        row | {"reference": "PO-2", "quantity": 5, "expected_on": "2026-05-20"},
    ]
    assert api_client().put("/expected-receipts/", rows).json()["created"] == 2
    channel.allows_backorders = channel.allows_preorders = True
    channel.save()
    for place in (PARIS, None):
        (missing,) = asked(channel, (shirt, 3), destination=place).unavailable
        assert (missing.sku, missing.quantity, str(missing.next_available_on)) == ("shirt", 2, "2026-05-20")
        (missing,) = asked(channel, (shirt, 2), destination=place).unavailable
        assert str(missing.next_available_on) == "2026-05-12"
        (missing,) = asked(channel, (shirt, 9), destination=place).unavailable
        assert missing.next_available_on is None


def test_nothing_to_be_had_is_no_option() -> None:
    a_point("hub")
    quote = asked(a_channel(), (a_variant("shirt"), 1))
    assert (quote.options, [(each.sku, each.quantity) for each in quote.unavailable]) == ((), [("shirt", 1)])


def test_a_mode_nobody_offers_is_no_option() -> None:
    shop = a_point("shop", kind="store", ships_orders=False, offers_reservation=False)
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, shop, 1)
    assert set(by_mode(asked(channel, (shirt, 1), pickup_point_id=shop.pk))) == {"pickup"}


def test_what_lies_in_the_store_is_collected_there_and_not_sent_there() -> None:
    shop = a_point("shop", kind="store", offers_reservation=False, opening_hours=WEEK)
    hub = a_point("hub", lat=43.3, lon=5.4)
    channel, shirt, shoe = a_channel(), a_variant("shirt"), a_variant("shoe")
    lies(shirt, shop, 1)
    lies(shoe, hub, 1)

    def collected(*lines: tuple[Variant, int]) -> set[str]:
        return set(by_mode(asked(channel, *lines, destination=None, pickup_point_id=shop.pk)))

    assert collected((shirt, 1)) == {"pickup"}
    assert collected((shoe, 1)) == {"ship_to_store"}
    assert collected((shirt, 1), (shoe, 1)) == {"ship_to_store"}, "a part of it travels"


def test_where_the_rules_allow_no_collection_it_may_still_be_sent_there() -> None:
    shop = a_point("shop", kind="store", offers_reservation=False)
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, shop, 1)
    nobody = [{"name": "none", "filters": {"kinds": ["warehouse"]}}]
    save_draft(code="no-pickup", document=a_document("no-pickup", applies_to={"modes": ["pickup"]}, rules=nobody))
    publish(code="no-pickup")
    assert set(by_mode(asked(channel, (shirt, 1), destination=None, pickup_point_id=shop.pk))) == {"ship_to_store"}


def test_a_place_that_is_guessed_is_promised_wider_and_later() -> None:
    hub = a_point("hub")
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, hub, 1)
    known = by_mode(asked(channel, (shirt, 1), destination=Destination("FR", "75001", 46.5, 2.5)))["home"]
    quote = asked(channel, (shirt, 1), destination=Destination("FR", "99999"))
    guessed = by_mode(quote)["home"]
    assert (quote.is_degraded, guessed.is_degraded, known.is_degraded) == (True, True, False)
    assert guessed.promised_from == known.promised_on
    assert guessed.promised_on > known.promised_on


def test_without_a_place_the_modes_of_each_article_and_of_the_basket_are_told() -> None:
    shop = a_point("shop", kind="store", offers_reservation=False)
    hub = a_point("hub", offers_pickup=False, offers_reservation=False)
    channel, shirt, shoe = a_channel(), a_variant("shirt"), a_variant("shoe")
    lies(shirt, shop, 1)
    lies(shoe, hub, 1)
    quote = asked(channel, (shirt, 1), (shoe, 1), destination=None)
    delivered = ("home", "express", "slot", "relay")
    assert (quote.options, quote.unavailable) == ((), ())
    assert {article.sku: article.modes for article in quote.articles} == {
        "shirt": (*delivered, "pickup", "ship_to_store"),
        "shoe": (*delivered, "ship_to_store"),
    }
    assert quote.modes == (*delivered, "ship_to_store")


def test_what_the_cart_holds_counts_as_free() -> None:
    hub = a_point("hub")
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, hub, 1, reserved=1)
    assert asked(channel, (shirt, 1)).options == ()
    assert "home" in by_mode(asked(channel, (shirt, 1), own_units={(shirt.pk, hub.pk): 1}))


def test_queries_do_not_grow_with_modes_or_lines() -> None:
    shop = a_point("shop", kind="store")
    channel, articles = a_channel(), [a_variant(f"sku-{number}") for number in range(6)]
    for article in articles:
        lies(article, shop, 9)
    for pickup_point_id in (None, shop.pk):  # the network is prepared once
        asked(channel, (articles[0], 1), pickup_point_id=pickup_point_id)

    def queries(*wanted: tuple[Variant, int], **values: Any) -> int:
        with CaptureQueriesContext(connection) as captured:
            asked(channel, *wanted, **values)
        return len(captured)

    assert queries((articles[0], 1)) == 1
    assert queries(*((article, 1) for article in articles), pickup_point_id=shop.pk) == 1
    assert queries((articles[0], 99), pickup_point_id=shop.pk) == 3


def test_an_option_of_another_moment_is_reckoned_from_it() -> None:
    hub = a_point("hub")
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, hub, 1)
    tomorrow = clock.now().replace(day=6)
    today = by_mode(asked(channel, (shirt, 1)))["home"]
    assert by_mode(asked(channel, (shirt, 1), at=tomorrow))["home"].promised_on > today.promised_on
