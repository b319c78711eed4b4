"""What must always be true of orders, their slices, their work and their money."""

from __future__ import annotations

from collections.abc import Iterable

from oms.core.invariants import invariant, rows_of


@invariant("line_is_conserved")
def line_is_conserved() -> Iterable[str]:
    """The counted slices of a line add up to what was ordered, the cancelled ones to `cancelled_quantity`."""
    rows = rows_of(
        """
        SELECT o.number, l.position, l.quantity, l.cancelled_quantity,
               coalesce(sum(a.quantity) FILTER (WHERE a.state NOT IN ('declined', 'short_picked')), 0) AS counted,
               coalesce(sum(a.quantity) FILTER (WHERE a.state = 'cancelled'), 0) AS cancelled
        FROM orders_orderline l
        JOIN orders_order o ON o.id = l.order_id
        LEFT JOIN orders_allocation a ON a.line_id = l.id
        GROUP BY o.number, l.id
        HAVING l.quantity <> coalesce(sum(a.quantity) FILTER (WHERE a.state NOT IN ('declined', 'short_picked')), 0)
            OR l.cancelled_quantity <> coalesce(sum(a.quantity) FILTER (WHERE a.state = 'cancelled'), 0)
        ORDER BY o.number, l.position
        """
    )
    for number, position, quantity, cancelled, counted, cancelled_slices in rows:
        yield (
            f"order {number} line {position}: {quantity} ordered, slices of {counted}; "
            f"{cancelled} cancelled, cancelled slices of {cancelled_slices}"
        )


@invariant("order_state_follows_its_slices")
def order_state_follows_its_slices() -> Iterable[str]:
    """An order is in the state its slices make it (the rule of `rollups`, told a second time in SQL)."""
    rows = rows_of(
        """
        WITH seen AS (
            SELECT l.order_id,
                   count(*) FILTER (WHERE live) AS live,
                   count(*) FILTER (WHERE live AND a.state IN ('shipped', 'delivered', 'collected')) AS done,
                   count(*) FILTER (WHERE a.state IN (
                       'assigned', 'picking', 'picked', 'packed', 'in_transfer', 'ready_for_pickup')) AS worked_on
            FROM orders_allocation a
            JOIN orders_orderline l ON l.id = a.line_id
            CROSS JOIN LATERAL (SELECT a.state NOT IN ('declined', 'short_picked', 'cancelled') AS live) s
            GROUP BY l.order_id
        ), derived AS (
            SELECT o.number, o.state,
                   CASE WHEN o.state IN ('expired', 'closed') THEN o.state
                        WHEN live = 0 THEN 'cancelled'
                        WHEN o.state = 'pending_payment' THEN o.state
                        WHEN done = live THEN 'fulfilled'
                        WHEN done > 0 THEN 'partially_fulfilled'
                        WHEN worked_on > 0 THEN 'in_progress'
                        ELSE 'confirmed' END AS should_be
            FROM seen JOIN orders_order o ON o.id = seen.order_id
        )
        SELECT number, state, should_be FROM derived WHERE state <> should_be ORDER BY number
        """
    )
    for number, state, should_be in rows:
        yield f"order {number} is {state}, its slices make it {should_be}"


@invariant("slice_and_reservation_agree")
def slice_and_reservation_agree() -> Iterable[str]:
    """A slice that holds stock has a live reservation of its own for just these units; any other has none live.

    Goods collected off the shelf of the shop keep theirs until then; goods that travelled spent it before. A
    back-ordered slice may hold units that have still to come, or have just come; while only a part of them has,
    another reservation of the order waits for the rest and for the slice to be cut.
    """
    rows = rows_of(
        """
        SELECT a.id, o.number, a.state, a.quantity, r.state, r.quantity
        FROM orders_allocation a
        JOIN orders_orderline l ON l.id = a.line_id
        JOIN orders_order o ON o.id = l.order_id
        LEFT JOIN orders_fulfilment f ON f.id = a.fulfilment_id
        LEFT JOIN stock_reservation r ON r.id = a.reservation_id
        CROSS JOIN LATERAL (
            SELECT a.state IN ('reserved', 'offered', 'assigned', 'picking', 'picked', 'packed')
                       OR (a.state = 'ready_for_pickup' AND f.pickup_point_id = f.stock_point_id) AS must_hold,
                   a.state = 'unfillable' AND r.id IS NOT NULL AS may_hold,
                   a.state = 'backordered' AND r.id IS NOT NULL AS may_await
        ) s
        WHERE CASE
            WHEN must_hold OR may_hold THEN
                r.id IS NULL OR r.state NOT IN ('held', 'confirmed') OR r.quantity <> a.quantity
                OR r.variant_id <> l.variant_id OR r.stock_point_id IS DISTINCT FROM a.stock_point_id
                OR r.owner <> 'order:' || o.number
            WHEN may_await THEN
                r.state NOT IN ('held', 'confirmed') OR r.variant_id <> l.variant_id OR r.owner <> 'order:' || o.number
                OR r.quantity <> a.quantity AND NOT EXISTS (
                    SELECT 1 FROM stock_reservation rest
                    WHERE rest.owner = r.owner AND rest.variant_id = r.variant_id AND r.expected_receipt_id IS NULL
                      AND rest.expected_receipt_id IS NOT NULL AND rest.state = 'confirmed'
                      AND rest.quantity + r.quantity = a.quantity
                )
            ELSE r.state IN ('held', 'confirmed') END
        ORDER BY a.id
        """
    )
    for pk, number, state, quantity, reserved_state, reserved in rows:
        held = f"{reserved} {reserved_state}" if reserved_state else "nothing"
        yield f"slice {pk} of order {number}: {quantity} {state}, its reservation holds {held}"


@invariant("order_reservation_has_its_slice")
def order_reservation_has_its_slice() -> Iterable[str]:
    """No live reservation is owned by an order without a slice that stands for it."""
    rows = rows_of(
        """
        SELECT r.id, r.owner, r.quantity FROM stock_reservation r
        WHERE r.state IN ('held', 'confirmed') AND r.owner LIKE 'order:%'
          AND NOT EXISTS (SELECT 1 FROM orders_allocation a WHERE a.reservation_id = r.id)
          AND NOT EXISTS (
              -- Just come in part: the slice is about to be cut.
              SELECT 1 FROM orders_allocation a JOIN stock_reservation come ON come.id = a.reservation_id
              WHERE r.expected_receipt_id IS NOT NULL AND come.owner = r.owner AND come.variant_id = r.variant_id
                AND come.expected_receipt_id IS NULL AND a.state = 'backordered'
                AND a.quantity = r.quantity + come.quantity
          )
        ORDER BY r.id
        """
    )
    for pk, owner, quantity in rows:
        yield f"reservation {pk} of {owner} holds {quantity} units that no slice stands for"


@invariant("slice_has_one_live_fulfilment")
def slice_has_one_live_fulfilment() -> Iterable[str]:
    """Work in hand belongs to one live fulfilment of its order at its stock point; open slices to none."""
    rows = rows_of(
        """
        SELECT a.id, o.number, a.state, f.id, f.state
        FROM orders_allocation a
        JOIN orders_orderline l ON l.id = a.line_id
        JOIN orders_order o ON o.id = l.order_id
        LEFT JOIN orders_fulfilment f ON f.id = a.fulfilment_id
        WHERE (a.state IN ('offered', 'assigned', 'picking', 'picked', 'packed', 'in_transfer', 'ready_for_pickup')
               AND (f.id IS NULL OR f.state IN ('completed', 'declined', 'expired', 'cancelled')
                    OR f.order_id <> o.id OR f.stock_point_id <> a.stock_point_id))
           OR (a.state IN ('reserved', 'backordered', 'unfillable') AND f.id IS NOT NULL)
        ORDER BY a.id
        """
    )
    for pk, number, state, fulfilment, fulfilment_state in rows:
        at = f"fulfilment {fulfilment} which is {fulfilment_state}" if fulfilment else "no fulfilment"
        yield f"slice {pk} of order {number} is {state} with {at}"


@invariant("an_offer_stands_beside_an_offered_work")
def an_offer_stands_beside_an_offered_work() -> Iterable[str]:
    """What several stock points are offered is in the hands of the work that leads it, and only as long as it is."""
    rows = rows_of(
        """
        SELECT f.id, o.number, lead.id, lead.state, count(a.id)
        FROM orders_fulfilment f
        JOIN orders_fulfilment lead ON lead.id = f.lead_id
        JOIN orders_order o ON o.id = f.order_id
        LEFT JOIN orders_allocation a ON a.fulfilment_id = f.id
        WHERE f.state = 'offered'
        GROUP BY f.id, o.number, lead.id, lead.state, lead.order_id, lead.lead_id
        HAVING lead.state <> 'offered' OR lead.order_id <> f.order_id OR lead.lead_id IS NOT NULL OR count(a.id) > 0
        ORDER BY f.id
        """
    )
    for pk, number, lead, state, slices in rows:
        yield f"fulfilment {pk} of order {number} is offered beside {lead}, which is {state}; it has {slices} slices"


@invariant("live_fulfilment_has_work")
def live_fulfilment_has_work() -> Iterable[str]:
    """A fulfilment that is not over has at least one slice that is neither history nor cancelled; what is offered
    beside it has none."""
    rows = rows_of(
        """
        SELECT f.id, f.state FROM orders_fulfilment f
        WHERE f.state IN ('offered', 'accepted', 'picking', 'packed', 'ready_for_pickup', 'handed_over')
          AND (f.state <> 'offered' OR f.lead_id IS NULL)
          AND NOT EXISTS (SELECT 1 FROM orders_allocation a WHERE a.fulfilment_id = f.id
                          AND a.state NOT IN ('declined', 'short_picked', 'cancelled'))
        ORDER BY f.id
        """
    )
    for pk, state in rows:
        yield f"fulfilment {pk} is {state} and has nothing to do"


@invariant("refunds_within_captures_within_amounts")
def refunds_within_captures_within_amounts() -> Iterable[str]:
    """Counting also what was asked and not answered yet, nobody is refunded or charged too much.

    What pays for the order that replaces returned goods cannot be refunded any more.
    """
    rows = rows_of(
        """
        SELECT p.id, p.amount, p.captured - p.transferred,
               coalesce(sum(x.amount) FILTER (WHERE x.kind = 'capture'), 0) AS captures,
               coalesce(sum(x.amount) FILTER (WHERE x.kind = 'refund'), 0) AS refunds
        FROM orders_payment p
        JOIN orders_paymentoperation x ON x.payment_id = p.id AND x.state <> 'failed'
        GROUP BY p.id
        HAVING coalesce(sum(x.amount) FILTER (WHERE x.kind = 'capture'), 0) > p.amount
            OR coalesce(sum(x.amount) FILTER (WHERE x.kind = 'refund'), 0) > p.captured - p.transferred
        ORDER BY p.id
        """
    )
    for pk, amount, captured, captures, refunds in rows:
        yield f"payment {pk} of {amount}: captures of {captures} asked, {captured} captured, refunds of {refunds} asked"


@invariant("payment_sums_are_its_operations")
def payment_sums_are_its_operations() -> Iterable[str]:
    """What a payment says was captured, voided and refunded is the sum of the operations that succeeded."""
    rows = rows_of(
        """
        SELECT p.id, p.captured, p.voided, p.refunded, s.captured, s.voided, s.refunded
        FROM orders_payment p
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(x.amount) FILTER (WHERE x.kind = 'capture'), 0) AS captured,
                   coalesce(sum(x.amount) FILTER (WHERE x.kind = 'void'), 0) AS voided,
                   coalesce(sum(x.amount) FILTER (WHERE x.kind = 'refund'), 0) AS refunded
            FROM orders_paymentoperation x WHERE x.payment_id = p.id AND x.state = 'succeeded'
        ) s
        WHERE (p.captured, p.voided, p.refunded) <> (s.captured, s.voided, s.refunded)
        ORDER BY p.id
        """
    )
    for pk, *sums in rows:
        told, found = sums[:3], sums[3:]
        yield f"payment {pk} says captured, voided, refunded {_told(told)}; its operations {_told(found)}"


@invariant("one_capture_per_key")
def one_capture_per_key() -> Iterable[str]:
    """What left is paid for once: no payment has two captures for the same parcel, nor the gateway two by one key."""
    rows = rows_of(
        """
        SELECT payment_id, reference, count(*) FROM orders_paymentoperation
        WHERE kind = 'capture' AND state <> 'failed'
        GROUP BY payment_id, reference HAVING count(*) > 1 ORDER BY payment_id, reference
        """
    )
    for payment, reference, count in rows:
        yield f"payment {payment} has {count} captures for {reference}"


@invariant("gateway_books_agree")
def gateway_books_agree() -> Iterable[str]:
    """What we know of the simulated gateway's answers is what its own books say, key by key."""
    rows = rows_of(
        """
        SELECT x.key, x.kind, x.state, x.amount, b.truth, b.amount
        FROM orders_paymentoperation x
        JOIN orders_payment p ON p.id = x.payment_id AND p.gateway LIKE 'simulated%%'
        LEFT JOIN orders_simulatedtransaction b ON b.key = x.key
        WHERE (x.state = 'succeeded' AND (b.truth IS DISTINCT FROM 'succeeded' OR b.amount <> x.amount))
           OR (x.state = 'failed' AND b.truth = 'succeeded')
        ORDER BY x.id
        """
    )
    for key, kind, state, amount, truth, booked in rows:
        yield f"{kind} {key} of {amount} is {state}; the gateway's books say {truth or 'nothing'} of {booked or 0}"


@invariant("gateway_never_captures_and_voids_the_same_money")
def gateway_never_captures_and_voids_the_same_money() -> Iterable[str]:
    rows = rows_of(
        """
        SELECT a.key, a.amount, sum(f.amount) FILTER (WHERE f.kind IN ('capture', 'void')) AS taken
        FROM orders_simulatedtransaction a
        JOIN orders_simulatedtransaction f ON f.authorisation_id = a.id AND f.truth = 'succeeded'
        GROUP BY a.id HAVING sum(f.amount) FILTER (WHERE f.kind IN ('capture', 'void')) > a.amount
        ORDER BY a.id
        """
    )
    for key, amount, taken in rows:
        yield f"authorisation {key} of {amount}: {taken} captured and voided"


@invariant("order_amounts_are_its_lines")
def order_amounts_are_its_lines() -> Iterable[str]:
    """The subtotal is the sum of the lines' totals."""
    rows = rows_of(
        """
        SELECT o.number, o.subtotal, coalesce(sum(l.total), 0)
        FROM orders_order o LEFT JOIN orders_orderline l ON l.order_id = o.id
        GROUP BY o.id HAVING o.subtotal <> coalesce(sum(l.total), 0) ORDER BY o.number
        """
    )
    for number, subtotal, lines in rows:
        yield f"order {number}: subtotal {subtotal}, its lines cost {lines}"


def _told(amounts: list[object]) -> str:
    return ", ".join(str(amount) for amount in amounts)
