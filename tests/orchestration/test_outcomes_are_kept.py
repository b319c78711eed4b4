"""What became of decisions is kept once, for what will be learned from it."""

from datetime import UTC, datetime

import pytest

from oms.orchestration.models import RunOutcome
from oms.orchestration.services.outcomes import record_outcome
from tests.orchestration.builders import a_point

pytestmark = pytest.mark.django_db
AT = datetime(2026, 5, 5, 8, tzinfo=UTC)


def test_an_outcome_is_kept_with_what_was_told():
    shop = a_point("shop")
    record_outcome(reference="H1", stock_point_id=shop.pk, kind="declined", at=AT, data={"reason": "not_found"})
    outcome = RunOutcome.objects.get()
    assert (outcome.reference, outcome.stock_point_id, outcome.kind, outcome.at) == ("H1", shop.pk, "declined", AT)
    assert outcome.data == {"reason": "not_found"}


def test_told_twice_it_is_kept_once():
    shop = a_point("shop")
    for _ in range(2):
        record_outcome(reference="H1", stock_point_id=shop.pk, kind="accepted", at=AT)
    assert RunOutcome.objects.count() == 1


def test_a_kind_nobody_knows_is_refused():
    with pytest.raises(ValueError, match="lost"):
        record_outcome(reference="H1", stock_point_id=a_point("shop").pk, kind="lost", at=AT)
    assert RunOutcome.objects.count() == 0
