"""The same return under two hands at the same moment: each step is done once, whoever was second is told."""

from __future__ import annotations

import pytest

from orders.models import PaymentOperation
from orders.services.work import SkuQuantity
from returns.errors import QuantityMismatch
from returns.models import Disposition, Return, ReturnLine
from returns.services import inspecting
from returns.services.exchanging import Replacement, exchange_return
from returns.services.inspecting import inspect_return
from returns.services.receiving import receive_return
from returns.services.requests import GradedUnits
from returns.services.settling import refund_return
from tests.returns.conftest import Counter, open_counter
from tests.support.concurrently import at_once
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def counter(transactional_db: None) -> Counter:
    return open_counter()


def test_received_by_both_it_is_in_stock_once(counter: Counter) -> None:
    counter.ask(counter.sold())
    pk = Return.objects.get().pk
    units = [SkuQuantity("shirt", 1)]
    outcomes = at_once([lambda: receive_return(return_id=pk, stock_point="paris", lines=units)] * 2)
    assert [type(outcome).__name__ for outcome in outcomes] == ["Return", "Return"]
    assert counter.level("shirt", "paris") == (5, 0, 1)
    assert_invariants_hold()


def test_inspected_by_both_one_is_told_that_nothing_waits(counter: Counter) -> None:
    """Three units, two graded by each: the second finds one left."""
    counter.received(counter.sold({"shirt": 3}))
    pk = Return.objects.get().pk
    graded = [GradedUnits("shirt", 2, "new")]
    outcomes = at_once([lambda: inspect_return(return_id=pk, lines=graded)] * 2)
    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [type(outcome) for outcome in refused] == [QuantityMismatch]
    assert sum(Disposition.objects.values_list("quantity", flat=True)) == 2
    assert counter.level("shirt", "paris") == (5, 0, 1)
    assert_invariants_hold()


def test_inspected_by_another_just_after_it_was_read_nothing_is_graded_twice(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter.received(counter.sold({"shirt": 3}))
    pk = Return.objects.get().pk
    graded = [GradedUnits("shirt", 2, "new")]
    read = inspecting.uninspected_units
    others = iter([lambda: inspect_return(return_id=pk, lines=graded)])

    def read_too_early(returned: Return) -> dict[ReturnLine, int]:
        found = read(returned)
        for other in others:
            (outcome,) = at_once([other])
            assert isinstance(outcome, Return)
        return found

    monkeypatch.setattr(inspecting, "uninspected_units", read_too_early)
    with pytest.raises(QuantityMismatch):
        inspect_return(return_id=pk, lines=graded)
    assert sum(Disposition.objects.values_list("quantity", flat=True)) == 2
    assert_invariants_hold()


def test_refunded_and_exchanged_at_once_the_money_goes_one_way(counter: Counter) -> None:
    order = counter.sold()
    counter.inspected(order)
    pk = Return.objects.get().pk
    at_once(
        [
            lambda: refund_return(return_id=pk),
            lambda: exchange_return(return_id=pk, replacement=Replacement()),
        ]
    )
    counter.retailer.drain()
    returned = Return.objects.get()
    assert returned.state == "settled"
    assert returned.refund_amount + returned.credit_amount == 10
    assert PaymentOperation.objects.filter(kind="refund").count() == (1 if returned.refund_amount else 0)
    assert_invariants_hold()
