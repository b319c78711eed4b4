"""Facts about where the units of an order or a cart are taken from."""

from __future__ import annotations

from tests.peers.facts import Case, Shop, assert_insufficient, fact


@fact("SAL-01")
def the_whole_of_one_shelf_then_the_rest_of_another(shop: Shop, case: Case) -> None:
    """Side by side, two stock points cost the same: ties go to the first code, whose whole stock is used."""
    shop.stock(case.given["stock"])
    order = shop.ordered(5)
    assert shop.allocated(order["number"], "W1", "W2") == dict(case.expect)


@fact("SAL-02")
def a_cart_is_spread_by_the_stock_points_priority(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    shop.priorities(case.given["channel_priority"])
    shop.held(5)
    assert shop.reserved("W1", "W2") == dict(case.expect)


@fact("SAL-03")
def a_pickup_is_taken_from_its_own_store(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    order = shop.ordered(5, mode="pickup", pickup_point="COLLECT")
    assert shop.allocated(order["number"], "COLLECT", "W1", "W2") == dict(case.expect)


@fact("SAL-04")
def held_units_are_left_to_their_cart(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    shop.held(case.given["cart_hold"]["W1"], point="W1")
    order = shop.ordered(3)
    found = shop.allocated(order["number"], "W1", "W2")
    assert found["W1"] + found["W2"] == case.expect["W1"] + case.expect["W2"] == 3
    free = case.given["stock"]["W1"] - case.given["cart_hold"]["W1"]
    assert found["W1"] <= free
    assert shop.reserved("W1", "W2") == {"W1": 2 + found["W1"], "W2": found["W2"]}


@fact("SAL-05")
def the_priority_is_followed_beside_another_cart(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    shop.priorities(case.given["channel_priority"])
    shop.held(case.given["cart_hold"]["W2"], reference="other", point="W2")
    shop.held(3)
    assert shop.reserved("W1", "W2") == {"W1": case.expect["W1"], "W2": case.expect["W2"] + 1}


@fact("SAL-06")
def what_carts_hold_cannot_be_ordered(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    for point, units in case.given["cart_hold"].items():
        shop.held(units, reference=point, point=point)
    assert_insufficient(shop.asked({"A": 5}), A=4)
    assert sum(shop.reserved("W1", "W2").values()) - 3 == case.expect["allocations"]


@fact("SAL-07")
def more_than_there_is_cannot_be_ordered(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    assert_insufficient(shop.asked({"A": 10}), A=7)
    assert sum(shop.reserved("W1", "W2").values()) == case.expect["allocations"]


@fact("SAL-08")
def every_short_article_is_named_at_once(shop: Shop, case: Case) -> None:
    shop.stock({"W1": 4})
    shop.stock({"W1": 3}, sku="B")
    assert_insufficient(shop.asked({"A": 100, "B": 100}), A=4, B=3)
    assert shop.level("W1", "A")[1] + shop.level("W1", "B")[1] == case.expect["allocations"]


@fact("SAL-09")
def what_is_promised_cannot_be_promised_again(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    taken = case.given["already_allocated"]
    for point, units in taken.items():
        shop.ordered(units, mode="pickup", pickup_point=point)
    assert_insufficient(shop.asked({"A": 6}), A=4)
    assert sum(shop.reserved("W1", "W2").values()) - sum(taken.values()) == case.expect["new_allocations"]


@fact("SAL-10")
def what_is_left_can_be_promised_and_not_one_unit_more(shop: Shop, case: Case) -> None:
    shop.shelf(case.given["on_hand"])
    shop.ordered(case.given["allocated"])
    assert_insufficient(shop.asked({"A": 21}), A=20)
    assert shop.level() == (100, 80)
    shop.ordered(20)
    assert shop.level() == (100, 100)
    assert (case.expect["20"], case.expect["21"]) == (
        "ok, allocated 100",
        "insufficient stock, allocated stays 80, on hand stays 100",
    )


@fact("SAL-22")
def lines_that_lie_together_become_one_work(shop: Shop, case: Case) -> None:
    shop.stock({"W1": case.given["line1"]}, sku="A")
    shop.stock({"W1": 1, "W2": 1}, sku="B")
    lines = {"A": case.given["line1"], "B": case.given["line2"]}
    number = shop.retailer.place(lines)["number"]
    named = {"A": "line1", "B": "line2"}
    found = [
        {work["stock_point"]: {named[line["sku"]]: line["quantity"] for line in work["lines"]}}
        for work in sorted(shop.retailer.work(number), key=lambda work: str(work["stock_point"]))
    ]
    assert found == case.expect["fulfilments"]


@fact("VEN-18")
def what_can_be_sold_is_told_in_all_and_by_stock_point(shop: Shop, case: Case) -> None:
    shop.stock(case.given["stock"])
    answer = shop.api.get("/availability/", channel="web", sku="A", detail="stock_points")
    (item,) = answer.json()["items"]
    found = {point["code"]: point["available"] for point in item["stock_points"]}
    assert {"all": item["available"], **found} == dict(case.expect)


@fact("VEN-19")
def each_article_leaves_where_the_rules_send_it(shop: Shop, case: Case) -> None:
    for sku, point in (("A", "L1"), ("B", "L2")):
        shop.stock(case.given["stock"], sku=sku)
        shop.retailer.add_articles([sku], product={"code": sku, "name": sku, "category": f"of-{point}"})
        shop.retailer.publish_rules(
            f"from-{point}",
            modes=["home"],
            applies_to={"categories_any": [f"of-{point}"]},
            rules=[{"name": point, "filters": {"stock_points": [point]}}],
        )
        shop.retailer.place({sku: 2})
    for sku, levels in case.expect.items():
        assert {point: list(shop.level(point, sku)) for point in ("L1", "L2")} == levels


@fact("VEN-24")
def no_more_is_taken_than_asked(shop: Shop, case: Case) -> None:
    wanted = case.expect["must_be"]
    shop.stock(case.given["stock"])
    order = shop.ordered(5)
    found = shop.allocated(order["number"], "L1", "L2")
    assert {"total": sum(found.values()), **found} == wanted
