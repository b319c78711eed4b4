"""Two at the same moment: one effect, the same answer for a double click, and nobody hears of the machinery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from oms.core.errors import StateConflict
from orders.errors import PickupLocked, WrongPickupCode
from orders.models import Order, Pickup
from orders.services import collecting, declining, handing_over, packing, picking
from orders.services.collecting import collect_fulfilment
from orders.services.handing_over import hand_over_fulfilment
from orders.services.holding import hold_order
from orders.services.packing import Packing, pack_fulfilment
from orders.services.picking import pick_fulfilment
from orders.services.work import SkuQuantity
from tests.execution.conftest import furnished
from tests.execution.watching import level, movements, state_of, told
from tests.factories.retailer import Json, Retailer
from tests.support.concurrently import Elsewhere, at_once
from tests.support.holding import assert_invariants_hold
from tests.support.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def retailer(transactional_db: None) -> Retailer:
    return furnished()


def meanwhile(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, action: Callable[[], object]) -> None:
    """Another connection does something, once, just after the service has read the work."""
    read = getattr(module, name)
    todo = [action]

    def reading(*args: Any, **values: Any) -> Any:
        work = read(*args, **values)
        if todo:
            with Elsewhere(todo.pop()) as other:
                other.result()
        return work

    monkeypatch.setattr(module, name, reading)


def somebody_waits() -> bool:
    """Whether a connection to this database waits for another's lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def asked(retailer: Retailer, units: int = 2) -> Json:
    retailer.report("receipt", {("shirt", "lille"): 5})
    return retailer.one_work(retailer.place({"shirt": units})["number"])


def ready(retailer: Retailer) -> Json:
    retailer.report("receipt", {("shirt", "paris"): 3})
    number = retailer.place({"shirt": 1}, mode="pickup", pickup_point="paris")["number"]
    return retailer.pick(retailer.accept(retailer.one_work(number)))


def test_handed_over_by_two_at_once(retailer: Retailer, monkeypatch: pytest.MonkeyPatch) -> None:
    work = retailer.pack(retailer.pick(asked(retailer)))
    meanwhile(monkeypatch, handing_over, "read_work_at", lambda: hand_over_fulfilment(fulfilment_id=work["id"]))
    assert hand_over_fulfilment(fulfilment_id=work["id"]).state == "handed_over"
    assert movements("shirt", "lille", "shipment") == [-2]
    assert told(work["order"], "fulfilment.handed_over") == 1
    assert_invariants_hold()


def test_a_carrier_tells_while_it_is_handed_over(retailer: Retailer, monkeypatch: pytest.MonkeyPatch) -> None:
    work = retailer.pack(retailer.pick(asked(retailer)))
    number = work["parcels"][0]["tracking_number"]
    meanwhile(monkeypatch, handing_over, "read_work_at", lambda: retailer.tell(number, "in_transit"))
    assert hand_over_fulfilment(fulfilment_id=work["id"]).state == "handed_over"
    assert movements("shirt", "lille", "shipment") == [-2]
    assert_invariants_hold()


def test_packed_by_two_at_once(retailer: Retailer, monkeypatch: pytest.MonkeyPatch) -> None:
    work = retailer.pick(asked(retailer))
    boxes = [Packing(500, [SkuQuantity("shirt", 1)]), Packing(500, [SkuQuantity("shirt", 1)])]

    def pack() -> object:
        return pack_fulfilment(fulfilment_id=work["id"], parcels=boxes)

    meanwhile(monkeypatch, packing, "read_work_at", pack)
    pack()
    assert (state_of(work), told(work["order"], "fulfilment.packed")) == ("packed", 1)
    assert_invariants_hold()


def test_declined_by_two_at_once(retailer: Retailer, monkeypatch: pytest.MonkeyPatch) -> None:
    work = asked(retailer)

    def decline() -> object:
        return declining.decline_fulfilment(fulfilment_id=work["id"], reason="damaged")

    meanwhile(monkeypatch, declining, "read_work_at", decline)
    decline()
    assert level("shirt", "lille") == (5, 0, 2)
    assert Order.objects.get().hops == 1
    assert_invariants_hold()


def test_collected_by_two_at_once(retailer: Retailer) -> None:
    work = ready(retailer)
    code = retailer.code_for(work)
    answers = at_once([lambda: collect_fulfilment(fulfilment_id=work["id"], code=code).state] * 2)
    assert answers == ["completed", "completed"]
    assert movements("shirt", "paris", "sale") == [-1]
    assert_invariants_hold()


def test_guesses_made_at_once_share_five_tries(retailer: Retailer) -> None:
    work = ready(retailer)
    right = int(retailer.code_for(work))
    guesses = [f"{(right + step) % 1_000_000:06d}" for step in range(1, 9)]

    def guess(code: str) -> Callable[[], object]:
        return lambda: collect_fulfilment(fulfilment_id=work["id"], code=code)

    answers = at_once([guess(code) for code in guesses])
    wrong = [answer for answer in answers if isinstance(answer, WrongPickupCode)]
    assert sorted(answer.data["tries_left"] for answer in wrong if answer.data) == [0, 1, 2, 3, 4]
    assert len([answer for answer in answers if isinstance(answer, PickupLocked)]) == 3
    assert Pickup.objects.get().failed_tries == 5


def test_a_guess_waits_for_the_one_before(retailer: Retailer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four tries are used up; while the fifth is being looked at, a sixth does not slip through."""
    work = ready(retailer)
    Pickup.objects.update(failed_tries=4)
    wrong = f"{(int(retailer.code_for(work)) + 1) % 1_000_000:06d}"
    compare = collecting._is_code
    others: list[Elsewhere] = []

    def comparing(pickup: Pickup, code: str) -> bool:
        if not others:
            others.append(Elsewhere(lambda: collect_fulfilment(fulfilment_id=work["id"], code=wrong)).__enter__())
        return compare(pickup, code)

    monkeypatch.setattr(collecting, "_is_code", comparing)
    with pytest.raises(WrongPickupCode):
        collect_fulfilment(fulfilment_id=work["id"], code=wrong)
    with pytest.raises(PickupLocked):
        others[0].result()
    assert Pickup.objects.get().failed_tries == 5


def test_held_after_the_work_was_read(retailer: Retailer, monkeypatch: pytest.MonkeyPatch) -> None:
    work = asked(retailer)
    order = Order.objects.get()
    meanwhile(monkeypatch, picking, "read_work_at", lambda: hold_order(order_id=order.pk, reason="fraud check"))
    with pytest.raises(StateConflict) as refusal:
        pick_fulfilment(fulfilment_id=work["id"], lines=[SkuQuantity("shirt", 2)])
    assert refusal.value.data == {"state": "accepted", "on_hold": True}
    assert state_of(work) == "accepted"


def test_a_correction_waits_for_what_is_being_picked(retailer: Retailer, monkeypatch: pytest.MonkeyPatch) -> None:
    """One unit is in a picker's hand, not committed yet, while another order's is not found: one unit remains."""
    work = asked(retailer, units=1)
    other = retailer.one_work(retailer.place({"shirt": 1})["number"])
    others: list[Elsewhere] = []
    mark = picking._mark_picked

    def marking(*args: Any) -> None:
        mark(*args)
        declining_it = Elsewhere(lambda: declining.decline_fulfilment(fulfilment_id=other["id"], reason="not_found"))
        others.append(declining_it.__enter__())
        wait_until(somebody_waits, 20)

    monkeypatch.setattr(picking, "_mark_picked", marking)
    pick_fulfilment(fulfilment_id=work["id"], lines=[SkuQuantity("shirt", 1)])
    others[0].result()
    assert level("shirt", "lille") == (1, 1, 0)
    assert_invariants_hold()
