"""A program that replays the feed from zero ends with exactly the figures of `GET /availability/`."""

import random

import pytest

from oms.core.bulk import Row
from stock.errors import InsufficientStock
from stock.models import SalesChannel
from stock.services.allotting import save_allotments
from stock.services.compacting import compact_changes
from stock.services.protecting import apply_pending_protection
from stock.services.releasing import release_reservations
from stock.services.reserving import reserve_stock
from stock.services.ruling import save_protection_rules
from tests.stock.calling import Caller
from tests.stock.making import make_channel, make_point, make_variant, receive, want
from tests.support.horizon import wait_for_foreign_transactions

pytestmark = pytest.mark.django_db(transaction=True)


def follow(caller: Caller, channel: str, cursor: str = "") -> tuple[dict[str, int], str]:
    figures: dict[str, int] = {}
    wait_for_foreign_transactions()
    while True:
        query = {"channel": channel} | ({"cursor": cursor} if cursor else {})
        status, page = caller.get("/availability/changes/", **query)
        assert status == 200
        figures |= {row["sku"]: row["available"] for row in page["results"]}
        cursor = page["cursor"]
        if not page["next"]:
            return figures, cursor


@pytest.mark.parametrize("seed", range(3))
def test_whoever_follows_knows_what_is_available(seed):
    chance = random.Random(seed)
    points = [make_point(f"P{n}") for n in range(3)]
    channels = [make_channel("web"), make_channel("market"), make_channel("paris", points=points[:1])]
    variants = [make_variant(f"SKU{n}", category="tops" if n % 2 else "shoes") for n in range(6)]
    for variant in variants:
        for point in points:
            receive(variant, point, chance.randrange(1, 20))
    caller = Caller("follower")
    seen, cursors = {}, {}
    for channel in channels:
        seen[channel.code], cursors[channel.code] = follow(caller, channel.code)
    held: list[int] = []
    for _ in range(40):
        _something_happens(chance, points, channels, variants, held)
    compact_changes()
    for channel in SalesChannel.objects.all():
        news, _ = follow(caller, channel.code, cursors[channel.code])
        skus = [variant.sku for variant in variants]
        _, body = caller.get("/availability/", channel=channel.code, sku=skus)
        now = {item["sku"]: item["available"] for item in body["items"]}
        assert follow(caller, channel.code)[0] == now
        assert seen[channel.code] | news == now


def _something_happens(chance, points, channels, variants, held) -> None:
    variant, point, channel = chance.choice(variants), chance.choice(points), chance.choice(channels)
    match chance.randrange(6):
        case 0:
            receive(variant, point, chance.randrange(-3, 9) or 1)
        case 1:
            try:
                wants = [want(variant, point, chance.randrange(1, 5))]
                held += reserve_stock(owner="buyer:1", channel_id=channel.pk, wants=wants)
            except InsufficientStock:
                return
        case 2 if held:
            release_reservations(ids=[held.pop()])
        case 3:
            row = {"code": "keep", "quantity": chance.randrange(4), "category": chance.choice(["tops", "shoes"])}
            save_protection_rules(rows=[Row(0, row)])
            apply_pending_protection()
        case 4:
            row = {"channel": channel.code, "sku": variant.sku, "quantity": chance.randrange(12)}
            save_allotments(rows=[Row(0, row)])
        case _:
            point.is_active = not point.is_active
            point.save()
