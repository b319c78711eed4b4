"""draft → published → retired → published again; now, or later by the schedule."""

from datetime import timedelta

import pytest

from oms.core import clock
from oms.core.actors import acting_as
from oms.core.errors import Invalid, StateConflict
from oms.core.models import AuditEntry, OutboxEvent
from oms.orchestration.errors import NoDraft, UnknownRuleSet, UnknownVersion
from oms.orchestration.models import RuleSet, RuleSetVersion
from oms.orchestration.services.rule_sets import activate_due, publish, roll_back, save_draft, unschedule
from oms.orchestration.tasks import activate_rule_sets
from tests.orchestration.builders import a_document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


def states() -> dict[int, str]:
    return dict(RuleSetVersion.objects.order_by("number").values_list("number", "state"))


def in_force() -> int | None:
    version = RuleSet.objects.get().published_version
    return None if version is None else version.number


def published(count: int) -> None:
    for number in range(1, count + 1):
        save_draft(code="web-home", document=a_document(priority=number))
        publish(code="web-home")


def test_publishing_puts_the_draft_in_force_and_retires_the_one_before():
    published(1)
    save_draft(code="web-home", document=a_document(priority=2, name="Second"))

    with acting_as("user:7"):
        version = publish(code="web-home")

    assert (version.number, version.state, version.published_by) == (2, "published", "user:7")
    assert version.effective_at == clock.now()
    assert states() == {1: "retired", 2: "published"}
    assert in_force() == 2
    assert (RuleSet.objects.get().priority, RuleSet.objects.get().name) == (2, "Second")
    assert AuditEntry.objects.latest("pk").changes == {"version": 2, "replaced": 1}
    event = OutboxEvent.objects.latest("pk")
    assert (event.name, event.payload) == (
        "rule_set.published",
        {"rule_set_id": RuleSet.objects.get().pk, "version": 2},
    )


def test_without_a_draft_there_is_nothing_to_publish():
    published(1)
    with pytest.raises(NoDraft):
        publish(code="web-home")
    assert states() == {1: "published"}


def test_a_rule_set_nobody_wrote_is_unknown():
    for call in (lambda: publish(code="none"), lambda: roll_back(code="none", version=1)):
        with pytest.raises(UnknownRuleSet):
            call()


def test_a_scheduled_version_takes_effect_at_its_moment_and_not_before(morning):
    published(1)
    save_draft(code="web-home", document=a_document(priority=2))
    at = clock.now() + timedelta(hours=3)
    with acting_as("user:7"):
        scheduled = publish(code="web-home", at=at)
    assert (scheduled.state, scheduled.effective_at) == ("scheduled", at)

    morning.move_to(at - timedelta(seconds=1))
    assert activate_due() == 0
    assert (states(), in_force()) == ({1: "published", 2: "scheduled"}, 1)

    morning.move_to(at)
    activate_rule_sets()
    assert (states(), in_force()) == ({1: "retired", 2: "published"}, 2)
    assert RuleSetVersion.objects.get(number=2).published_by == "user:7"
    assert activate_due() == 0


def test_versions_whose_moments_passed_together_take_effect_in_their_order(morning):
    now = clock.now()
    for hours in (2, 1):
        save_draft(code="web-home", document=a_document(priority=hours))
        publish(code="web-home", at=now + timedelta(hours=hours))

    morning.move_to(now + timedelta(days=1))
    assert activate_due() == 2

    assert (states(), in_force()) == ({1: "published", 2: "retired"}, 1)


def test_a_moment_already_past_means_now():
    save_draft(code="web-home", document=a_document())
    assert publish(code="web-home", at=clock.now() - timedelta(days=1)).state == "published"


def test_two_versions_cannot_take_effect_at_the_same_moment():
    at = clock.now() + timedelta(hours=1)
    save_draft(code="web-home", document=a_document())
    publish(code="web-home", at=at)
    save_draft(code="web-home", document=a_document(priority=2))

    with pytest.raises(Invalid):
        publish(code="web-home", at=at)

    assert states() == {1: "scheduled", 2: "draft"}


def test_a_scheduled_version_can_be_called_off(morning):
    at = clock.now() + timedelta(hours=1)
    save_draft(code="web-home", document=a_document())
    publish(code="web-home", at=at)

    unschedule(code="web-home", version=1)

    morning.move_to(at)
    assert activate_due() == 0
    assert (states(), in_force()) == ({1: "retired"}, None)


def test_rolling_back_puts_the_earlier_version_in_force_as_it_was():
    published(3)
    before = RuleSetVersion.objects.get(number=1).document

    version = roll_back(code="web-home", version=1)

    assert (version.number, version.state, version.document) == (1, "published", before)
    assert states() == {1: "published", 2: "retired", 3: "retired"}
    assert in_force() == 1
    assert RuleSet.objects.get().priority == 1
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.changes) == ("rule_set.rolled_back", {"version": 1, "replaced": 3})


def test_rolling_back_leaves_the_draft_alone():
    published(2)
    save_draft(code="web-home", document=a_document(priority=99))

    roll_back(code="web-home", version=1)

    assert states() == {1: "published", 2: "retired", 3: "draft"}


def test_rolling_back_to_what_is_in_force_changes_and_records_nothing():
    published(2)
    entries = AuditEntry.objects.count()
    assert roll_back(code="web-home", version=2).state == "published"
    assert AuditEntry.objects.count() == entries


def test_a_version_that_was_never_in_force_cannot_be_rolled_back_to():
    save_draft(code="web-home", document=a_document())
    with pytest.raises(StateConflict) as refused:
        roll_back(code="web-home", version=1)
    assert refused.value.data == {"state": "draft"}
    with pytest.raises(UnknownVersion):
        roll_back(code="web-home", version=2)
    assert states() == {1: "draft"}
