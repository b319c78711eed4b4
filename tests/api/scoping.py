"""One fixture per route: how to call it on an object of store A and channel A, and who must not see that object.

A route that is missing here fails the tests: say here what it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.base import ContentFile

from oms.core import clock
from oms.orchestration.models import CarrierService
from returns.models import ReturnPolicy
from stock.services.catalogue_importing import create_catalogue_import
from tests.api.world import (
    CHANNEL,
    STORE,
    Call,
    Listing,
    Rows,
    World,
    aside_row,
    expected_row,
    hold_body,
)
from tests.factories.network import lille
from tests.factories.retailer import Json, answered, totals


def _order(**values: Any) -> Callable[[World], Call]:
    return lambda world: Call({"number": world.placed()["number"]}, **values)


def _work(made: Callable[[World], Json], body: Any = None) -> Callable[[World], Call]:
    return lambda world: Call({"pk": made(world)["id"]}, body={} if body is None else body)


def _pick(world: World) -> Call:
    work = world.accepted()
    return Call({"pk": work["id"]}, body={"lines": totals(work)})


def _pack(world: World) -> Call:
    work = world.picked()
    return Call({"pk": work["id"]}, body={"parcels": [{"weight_g": 700, "lines": totals(work)}]})


def _collect(world: World) -> Call:
    work = world.ready()
    return Call({"pk": work["id"]}, body={"code": world.retailer.code_for(work)})


def _label(world: World) -> Call:
    return Call({"pk": world.packed()["parcels"][0]["id"]})


def _cancel_line(world: World) -> Call:
    order = world.placed()
    return Call({"number": order["number"], "line_id": order["lines"][0]["id"]}, body={})


def _release(world: World) -> Call:
    number = world.placed()["number"]
    answered(world.head_office.post(f"/orders/{number}/hold/", {"reason": "call"}), 200)
    return Call({"number": number}, body={})


def _delete_hold(world: World) -> Call:
    answered(world.head_office.post("/reservations/", hold_body()), 201)
    return Call({"reference": "cart-a"}, success=204)


def _rule_set(*, body: Any = None, is_published: bool = False) -> Callable[[World], Call]:
    def made(world: World) -> Call:
        code = world.drafted()
        if is_published:
            answered(world.head_office.post(f"/rule-sets/{code}/publish/", {}), 200)
        return Call({"code": code}, body=body, by_head_office=True)

    return made


def _example(world: World) -> Call:
    code = world.drafted()
    order = world.placed()["number"]
    answered(world.head_office.put(f"/rule-sets/{code}/examples/", [{"name": "a", "order": order}]), 200)
    (example,) = answered(world.head_office.get(f"/rule-sets/{code}/examples/"), 200)["results"]
    return Call({"code": code, "pk": example["id"]}, success=204, by_head_office=True)


def _import(world: World) -> Call:
    """Only who is bound to stock points is kept from others' imports."""
    return Call({"pk": world.imported()["id"]}, strangers=(STORE,))


def _held_import(world: World) -> Call:
    """So many units would go that somebody has to look at the file first."""
    world.retailer.report("receipt", {("shirt", "store-a"): 5000})
    rows = [{"sku": "shirt", "stock_point": "store-a", "quantity": 1}]
    body = {"kind": "delta", "as_of": clock.now().isoformat(), "source": "till-a", "rows": rows}
    held = answered(world.owner.post("/stock-imports/", body), 202)
    world.retailer.drain()
    return Call({"pk": held["id"]}, body={}, strangers=(STORE,))


def _count(made: Callable[[World], Json], body: Any = None, *, by_head_office: bool = False) -> Callable[[World], Call]:
    """A count belongs to its stock point."""
    return lambda world: Call(
        {"reference": made(world)["reference"]}, body=body, strangers=(STORE,), by_head_office=by_head_office
    )


def _filled_count(world: World) -> Json:
    sheet = world.counting()
    answered(world.owner.put("/stock-counts/count-a/lines/", [{"sku": "shirt", "counted": 19}]), 200)
    return sheet


def _transfer(state: str = "proposed", body: Any = None) -> Callable[[World], Call]:
    """It belongs to its two stock points."""
    return lambda world: Call({"reference": world.transfer(state).reference}, body=body, strangers=(STORE,))


def _catalogue_import(world: World) -> Call:
    """The catalogue belongs to the whole network."""
    made = create_catalogue_import(file=ContentFile(b"sku\nhat\n", name="articles.csv"))
    return Call({"pk": made.pk}, by_head_office=True)


def _returned(made: Callable[[World], Json], **values: Any) -> Callable[[World], Call]:
    return lambda world: Call({"number": made(world)["number"]}, **values)


def _waiting(world: World) -> Call:
    """Sent by post, and the banner wants a person's word first."""
    ReturnPolicy.objects.create(needs_authorisation=True)
    return Call({"number": world.asked_back("post")["number"]}, body={})


def _match(world: World) -> Call:
    number = world.sold()["number"]
    # Its channel is known once it is matched: until then only its place says whose it is.
    return Call({"number": world.found()["number"]}, body={"order": number}, strangers=(STORE,), by_head_office=True)


# Everything with an object in its address: a stranger's call is 404, then the owner's succeeds.
OBJECTS: dict[str, Callable[[World], Call]] = {
    "GET /orders/{number}/": _order(),
    "GET /orders/{number}/sourcing-runs/": _order(),
    "POST /orders/{number}/cancel/": _order(body={}),
    "POST /orders/{number}/lines/{line_id}/cancel/": _cancel_line,
    "POST /orders/{number}/hold/": _order(body={"reason": "call"}),
    "POST /orders/{number}/release/": _release,
    "POST /orders/{number}/reroute/": _order(body={}),
    "POST /orders/{number}/change-address/": _order(body={"shipping_address": dict(lille())}),
    "POST /orders/{number}/change-mode/": _order(body={"mode": "pickup", "pickup_point": "store-a"}),
    "GET /fulfilments/{pk}/": lambda world: Call({"pk": world.offered()["id"]}),
    "POST /fulfilments/{pk}/accept/": _work(World.offered),
    "POST /fulfilments/{pk}/claim/": _work(World.offered),
    "POST /fulfilments/{pk}/decline/": _work(World.offered, {"reason": "other"}),
    "POST /fulfilments/{pk}/pick/": _pick,
    "POST /fulfilments/{pk}/pack/": _pack,
    "POST /fulfilments/{pk}/hand-over/": _work(World.packed),
    "POST /fulfilments/{pk}/receive/": _work(World.in_transfer),
    "POST /fulfilments/{pk}/collect/": _collect,
    "GET /parcels/{pk}/label/": _label,
    "DELETE /reservations/{reference}/": _delete_hold,
    "GET /stock-imports/{pk}/": _import,
    "GET /stock-imports/{pk}/rejects/": _import,
    "POST /stock-imports/{pk}/approve/": _held_import,
    "GET /catalogue-imports/{pk}/": _catalogue_import,
    "GET /catalogue-imports/{pk}/rejects/": _catalogue_import,
    "GET /stock-counts/{reference}/": _count(World.counting),
    "GET /stock-counts/{reference}/lines/": _count(World.counting),
    "PUT /stock-counts/{reference}/lines/": _count(World.counting, [{"sku": "shirt", "counted": 19}]),
    "POST /stock-counts/{reference}/submit/": _count(_filled_count, {}),
    "POST /stock-counts/{reference}/reopen/": _count(World.counted, {"reason": "again"}),
    # Nobody approves what they have counted.
    "POST /stock-counts/{reference}/approve/": _count(World.counted, {}, by_head_office=True),
    "POST /stock-counts/{reference}/reject/": _count(World.counted, {"reason": "no"}),
    "GET /transfers/{reference}/": _transfer(),
    "POST /transfers/{reference}/accept/": _transfer(body={}),
    "POST /transfers/{reference}/reject/": _transfer(body={"reason": "no"}),
    "POST /transfers/{reference}/cancel/": _transfer("accepted", {}),
    "POST /transfers/{reference}/ship/": _transfer("accepted", {"quantity": 1}),
    "POST /transfers/{reference}/receive/": _transfer("shipped", {"quantity": 2}),
    "GET /returns/{number}/": _returned(World.asked_back),
    "GET /returns/{number}/label/": _returned(lambda world: world.asked_back("post")),
    "GET /returns/{number}/refund-preview/": _returned(World.asked_back),
    "POST /returns/{number}/authorise/": _waiting,
    "POST /returns/{number}/reject/": _returned(World.asked_back, body={"reason": "worn"}),
    "POST /returns/{number}/receive/": _returned(World.asked_back, body={}),
    "POST /returns/{number}/inspect/": _returned(
        World.come_back, body={"lines": [{"sku": "shirt", "quantity": 1, "grade": "new"}]}
    ),
    "POST /returns/{number}/match/": _match,
    "POST /returns/{number}/refund/": _returned(World.inspected, body={}),
    "POST /returns/{number}/exchange/": _returned(World.inspected, body={}),
    "POST /returns/{number}/cancel/": _returned(World.asked_back, body={}),
    "GET /rule-sets/{code}/": _rule_set(),
    "PUT /rule-sets/{code}/": _rule_set(body={"name": "b", "rules": [{"name": "anything"}]}),
    "POST /rule-sets/{code}/publish/": _rule_set(body={}),
    "POST /rule-sets/{code}/roll-back/": _rule_set(body={"version": 1}, is_published=True),
    "POST /rule-sets/{code}/lint/": _rule_set(body={}),
    "GET /rule-sets/{code}/examples/": _rule_set(),
    "PUT /rule-sets/{code}/examples/": _rule_set(body=[{"name": "a", "order": "none"}]),
    "POST /rule-sets/{code}/examples/try/": _rule_set(body={}),
    "DELETE /rule-sets/{code}/examples/{pk}/": _example,
    "GET /rule-sets/{code}/versions/": _rule_set(),
}


def _listed_order(world: World) -> Listing:
    return Listing("number", world.placed()["number"])


def _listed_work(world: World) -> Listing:
    return Listing("id", world.offered()["id"])


def _listed_reservation(world: World) -> Listing:
    return Listing("owner", f"order:{world.placed()['number']}")


def expected(world: World) -> str:
    world.head_office.put_rows("/expected-receipts/", [expected_row()])
    return "po-a"


def _aside(world: World) -> Listing:
    answered(world.head_office.post("/unavailabilities/", [aside_row()]), 200)
    return Listing("stock_point", "store-a", strangers=(STORE,))


# Lists: the owner finds its row, a stranger does not.
LISTS: dict[str, Callable[[World], Listing]] = {
    "GET /orders/": _listed_order,
    "GET /fulfilments/": _listed_work,
    "GET /reservations/": _listed_reservation,
    "GET /returns/": lambda world: Listing("number", world.asked_back()["number"]),
    "GET /stock-levels/": lambda world: Listing("stock_point", "store-a", strangers=(STORE,)),
    "GET /stock-movements/": lambda world: Listing("stock_point", "store-a", strangers=(STORE,)),
    "GET /expected-receipts/": lambda world: Listing("reference", expected(world), strangers=(STORE,)),
    "GET /stock-imports/": lambda world: Listing("id", world.imported()["id"], strangers=(STORE,)),
    "GET /stock-counts/": lambda world: Listing("reference", world.counting()["reference"], strangers=(STORE,)),
    "GET /protection-suggestions/": lambda world: Listing("stock_point", "store-a", strangers=(STORE,)),
    "GET /transfers/": lambda world: Listing("reference", world.transfer().reference, strangers=(STORE,)),
    "GET /unavailabilities/": _aside,
    "GET /stock-points/": lambda world: Listing("code", "store-a", strangers=(STORE,)),
    "GET /sales-channels/": lambda world: Listing("code", "channel-a", strangers=(CHANNEL,)),
}

# Bulk writes: rows about another's object are refused one by one.
BULK: dict[str, Callable[[World], Rows]] = {
    "PUT /stock-points/": lambda world: Rows({"code": "store-a", "priority": 7}, "unknown_stock_point"),
    "PUT /sales-channels/": lambda world: Rows(
        {"code": "channel-a", "allows_backorders": True}, "unknown_channel", strangers=(CHANNEL,)
    ),
    "PUT /protection-rules/": lambda world: Rows(
        {"code": "keep", "quantity": 1, "stock_point": "store-a", "channel": "channel-a"}, "unknown_stock_point"
    ),
    "PUT /channel-allotments/": lambda world: Rows(
        {"channel": "channel-a", "sku": "shirt", "quantity": 5}, "unknown_channel", strangers=(CHANNEL,)
    ),
    "PUT /expected-receipts/": lambda world: Rows(expected_row(), "unknown_stock_point"),
    "POST /unavailabilities/": lambda world: Rows(aside_row(), "unknown_stock_point"),
    "POST /stock-movements/": lambda world: Rows(
        {
            "sku": "shirt",
            "stock_point": "store-a",
            "quantity": 1,
            "kind": "receipt",
            "reference": "r",
            "occurred_at": "2026-01-01T00:00:00Z",
        },
        "unknown_stock_point",
    ),
}


def _order_body(world: World) -> Call:
    refusals = frozenset({(422, "unknown_channel"), (404, "unknown_channel")})
    body = world.retailer.order_body({"shirt": 1})
    return Call(body=body, success=201, strangers=(CHANNEL,), refusals=refusals)


def _preview(world: World) -> Call:
    body = {"quantity": 1, "stock_point": "store-a", "channel": "channel-a"}
    return Call(body=body, refusals=frozenset({(422, "invalid")}), strangers=(STORE, CHANNEL))


def _import_body(world: World) -> Call:
    """A whole file of another's stock points is refused row by row, so nothing of it is applied."""
    rows = [{"sku": "shirt", "stock_point": "store-a", "quantity": 1}]
    body = {"kind": "delta", "as_of": "2026-01-01T00:00:00Z", "source": "till", "rows": rows}
    return Call(body=body, success=202, strangers=())


def _return_body(world: World) -> Call:
    """Goods may be brought to any store, so only the channel decides whose order a key may name."""
    lines = [{"sku": "shirt", "quantity": 1, "reason": "too_small"}]
    body = {"order": world.sold()["number"], "way": "store", "lines": lines}
    return Call(body=body, success=201, strangers=(CHANNEL,), refusals=frozenset({(404, "unknown_order")}))


_UNKNOWN_CHANNEL = frozenset({(404, "unknown_channel")})

# What names an object in its body or query: a stranger is told that there is none.
NAMING: dict[str, Callable[[World], Call]] = {
    "POST /orders/": _order_body,
    "POST /reservations/": lambda world: Call(
        body=hold_body(), success=201, strangers=(CHANNEL,), refusals=_UNKNOWN_CHANNEL
    ),
    "POST /delivery-promises/": lambda world: Call(
        body={"channel": "channel-a", "lines": [{"sku": "shirt", "quantity": 1}]},
        strangers=(CHANNEL,),
        refusals=_UNKNOWN_CHANNEL,
    ),
    "GET /availability/": lambda world: Call(
        query={"channel": "channel-a", "sku": "shirt"}, strangers=(CHANNEL,), refusals=_UNKNOWN_CHANNEL
    ),
    "GET /availability/export/": lambda world: Call(
        query={"channel": "channel-a"}, strangers=(CHANNEL,), refusals=_UNKNOWN_CHANNEL
    ),
    "GET /availability/changes/": lambda world: Call(
        query={"channel": "channel-a"}, strangers=(CHANNEL,), refusals=_UNKNOWN_CHANNEL
    ),
    "POST /protection-rules/preview/": _preview,
    "GET /stock-levels/explanation/": lambda world: Call(
        query={"sku": "shirt", "stock_point": "store-a"}, strangers=(STORE,), refusals=frozenset({(404, "not_found")})
    ),
    "GET /protection-rules/chain/": lambda world: Call(
        query={"sku": "shirt", "stock_point": "store-a"}, strangers=(STORE,), refusals=frozenset({(404, "not_found")})
    ),
    "POST /stock-counts/": lambda world: Call(
        body={"reference": "count-b", "stock_point": "store-a"},
        success=201,
        strangers=(STORE,),
        refusals=frozenset({(404, "unknown_stock_point")}),
    ),
    "POST /returns/": _return_body,
    "GET /return-reasons/": lambda world: Call(
        query={"channel": "channel-a"}, strangers=(CHANNEL,), refusals=frozenset({(422, "unknown_channel")})
    ),
}


def _pick_ups(world: World) -> Call:
    """Of a service that is there already."""
    zones = {"zones": [{"code": "all"}], "transit_days": {"all": 2}}
    CarrierService.objects.create(carrier="van", service="round", modes=["home"], currency="EUR", **zones)
    row = {"carrier": "van", "service": "round", "stock_point": "store-a", "times": {"mon": ["12:00"]}}
    return Call(body=[row])


# What belongs to the whole retailer: the scope alone decides, whatever a key is bound to.
SHARED: dict[str, Callable[[World], Call]] = {
    "PUT /banners/": lambda world: Call(body=[{"code": "b", "name": "B", "currency": "EUR"}]),
    "PUT /carrier-services/": lambda world: Call(
        body=[
            {
                "carrier": "post",
                "service": "parcel",
                "modes": ["home"],
                "zones": [{"code": "all"}],
                "transit_days": {"all": 2},
                "currency": "EUR",
            }
        ]
    ),
    "PUT /variants/": lambda world: Call(body=[{"sku": "hat", "price": "5.00", "currency": "EUR"}]),
    "GET /variants/": lambda world: Call(),
    # Each client has endpoints of its own, and no others.
    "PUT /webhook-endpoints/": lambda world: Call(
        body=[{"url": "https://shop.example/hooks", "events": ["availability.changed"]}]
    ),
    "POST /catalogue-imports/": lambda world: Call(body={"file": b"sku\nhat\n"}, is_form=True, success=202),
    "PUT /stock-sources/": lambda world: Call(body=[{"name": "till-a", "delimiter": ";"}]),
    "PUT /postcodes/": lambda world: Call(
        body=[{"country": "FR", "postcode": "29200", "latitude": 48.4, "longitude": -4.5}]
    ),
    "GET /postcodes/": lambda world: Call(),
    # Empty for every bound key.
    "GET /carrier-services/": lambda world: Call(),
    "PUT /pick-up-times/": _pick_ups,
    "GET /pick-up-times/": lambda world: Call(),
    "GET /rule-sets/": lambda world: Call(),
    "GET /purchase-proposals/": lambda world: Call(),
    # A file is taken from everybody; rows of others' stock points are refused one by one.
    "POST /stock-imports/": _import_body,
}

SIGNED = frozenset({"POST /carriers/{carrier}/events/"})
PUBLIC = frozenset({"GET /schema/", "GET /docs/"})


def path_of(route_path: str, parameters: Mapping[str, Any]) -> str:
    return route_path.format(**parameters)
