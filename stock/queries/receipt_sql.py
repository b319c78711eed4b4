"""Which expected receipts a channel may promise of, written once for every statement that reads or guards them.

The alias `e` is the expected receipt; the others are those of `level_sql`.
"""

from typing import Final

from stock.queries.level_sql import POINT_FEEDS_CHANNEL, POINT_IS_OPEN

TODAY: Final = "(%(at)s AT TIME ZONE sp.timezone)::date"

# Whether a receipt counts for the channel, however much of it is promised already.
RECEIPT_COUNTS: Final = f"""e.quantity > e.received
  AND e.expected_on >= {TODAY} - %(grace_days)s::integer
  AND {POINT_IS_OPEN} AND {POINT_FEEDS_CHANNEL}"""

SELLABLE_RECEIPTS: Final = f"""
FROM stock_saleschannel c
CROSS JOIN stock_expectedreceipt e
JOIN stock_stockpoint sp ON sp.id = e.stock_point_id
WHERE c.id = %(channel_id)s AND e.variant_id = ANY(%(variant_ids)s::bigint[])
  AND e.outstanding > e.reserved AND {RECEIPT_COUNTS}
"""
