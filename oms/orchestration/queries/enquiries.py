"""What somebody who asks for a promise names, found in one statement; where this process knows the channel's network,
together with what is configured, counted and lies there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from oms.core import clock
from oms.core.access import Access
from oms.core.prepared import prepared_cursor
from oms.orchestration.baskets import Destination
from oms.orchestration.promises import EarlyReading
from oms.orchestration.queries.networks import last_known_channel
from oms.orchestration.queries.places import postcodes_to_find
from oms.orchestration.queries.shelves import reading_and_named_shelves

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


def read_for_enquiry(
    *,
    channel: str,
    pickup_point: str | None,
    skus: Collection[str],
    destination: Destination | None,
    at: datetime | None,
    access: Access,
) -> tuple[Asked, EarlyReading] | None:
    """`named_in_enquiry`, with the reading and the shelves of `facts_for`, at once. None where the network this process
    has used last does not tell whom it is about, or is no longer the network: then they are asked one by one."""
    last = last_known_channel(channel)
    if last is None or not access.sees_channel(last[0]):
        return None
    channel_id, version, feeding = last
    pickup_point_id = feeding.ids.get(pickup_point) if pickup_point else None
    if pickup_point and pickup_point_id is None:
        return None
    now = at or clock.now()
    reading, shelves = reading_and_named_shelves(
        channel_id=channel_id,
        skus=skus,
        known=feeding,
        at=now,
        postcodes=postcodes_to_find([destination] if destination is not None else []),
    )
    if reading.network_version != version:
        return None
    articles = {
        shelf.sku: (pk, shelf.price if shelf.currency == feeding.currency else Decimal(0))
        for pk, shelf in shelves.items()
    }
    return Asked(channel_id, pickup_point_id, articles), EarlyReading(now, reading, shelves)
