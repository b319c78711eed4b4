"""What somebody who asks for a promise names, found in one statement."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from oms.core.access import Access
from oms.core.prepared import prepared_cursor

_NAMED = """
SELECT c.id, sp.id, v.id, v.sku, v.price, v.currency = c.currency
FROM stock_saleschannel c
LEFT JOIN stock_stockpoint sp ON sp.code = %(pickup_point)s::text
LEFT JOIN stock_variant v ON v.sku = ANY(%(skus)s::text[]) AND v.is_active
WHERE c.code = %(channel)s::text AND (%(channel_ids)s::bigint[] IS NULL OR c.id = ANY(%(channel_ids)s::bigint[]))
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """`articles`: id and price by SKU of those that are sold, the price 0 where it is in another currency."""

    channel_id: int
    pickup_point_id: int | None
    articles: dict[str, tuple[int, Decimal]]


def named_in_enquiry(*, channel: str, pickup_point: str | None, skus: Collection[str], access: Access) -> Asked | None:
    """None for an unknown channel."""
    parameters = {
        "channel": channel,
        "pickup_point": pickup_point,
        "skus": list(skus),
        "channel_ids": None if access.channels is None else sorted(access.channels),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_NAMED, parameters)
        rows = cursor.fetchall()
    if not rows:
        return None
    return Asked(
        channel_id=rows[0][0],
        pickup_point_id=rows[0][1],
        articles={
            sku: (pk, price if is_ours else Decimal(0)) for *_, pk, sku, price, is_ours in rows if pk is not None
        },
    )
