"""Two connections publish, save or activate at once: one after the other, and never two in force.

The lock on the rule set's row is what orders them; without it (the negative control) the database's own
constraint is all that is left, and a caller sees it.
"""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from oms.core import clock
from oms.core.errors import StateConflict
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.models.rule_sets import RuleSetQuerySet
from oms.orchestration.services.rule_sets import activate_due, publish, roll_back, save_draft
from tests.orchestration.builders import a_document
from tests.support.concurrently import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def states() -> list[str]:
    return sorted(RuleSetVersion.objects.values_list("state", flat=True))


def test_one_of_two_publishes_finds_the_draft():
    for _ in range(5):
        save_draft(code="web-home", document=a_document(priority=RuleSetVersion.objects.count()))
        outcomes = at_once([lambda: publish(code="web-home").number] * 2)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoDraft", "int"]
        assert states().count("published") == 1
        assert RuleSet.objects.get().published_version.state == "published"


def test_first_drafts_of_one_rule_set_are_one_draft():
    documents = [a_document(priority=priority) for priority in range(6)]
    drafts = at_once(
        [lambda document=document: save_draft(code="web-home", document=document).pk for document in documents]
    )
    assert len(set(drafts)) == 1
    version = RuleSetVersion.objects.get()
    assert (version.number, version.state) == (1, "draft")
    assert RuleSet.objects.get().priority == version.document["priority"]


def test_two_roll_backs_leave_one_in_force():
    for priority in range(4):
        save_draft(code="web-home", document=a_document(priority=priority))
        publish(code="web-home")
    outcomes = at_once(
        [lambda number=number: roll_back(code="web-home", version=number).number for number in (1, 2, 3)]
    )
    assert sorted(outcomes) == [1, 2, 3]
    assert states() == ["published", "retired", "retired", "retired"]
    assert RuleSet.objects.get().published_version.state == "published"


def test_two_schedulers_put_a_due_version_in_force_once():
    now = clock.now()
    save_draft(code="web-home", document=a_document())
    publish(code="web-home", at=now + timedelta(minutes=1))

    def activate() -> int:
        with clock.clock_at(now + timedelta(minutes=2)):
            return activate_due()

    assert sorted(at_once([activate] * 4)) == [0, 0, 0, 1]
    assert states() == ["published"]


def test_without_the_lock_two_publishes_collide(monkeypatch):
    """The negative control: unlocked reads let both see the draft, and a guard further down has to stop one."""
    monkeypatch.setattr(RuleSetQuerySet, "locked", lambda self, code: self.filter(code=code).first())
    seen = set()
    for number in range(30):
        code = f"set-{number}"
        save_draft(code=code, document=a_document(code))
        seen |= {type(outcome) for outcome in at_once([lambda code=code: publish(code=code).number] * 4)}
        assert RuleSetVersion.objects.filter(rule_set__code=code, state="published").count() == 1
        if seen & {StateConflict, IntegrityError}:
            return
    pytest.fail("nobody collided: the lock would not be needed")
