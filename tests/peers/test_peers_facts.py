"""Facts about how two other open-source systems allocate, hold, ship and give back, told of this one."""

from __future__ import annotations

import pytest

from tests.peers import allocating, cancelling, holding, shipping  # noqa: F401 (their facts register themselves)
from tests.peers.facts import FOLDER, TELLINGS, Case, Shop, cases
from tests.support.holding import assert_invariants_hold

# Facts this product does not share, and why; parts of others are explained where they are told.
NOT_SHARED = {
    "SAL-23": "differs: only what has left can be returned; units that have not are cancelled, which VEN-12 tells",
    "SAL-24": "differs: work is declined until it has left, and plans anew; what has left is never undone but returned",
    "VEN-08": "differs: a refused change changes nothing, so the cart keeps what it held until that expires",
    "VEN-14": "differs: a shipment is a fact and not undone; what comes back is received by a return",
    "VEN-15": "differs: every SKU is counted; a supplier's endless stock is a stock point that says so in its feed",
}
CASES = cases()

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not CASES, reason=f"the peers' facts are not here: {FOLDER}"),
]


def test_every_fact_is_told_or_has_a_reason() -> None:
    ids = {case.id for case in CASES}
    assert len(ids) == 48
    assert not TELLINGS.keys() & NOT_SHARED.keys()
    assert TELLINGS.keys() | NOT_SHARED.keys() == ids


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id) for case in CASES])
def test_the_fact_holds_here(case: Case) -> None:
    if case.id in NOT_SHARED:
        pytest.skip(NOT_SHARED[case.id])
    TELLINGS[case.id](Shop(), case)
    assert_invariants_hold()
