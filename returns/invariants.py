"""What must always be true of returns, their units and their money."""

from __future__ import annotations

from collections.abc import Iterable

from oms.core.invariants import invariant, rows_of


@invariant("returned_units_are_claimed_and_had_left")
def returned_units_are_claimed_and_had_left() -> Iterable[str]:
    """What an order line counts as returned is what live returns claim of it, and had left for the customer."""
    rows = rows_of(
        """
        SELECT o.number, l.position, l.returned_quantity,
               coalesce(c.claimed, 0) AS claimed, coalesce(a.gone, 0) AS gone
        FROM orders_orderline l
        JOIN orders_order o ON o.id = l.order_id
        LEFT JOIN (SELECT order_line_id, sum(quantity) AS claimed FROM returns_returnclaim GROUP BY order_line_id) c
               ON c.order_line_id = l.id
        LEFT JOIN LATERAL (
            SELECT sum(x.quantity) AS gone FROM orders_allocation x
            WHERE x.line_id = l.id AND x.state IN ('shipped', 'delivered', 'collected')
        ) a ON l.returned_quantity > 0
        WHERE (l.returned_quantity > 0 OR c.claimed > 0)
          AND (l.returned_quantity <> coalesce(c.claimed, 0) OR l.returned_quantity > coalesce(a.gone, 0))
        ORDER BY o.number, l.position
        """
    )
    for number, position, returned, claimed, gone in rows:
        yield f"order {number} line {position}: {returned} returned, {claimed} claimed by returns, {gone} had left"


@invariant("return_that_came_to_nothing_claims_nothing")
def return_that_came_to_nothing_claims_nothing() -> Iterable[str]:
    """A rejected, cancelled or expired return holds no unit; one that was received claims what came."""
    rows = rows_of(
        """
        SELECT r.number, r.state, coalesce(sum(l.received_quantity), 0), coalesce(sum(c.claimed), 0)
        FROM returns_return r
        JOIN returns_returnline l ON l.returned_id = r.id
        LEFT JOIN (SELECT line_id, sum(quantity) AS claimed FROM returns_returnclaim GROUP BY line_id) c
               ON c.line_id = l.id
        WHERE r.order_id IS NOT NULL
          AND r.state IN ('received', 'inspected', 'settled', 'closed', 'rejected', 'cancelled', 'expired')
        GROUP BY r.id HAVING coalesce(sum(l.received_quantity), 0) <> coalesce(sum(c.claimed), 0)
        ORDER BY r.number
        """
    )
    for number, state, received, claimed in rows:
        yield f"return {number} is {state}: {received} units received, {claimed} claimed of its order"


@invariant("dispositions_are_of_received_units")
def dispositions_are_of_received_units() -> Iterable[str]:
    """No more units are disposed of than came; all of them once the return is inspected."""
    rows = rows_of(
        """
        SELECT r.number, l.position, l.received_quantity, coalesce(sum(d.quantity), 0) AS disposed
        FROM returns_returnline l
        JOIN returns_return r ON r.id = l.returned_id
        LEFT JOIN returns_disposition d ON d.line_id = l.id
        GROUP BY r.id, l.id
        HAVING coalesce(sum(d.quantity), 0) > l.received_quantity
            OR (r.state IN ('inspected', 'settled') AND coalesce(sum(d.quantity), 0) <> l.received_quantity)
        ORDER BY r.number, l.position
        """
    )
    for number, position, received, disposed in rows:
        yield f"return {number} line {position}: {received} units came, {disposed} disposed of"


@invariant("received_return_is_one_movement")
def received_return_is_one_movement() -> Iterable[str]:
    """What a return brought is in the ledger, once per article, at the point that took it in; and nothing else is."""
    rows = rows_of(
        """
        WITH came AS (
            SELECT 'return:' || r.number AS reference, r.stock_point_id, l.variant_id, sum(l.received_quantity) AS units
            FROM returns_return r JOIN returns_returnline l ON l.returned_id = r.id
            WHERE r.received_at IS NOT NULL
            GROUP BY r.number, r.stock_point_id, l.variant_id HAVING sum(l.received_quantity) > 0
        ), booked AS (
            SELECT reference, stock_point_id, variant_id, sum(quantity) AS units
            FROM stock_ledger WHERE kind = 'return' AND reference LIKE 'return:R%'
            GROUP BY reference, stock_point_id, variant_id
        )
        SELECT coalesce(c.reference, b.reference) AS reference, coalesce(c.units, 0), coalesce(b.units, 0)
        FROM came c FULL JOIN booked b USING (reference, stock_point_id, variant_id)
        WHERE c.units IS DISTINCT FROM b.units
        ORDER BY 1
        """
    )
    for reference, came, booked in rows:
        yield f"{reference}: {came} units came, the ledger has {booked}"


@invariant("returns_refund_no_more_than_their_lines_cost")
def returns_refund_no_more_than_their_lines_cost() -> Iterable[str]:
    """All returns of a line together give back at most their units' share of its total."""
    rows = rows_of(
        """
        SELECT o.number, l.position, l.total, sum(c.refunded_quantity) AS units, sum(c.refund_amount) AS amount
        FROM returns_returnclaim c
        JOIN orders_orderline l ON l.id = c.order_line_id
        JOIN orders_order o ON o.id = l.order_id
        GROUP BY o.id, l.id
        HAVING sum(c.refund_amount) > l.total OR sum(c.refunded_quantity) > l.quantity
            OR abs(sum(c.refund_amount) - l.total * sum(c.refunded_quantity) / l.quantity) > 0.5
        ORDER BY o.number, l.position
        """
    )
    for number, position, total, units, amount in rows:
        yield f"order {number} line {position} of {total}: returns refund {amount} for {units} units"


@invariant("a_settled_return_gives_what_it_says")
def a_settled_return_gives_what_it_says() -> Iterable[str]:
    """Money and credit are within what the goods were worth; gateways were asked for the money and no more."""
    rows = rows_of(
        """
        SELECT r.number, r.goods_amount + r.shipping_amount - r.return_shipping_fee AS worth,
               r.refund_amount, r.credit_amount, m.asked, m.claimed
        FROM returns_return r
        CROSS JOIN LATERAL (
            SELECT (SELECT coalesce(sum(x.amount), 0) FROM orders_paymentoperation x
                    JOIN orders_payment p ON p.id = x.payment_id
                    WHERE p.order_id = r.order_id AND x.kind = 'refund' AND x.state <> 'failed'
                      AND (x.reference = 'return:' || r.number OR x.reference LIKE 'return:' || r.number || ':again:%')
                   ) AS asked,
                   (SELECT coalesce(sum(c.refund_amount), 0) FROM returns_returnclaim c
                    JOIN returns_returnline l ON l.id = c.line_id WHERE l.returned_id = r.id) AS claimed
        ) m
        WHERE r.state IN ('settled', 'closed') AND r.order_id IS NOT NULL
          AND (r.refund_amount + r.credit_amount > r.goods_amount + r.shipping_amount - r.return_shipping_fee
               OR m.asked > r.refund_amount OR m.claimed <> r.goods_amount)
        ORDER BY r.number
        """
    )
    for number, worth, refund, credit, asked, claimed in rows:
        yield (
            f"return {number} is worth {worth}: refunds {refund}, grants {credit}; "
            f"{asked} asked of gateways, its claims add up to {claimed}"
        )


@invariant("credit_is_spent_once")
def credit_is_spent_once() -> Iterable[str]:
    """What replacements were paid with is within what their returns granted; the gateway's books agree with ours."""
    rows = rows_of(
        """
        SELECT r.number, r.credit_amount, sum(CASE WHEN e.kind = 'authorise' THEN e.amount ELSE -e.amount END) AS spent
        FROM returns_creditentry e
        JOIN returns_return r ON r.id = e.returned_id
        WHERE e.is_granted AND r.exchange_order_id IS NOT NULL
          AND (e.kind = 'authorise' OR (e.kind = 'void' AND NOT EXISTS (
              SELECT 1 FROM orders_payment p WHERE p.order_id = r.exchange_order_id AND p.gateway = 'exchange'
                 AND p.gateway_reference = 'CR' || e.authorisation_id)))
        GROUP BY r.id HAVING sum(CASE WHEN e.kind = 'authorise' THEN e.amount ELSE -e.amount END) > r.credit_amount
        ORDER BY r.number
        """
    )
    for number, granted, spent in rows:
        yield f"return {number} grants {granted}, {spent} was spent of it"
    books = rows_of(
        """
        SELECT x.key, x.kind, x.state, x.amount, e.is_granted, e.amount
        FROM orders_paymentoperation x
        JOIN orders_payment p ON p.id = x.payment_id AND p.gateway = 'exchange'
        LEFT JOIN returns_creditentry e ON e.key = x.key
        WHERE (x.state = 'succeeded' AND (e.is_granted IS NOT TRUE OR e.amount <> x.amount))
           OR (x.state = 'failed' AND e.is_granted IS TRUE)
        ORDER BY x.id
        """
    )
    for key, kind, state, amount, is_granted, booked in books:
        yield f"{kind} {key} of {amount} is {state}; the exchange's books say {is_granted} of {booked or 0}"


@invariant("transferred_money_pays_replacements")
def transferred_money_pays_replacements() -> Iterable[str]:
    """What an order's payments count as spent elsewhere is the credit its returns grant and did not get back."""
    rows = rows_of(
        """
        WITH granted AS (
            SELECT r.order_id, sum(r.credit_amount - coalesce(b.amount, 0)) AS amount
            FROM returns_return r
            LEFT JOIN LATERAL (
                SELECT sum(e.amount) AS amount FROM returns_creditentry e
                WHERE e.returned_id = r.id AND e.is_granted AND e.kind IN ('void', 'refund')
                  AND EXISTS (SELECT 1 FROM orders_paymentoperation x JOIN orders_payment p ON p.id = x.payment_id
                              WHERE p.order_id = r.order_id AND x.kind = 'refund'
                                AND x.reference = 'return:' || r.number || ':CR' || e.id)
            ) b ON true
            WHERE r.credit_amount > 0 GROUP BY r.order_id
        ), told AS (
            SELECT order_id, sum(transferred) AS amount FROM orders_payment
            GROUP BY order_id HAVING sum(transferred) > 0
        )
        SELECT o.number, coalesce(t.amount, 0), coalesce(g.amount, 0)
        FROM granted g FULL JOIN told t USING (order_id) JOIN orders_order o ON o.id = order_id
        WHERE coalesce(t.amount, 0) <> coalesce(g.amount, 0) ORDER BY o.number
        """
    )
    for number, told, granted in rows:
        yield f"order {number}: {told} of its money spent elsewhere, its returns grant {granted}"
