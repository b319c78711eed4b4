"""Levels, reservations, capacity, the order, its work: captured SQL shows them in this order (fault 9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orders.models import Fulfilment
from orders.services.collecting import collect_fulfilment
from orders.services.declining import decline_fulfilment
from orders.services.handing_over import hand_over_fulfilment
from orders.services.packing import Packing, pack_fulfilment
from orders.services.picking import pick_fulfilment
from orders.services.work import SkuQuantity
from tests.factories.retailer import LILLE, Json, Retailer
from tests.orders.test_the_order_of_locks import assert_in_order, locked_by

STOCK_AND_WORK = {"stock_stocklevel", "orders_order", "orders_fulfilment"}


def asked(retailer: Retailer, **values: Any) -> Json:
    retailer.add_points(["lille"], kind="warehouse", daily_order_capacity=9, **LILLE)
    retailer.report("receipt", {("shirt", "lille"): 5, ("hat", "lille"): 5})
    return retailer.one_work(retailer.place({"shirt": 2, "hat": 1})["number"])


def in_order(action: Callable[[], object], *more: str) -> None:
    assert_in_order(locked_by(action), at_least=STOCK_AND_WORK | set(more))


def test_declining(retailer: Retailer) -> None:
    work = asked(retailer)
    in_order(
        lambda: decline_fulfilment(fulfilment_id=work["id"], reason="not_found"),
        "stock_reservation",
        "orchestration_capacityuse",
    )


def test_picking(retailer: Retailer) -> None:
    work = asked(retailer)
    in_order(lambda: pick_fulfilment(fulfilment_id=work["id"], lines=[SkuQuantity("shirt", 2), SkuQuantity("hat", 1)]))


def test_picking_short(retailer: Retailer) -> None:
    work = asked(retailer)
    in_order(
        lambda: pick_fulfilment(fulfilment_id=work["id"], lines=[SkuQuantity("shirt", 1), SkuQuantity("hat", 0)]),
        "stock_reservation",
    )


def test_packing_into_two(retailer: Retailer) -> None:
    work = retailer.pick(asked(retailer))
    boxes = [
        Packing(500, [SkuQuantity("shirt", 1)]),
        Packing(500, [SkuQuantity("shirt", 1), SkuQuantity("hat", 1)]),
    ]
    in_order(lambda: pack_fulfilment(fulfilment_id=work["id"], parcels=boxes), "stock_reservation")


def test_handing_over(retailer: Retailer) -> None:
    work = retailer.pack(retailer.pick(asked(retailer)))
    in_order(lambda: hand_over_fulfilment(fulfilment_id=work["id"]), "stock_reservation")


def test_collecting(retailer: Retailer) -> None:
    retailer.report("receipt", {("shirt", "paris"): 5})
    number = retailer.place({"shirt": 1}, mode="pickup", pickup_point="paris")["number"]
    work = retailer.pick(retailer.accept(retailer.one_work(number)))
    in_order(lambda: collect_fulfilment(fulfilment_id=work["id"], code=retailer.code_for(work)), "stock_reservation")


def test_a_message_of_the_carrier(retailer: Retailer) -> None:
    work = retailer.pack(retailer.pick(asked(retailer)))
    in_order(lambda: retailer.tell(work["parcels"][0]["tracking_number"], "delivered"), "stock_reservation")
    assert Fulfilment.objects.get().state == "completed"
