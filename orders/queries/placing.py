"""What a request to place an order names, found in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from oms.core.access import Access
from oms.core.prepared import prepared_cursor

_NAMED = """
SELECT c.id, c.kind, c.currency, c.allows_backorders, c.allows_preorders, c.has_allotments,
       o.id, o.content_hash, v.id, v.sku, v.price, v.currency
FROM stock_saleschannel c
LEFT JOIN orders_order o
       ON o.channel_id = c.id AND o.external_reference = %(reference)s::text AND o.refused_at IS NULL
LEFT JOIN stock_variant v ON v.sku = ANY(%(skus)s::text[]) AND v.is_active
WHERE c.code = %(channel)s::text AND (%(channel_ids)s::bigint[] IS NULL OR c.id = ANY(%(channel_ids)s::bigint[]))
"""


@dataclass(frozen=True, slots=True)
class Channel:
    """What placing needs to know of a sales channel."""

    pk: int
    kind: str
    currency: str
    allows_backorders: bool
    allows_preorders: bool
    has_allotments: bool


@dataclass(frozen=True, slots=True)
class Earlier:
    """The order that already has the request's reference."""

    order_id: int
    content_hash: str


@dataclass(frozen=True, slots=True)
class Article:
    """What is sold under a SKU, and for how much."""

    pk: int
    price: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class Named:
    """`articles` by SKU: those that exist and are sold."""

    channel: Channel
    earlier: Earlier | None
    articles: Mapping[str, Article]


def named_in_request(*, channel: str, reference: str, skus: Collection[str], access: Access) -> Named | None:
    """The channel with its articles and what it placed under the reference; None for an unknown channel."""
    parameters = {
        "channel": channel,
        "reference": reference,
        "skus": list(skus),
        "channel_ids": None if access.channels is None else sorted(access.channels),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_NAMED, parameters)
        rows = cursor.fetchall()
    if not rows:
        return None
    *channel, order_id, content_hash = rows[0][:8]
    return Named(
        channel=Channel(*channel),
        earlier=None if order_id is None else Earlier(order_id, content_hash),
        articles={sku: Article(article, price, unit) for *_, article, sku, price, unit in rows if article is not None},
    )
