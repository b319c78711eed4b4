"""Writing a new order with its lines, slices and payments, the stock it takes, the decisions behind it and the event
that tells of it, in one statement.

Placing is the one road every sale takes: each round trip to the database saved here is saved for every
order. Rows travel as JSON and become rows by the table's own type, so that no column's place in a list of
parameters can be mistaken; everything else about orders is written through the models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import orjson

from oms.core import clock
from oms.core.actors import current_actor
from oms.core.errors import ConcurrentChange
from oms.core.events import emit, emitting, kept_events
from oms.core.kicking import kick_after_commit
from oms.core.prepared import prepared_cursor
from oms.orchestration.services.recording import recording, run_parameters
from orders.gateways.protocol import Answer
from orders.models import Order, Payment, PaymentOperation
from orders.services.drafting import Draft, Values, event_of, line_values, order_values, payment_values, slice_values
from orders.services.placements import Placement, UnitKey
from orders.states import OrderState
from stock.services.reserving import NOTING, TAKING, taking_parameters

_ORDER = (
    "number, channel_id, external_reference, content_hash, mode, state, customer_name, customer_email, customer_phone,"
    " customer_class, tags,"
    " shipping_address, billing_address, pickup_point_id, selling_stock_point_id, relay_point, slot_from, slot_to,"
    " language, currency, subtotal, shipping, tax, total, consolidate, promise, is_plan_told, promised_on, confirm_by,"
    " release_by, hops, needs_attention,"
    " placed_at, confirmed_at, pay_by, cancelled_at, refused_at"
)
_LINE = (
    "position, variant_id, sku, quantity, cancelled_quantity, unit_price, discount, tax_rate, tax, total, mode,"
    " pickup_point_id"
)
_SLICE = "stock_point_id, quantity, picked_quantity, state, reason, give_up_at, promised_on, changed_at"
_PAYMENT = "gateway, method, token, amount, currency, captured, voided, refunded, state, gateway_reference, created_at"
_OPERATION = "kind, key, amount, state, reference, gateway_reference, failure, asked_at"

# In the JSON of a slice `line_id` is the position of its line, in that of an operation `payment_id` the place
# of its payment: their ids are only known here.
_LINES = f"""l AS (
    INSERT INTO orders_orderline (order_id, {_LINE})
    SELECT o.id, {_LINE} FROM o, json_populate_recordset(NULL::orders_orderline, %(lines)s::json) r
    ORDER BY r.position
    RETURNING id, position, variant_id
), t AS (
    INSERT INTO orders_timelineentry (order_id, at, event, actor, data)
    SELECT o.id, %(at)s::timestamptz, 'order.placed', %(actor)s::text, %(data)s::jsonb FROM o
)"""  # noqa: S608 (our own column lists)
_ORDER_ONLY = f"""o AS (
    INSERT INTO orders_order ({_ORDER})
    SELECT {_ORDER} FROM json_populate_record(NULL::orders_order, %(order)s::json)
    RETURNING id
), {_LINES}, a AS (
    INSERT INTO orders_allocation (line_id, reservation_id, {_SLICE})
    SELECT l.id, r.reservation_id, {_SLICE} FROM json_populate_recordset(NULL::orders_allocation, %(slices)s::json) r
    JOIN l ON l.position = r.line_id
    ORDER BY l.position, r.reservation_id
)"""  # noqa: S608
_STOCK_AND_ORDER = f"""{TAKING}, reserved AS (
    {NOTING}
), o AS (
    INSERT INTO orders_order ({_ORDER})
    SELECT {", ".join(f"r.{column}" for column in _ORDER.split(", "))}
    FROM verdict, json_populate_record(NULL::orders_order, %(order)s::json) r WHERE verdict.is_enough
    RETURNING id
), {_LINES}, a AS (
    INSERT INTO orders_allocation (line_id, reservation_id, {_SLICE})
    SELECT l.id, reserved.id, {", ".join(f"r.{column}" for column in _SLICE.split(", "))}
    FROM json_populate_recordset(NULL::orders_allocation, %(slices)s::json) r
    JOIN l ON l.position = r.line_id
    LEFT JOIN reserved ON reserved.variant_id = l.variant_id AND reserved.stock_point_id = r.stock_point_id
    ORDER BY l.position, reserved.id
)"""  # noqa: S608
_PAYMENTS = f"""p AS (
    INSERT INTO orders_payment (order_id, {_PAYMENT})
    SELECT o.id, {_PAYMENT} FROM o, json_populate_recordset(NULL::orders_payment, %(payments)s::json) r
    ORDER BY r.id
    RETURNING id
), x AS (
    INSERT INTO orders_paymentoperation (payment_id, {_OPERATION})
    SELECT placed.id, {_OPERATION}
    FROM json_populate_recordset(NULL::orders_paymentoperation, %(operations)s::json) r
    JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM p) placed ON placed.place = r.payment_id
    ORDER BY placed.id
    RETURNING id
)"""  # noqa: S608
_IDS = "SELECT o.id, ARRAY(SELECT id FROM p ORDER BY id), ARRAY(SELECT id FROM x ORDER BY id) FROM o"
_NO_PAYMENT_IDS = "SELECT o.id, NULL, NULL FROM o"
_TOLD = emitting("SELECT jsonb_build_object('order_id', o.id) FROM o")


@lru_cache
def _statement(*, takes: bool, pays: bool, tells: bool, runs: int) -> str:
    """By whether stock is taken, anything is paid and an event is told in it, and how many decisions it records."""
    parts = [
        _STOCK_AND_ORDER if takes else _ORDER_ONLY,
        _PAYMENTS if pays else "",
        f"d AS ({recording(runs, once='o')})" if runs else "",
        f"e AS ({_TOLD})" if tells else "",
    ]
    return f"WITH {', '.join(filter(None, parts))} {_IDS if pays else _NO_PAYMENT_IDS}"


# Everything hangs on the order's own move: if it no longer waits for its payment, nothing is written.
_CONFIRM = """
WITH o AS (
    UPDATE orders_order SET state = 'confirmed', confirmed_at = %(at)s::timestamptz, pay_by = NULL
    WHERE id = %(order_id)s::bigint AND state = 'pending_payment' RETURNING id
), given AS (
    SELECT * FROM o, unnest(%(operations)s::bigint[], %(references)s::text[]) AS g (operation_id, reference)
), x AS (
    UPDATE orders_paymentoperation x
    SET state = 'succeeded', answered_at = %(at)s::timestamptz, gateway_reference = g.reference
    FROM given g WHERE x.id = g.operation_id AND x.state = 'pending' RETURNING x.payment_id, g.reference
), p AS (
    UPDATE orders_payment p SET state = 'authorised', gateway_reference = x.reference
    FROM x WHERE p.id = x.payment_id AND p.state = 'pending' RETURNING p.id
), t AS (
    INSERT INTO orders_timelineentry (order_id, at, event, actor, data)
    SELECT o.id, %(at)s::timestamptz, 'order.confirmed', %(actor)s::text, '{}'::jsonb FROM o
)
SELECT (SELECT count(*) FROM o), (SELECT count(*) FROM p)
"""


def write_order(
    draft: Draft, placement: Placement, reservation_ids: Sequence[int]
) -> tuple[Order, list[PaymentOperation]]:
    """The order as written, and the authorisations to be asked for, their payments with them.

    `reservation_ids` in the order of the placement's reserving slices. Raises `IntegrityError` where
    `lacks_shared` says what has to be kept first.
    """
    written = _write(draft, placement, slice_values(placement, reservation_ids), None)
    assert written is not None
    return written


def take_and_write_order(
    draft: Draft, placement: Placement, units: Mapping[UnitKey, int]
) -> tuple[Order, list[PaymentOperation]] | None:
    """The same, and the stock is taken with it: `units` by variant and stock point, one slice for each.

    None, and nothing written, when there is too little by now.
    """
    taking = taking_parameters(owner=draft.owner, channel_id=draft.resolved.channel.pk, merged=units)
    return _write(draft, placement, slice_values(placement, None), taking)


def _write(
    draft: Draft, placement: Placement, slices: Sequence[Values], taking: Mapping[str, Any] | None
) -> tuple[Order, list[PaymentOperation]] | None:
    order = order_values(draft, placement)
    payments, operations = payment_values(draft)
    runs, event = placement.runs, event_of(draft)
    tells = event is not None and kept_events() is None
    parameters: dict[str, Any] = {
        **(taking or {}),
        **run_parameters(runs),
        "order": _json(order),
        "lines": _json(line_values(draft, placement)),
        "slices": _json(slices),
        "at": order["placed_at"],
        "actor": current_actor(),
        "data": _json({"units": sum(line.quantity for line in draft.request.lines)}),
        "event": event,
    }
    if payments:
        parameters |= {"payments": _json(payments), "operations": _json(operations)}
    statement = _statement(takes=taking is not None, pays=bool(payments), tells=tells, runs=len(runs))
    with prepared_cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    order_id, payment_ids, operation_ids = row
    if tells:
        kick_after_commit()
    elif event is not None:
        emit(event, order_id=order_id)
    written = Order(id=order_id, **order)
    rows = [
        Payment(**{**values, "id": pk, "order_id": order_id})
        for pk, values in zip(payment_ids or (), payments, strict=True)
    ]
    return written, [
        PaymentOperation(**{**values, "id": pk, "payment_id": row.pk, "payment": row})
        for pk, values, row in zip(operation_ids or (), operations, rows, strict=True)
    ]


def write_confirmation(order: Order, answers: Sequence[tuple[PaymentOperation, Answer]]) -> bool:
    """Confirm an order all of whose payments have just been authorised, in the present transaction.

    False, and nothing written, when it is no longer waiting for them. Raises `ConcurrentChange` when only
    some of them could be written.
    """
    now = clock.now()
    parameters: dict[str, Any] = {
        "order_id": order.pk,
        "operations": [operation.pk for operation, _ in answers],
        "references": [answer.reference for _, answer in answers],
        "at": now,
        "actor": current_actor(),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_CONFIRM, parameters)
        confirmed, authorised = cursor.fetchone()
    if confirmed and authorised != len(answers):
        raise ConcurrentChange
    if confirmed:
        order.state, order.confirmed_at, order.pay_by = OrderState.CONFIRMED, now, None
    return bool(confirmed)


def _json(rows: Any) -> str:
    return orjson.dumps(rows, default=_plain).decode()


def _plain(value: Any) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no place in a row")
