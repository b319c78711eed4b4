"""One row corrupted by SQL, and the invariant that names it; before that, none is violated."""

import pytest
from django.db import IntegrityError, connection, transaction

from oms.core.invariants import violations
from oms.orchestration.models import CapacityUse, SourcingRun
from oms.orchestration.services.capacity import take_capacity
from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.recording import save_run
from oms.orchestration.services.rule_sets import publish, save_draft
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = pytest.mark.django_db

OURS = (
    "published_version_is_the_one_in_force",
    "rule_set_shows_what_is_in_force",
    "runs_have_their_blobs",
    "facts_are_what_was_hashed",
    "capacity_used_is_within_what_was_allowed",
)


@pytest.fixture(autouse=True)
def _sound():
    for priority in (1, 2):
        save_draft(code="web-home", document=a_document(priority=priority))
        publish(code="web-home")
    shop, shirt = a_point("shop", daily_order_capacity=5), a_variant("SHIRT")
    lies(shirt, shop, 5)
    take_capacity(stock_point_ids=[shop.pk])
    save_run(run=plan_basket(basket=a_basket(a_channel(), (shirt, 1)), trigger="order.placed").run)
    assert found() == []


def found() -> list[tuple[str, str]]:
    return [(each.invariant, each.detail) for each in violations(OURS)]


def corrupt(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)


def test_a_rule_set_that_names_another_version_than_the_published_one():
    corrupt(
        "UPDATE orchestration_ruleset SET published_version_id ="
        " (SELECT id FROM orchestration_rulesetversion WHERE number = 1)"
    )
    assert (
        "published_version_is_the_one_in_force",
        "rule set web-home names version 1; it has 1 published, the first of them 2",
    ) in found()


def test_a_rule_set_that_names_none_though_one_is_published():
    corrupt("UPDATE orchestration_ruleset SET published_version_id = NULL")
    assert found() == [
        (
            "published_version_is_the_one_in_force",
            "rule set web-home names version None; it has 1 published, the first of them 2",
        )
    ]


def test_a_rule_set_with_two_published_versions():
    corrupt(
        "DROP INDEX orchestration_rule_set_version_one_published",
        "UPDATE orchestration_rulesetversion SET state = 'published'",
    )
    assert found() == [
        (
            "published_version_is_the_one_in_force",
            "rule set web-home names version 2; it has 2 published, the first of them 1",
        )
    ]


def test_a_rule_set_asked_by_another_priority_than_it_says():
    corrupt("UPDATE orchestration_ruleset SET priority = 77")
    assert found() == [
        ("rule_set_shows_what_is_in_force", "rule set web-home has priority 77, its published document says 2")
    ]


@pytest.mark.parametrize("what", ["network", "rules"])
def test_a_run_whose_blob_is_gone(what):
    run = SourcingRun.objects.get()
    digest = getattr(run, f"{what}_id")
    corrupt(f"DELETE FROM orchestration_factblob WHERE hash = '{digest}'")
    assert found() == [
        (
            "runs_have_their_blobs",
            f"the {what} {digest} of 1 sourcing runs, the first of them {run.pk}, is not stored",
        )
    ]


def test_a_run_whose_facts_were_changed():
    run = SourcingRun.objects.get()
    corrupt("UPDATE orchestration_sourcingrun SET facts = '\\x00'")
    assert found() == [("facts_are_what_was_hashed", f"sourcing run {run.pk} has other facts than it was decided by")]


def test_a_blob_whose_content_was_exchanged():
    run = SourcingRun.objects.get()
    corrupt(
        "UPDATE orchestration_factblob SET content ="
        f" (SELECT content FROM orchestration_factblob WHERE hash = '{run.rules_id}') WHERE hash = '{run.network_id}'"
    )
    assert found() == [("facts_are_what_was_hashed", f"fact blob {run.network_id} has another content")]


def test_more_orders_taken_than_there_was_capacity_for():
    use = CapacityUse.objects.get()
    corrupt(
        "ALTER TABLE orchestration_capacityuse DROP CONSTRAINT orchestration_capacity_use_within_capacity",
        "UPDATE orchestration_capacityuse SET used = 6",
    )
    assert found() == [("capacity_used_is_within_what_was_allowed", f"shop took 6 orders on {use.on}, of at most 5")]


def test_the_database_itself_refuses_what_services_never_do():
    for statement in (
        "UPDATE orchestration_capacityuse SET used = 6",
        "UPDATE orchestration_capacityuse SET used = -1",
        "UPDATE orchestration_rulesetversion SET state = 'published'",
        "UPDATE orchestration_rulesetversion SET state = 'draft' WHERE number = 2",
        "UPDATE orchestration_sourcingrun SET outcome = 'lost'",
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            corrupt(statement)
