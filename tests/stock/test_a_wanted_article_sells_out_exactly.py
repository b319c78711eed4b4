"""One level that everybody wants, behind protection and an allotment: every unit that may be sold is, and no more."""

import threading
from collections.abc import Callable

import pytest
from django.db import transaction
from django.db.models import F

from oms.core.bulk import Row
from stock.errors import InsufficientStock
from stock.models import AllotmentCounter, SalesChannel, StockLevel
from stock.queries.summaries import summed_availability
from stock.services.allotting import save_allotments
from stock.services.protecting import apply_pending_protection
from stock.services.reserving import reserve_stock
from stock.services.ruling import save_protection_rules
from tests.stock.making import figures, make_channel, make_point, make_variant, receive, want
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)

ON_HAND, PROTECTED, ALLOTTED = 45, 5, 12
BUYERS = 4


class Sale:
    """45 units, 5 of them protected, of which the market may take 12."""

    def __init__(self) -> None:
        self.web, self.market = make_channel("web"), make_channel("market")
        self.paris, self.shirt = make_point("PARIS"), make_variant("SHIRT")
        receive(self.shirt, self.paris, ON_HAND)
        rule = {"code": "keep", "sku": "SHIRT", "quantity": PROTECTED}
        assert save_protection_rules(rows=[Row(0, rule)]).errors == []
        apply_pending_protection()
        row = {"channel": "market", "sku": "SHIRT", "quantity": ALLOTTED}
        assert save_allotments(rows=[Row(0, row)]).errors == []
        self.market.refresh_from_db()

    def available(self, channel: SalesChannel) -> int:
        found = summed_availability(
            channel_id=channel.pk, has_allotments=channel.has_allotments, variant_ids=[self.shirt.pk]
        )
        return found[self.shirt.pk]

    def buyer(self, channel: SalesChannel, number: int) -> Callable[[], int]:
        """Takes one unit after the other until there is none for it; how many it got."""

        def buy() -> int:
            bought = 0
            while True:
                try:
                    wants = [want(self.shirt, self.paris, 1)]
                    reserve_stock(owner=f"{channel.code}:{number}", channel_id=channel.pk, wants=wants)
                except InsufficientStock:
                    return bought
                bought += 1

        return buy


def test_what_may_be_sold_is_sold_to_the_last_unit_whoever_is_first():
    sale = Sale()
    assert (sale.available(sale.web), sale.available(sale.market)) == (ON_HAND - PROTECTED, ALLOTTED)
    # Buyers of the market wait for each other as well and may come too late for any: the first unit is theirs.
    reserve_stock(owner="market:first", channel_id=sale.market.pk, wants=[want(sale.shirt, sale.paris, 1)])
    buyers = [sale.buyer(channel, number) for number in range(BUYERS) for channel in (sale.market, sale.web)]
    got = at_once(buyers, timeout_s=240)
    market, web = 1 + sum(got[::2]), sum(got[1::2])
    assert market + web == ON_HAND - PROTECTED
    assert market <= ALLOTTED
    assert figures(sale.shirt, sale.paris) == (ON_HAND, ON_HAND - PROTECTED, 0)
    assert AllotmentCounter.objects.get().taken == market
    assert (sale.available(sale.web), sale.available(sale.market)) == (0, 0)
    assert_invariants_hold()


def test_the_allotment_alone_is_taken_to_its_last_unit():
    sale = Sale()
    got = at_once([sale.buyer(sale.market, number) for number in range(BUYERS * 2)], timeout_s=240)
    assert sum(got) == ALLOTTED
    assert (sale.available(sale.web), sale.available(sale.market)) == (ON_HAND - PROTECTED - ALLOTTED, 0)
    assert_invariants_hold()


def test_buyers_who_look_before_they_lock_take_what_is_protected():
    """The negative control: the same figures, judged without the lock under which they are written."""
    sale = Sale()
    StockLevel.objects.update(reserved=ON_HAND - PROTECTED - 1)
    everybody_has_looked = threading.Barrier(BUYERS)

    def buy_carelessly() -> bool:
        with transaction.atomic():
            is_enough = sale.available(sale.web) >= 1
            everybody_has_looked.wait(30)
            StockLevel.objects.filter(variant=sale.shirt).update(reserved=F("reserved") + 1)
            return is_enough

    assert at_once([buy_carelessly] * BUYERS) == [True] * BUYERS
    assert figures(sale.shirt, sale.paris)[1] > ON_HAND - PROTECTED
