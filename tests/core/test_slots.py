"""Two schedulers have one effect per slot."""

import threading

import pytest
from django.db import transaction

from oms.core.audit import record_audit
from oms.core.models import AuditEntry
from oms.core.services.slots import claim_slot
from tests.support.concurrently import Elsewhere, at_once

pytestmark = pytest.mark.django_db(transaction=True)


def run(slot: str = "2026-03-02") -> bool:
    with transaction.atomic():
        is_mine = claim_slot(name="report", slot=slot)
        if is_mine:
            record_audit("report.made", subject=slot)
        return is_mine


def made() -> int:
    return AuditEntry.objects.filter(action="report.made").count()


def test_a_slot_is_claimed_once():
    assert [run(), run(), run("2026-03-03")] == [True, False, True]
    assert made() == 2


def test_schedulers_at_the_same_moment_have_one_effect():
    assert sorted(at_once([run] * 8)) == [False] * 7 + [True]
    assert made() == 1


def test_a_run_that_fails_gives_its_slot_back():
    with pytest.raises(RuntimeError), transaction.atomic():
        assert claim_slot(name="report", slot="2026-03-02")
        raise RuntimeError
    assert run()
    assert made() == 1


def test_the_second_waits_to_see_whether_the_first_succeeds():
    claimed, fail = threading.Event(), threading.Event()

    def first() -> None:
        with pytest.raises(RuntimeError), transaction.atomic():
            claim_slot(name="report", slot="2026-03-02")
            claimed.set()
            assert fail.wait(30)
            raise RuntimeError

    with Elsewhere(first) as one:
        assert claimed.wait(30)
        with Elsewhere(run) as other:
            fail.set()
            assert other.result() is True
        one.result()
    assert made() == 1
