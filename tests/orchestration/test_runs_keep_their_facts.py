"""A run's row and two shared blobs are enough to tell, and to make, the identical decision again."""

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from oms.orchestration.baskets import Destination, Excluded
from oms.orchestration.deciding import RunToSave
from oms.orchestration.explanations import packed_candidates, unpacked_candidates
from oms.orchestration.models import FactBlob, SourcingRun
from oms.orchestration.packing import content_hash, unpacked
from oms.orchestration.queries.runs import StoredRun
from oms.orchestration.services.planning import plan_basket, plan_baskets
from oms.orchestration.services.recording import save_run, save_runs
from oms.orchestration.services.rule_sets import publish, save_draft
from oms.sourcing.engine import source
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = pytest.mark.django_db


@pytest.fixture
def network():
    """Points that are chosen, eligible and rejected for several reasons."""
    points = [
        a_point("depot", groups=["north"], handling_cost=Decimal("1.20"), preparation_minutes=90),
        a_point("lille", kind="store", lat=50.6, lon=3.1, groups=["north"], daily_order_capacity=5),
        a_point("closed", kind="store", lat=50.6, lon=3.1, is_active=False),
        a_point("full", kind="store", lat=50.6, lon=3.1, daily_order_capacity=0),
        a_point("nice", kind="store", lat=43.7, lon=7.3, opening_hours={"mon": [["10:00", "19:00"]]}),
        a_point("empty", kind="store", lat=45.7, lon=4.8, closed_on=["2026-12-25"]),
        a_point("brest", lat=48.4, lon=-4.5),
        a_point("unmapped", lat=None, lon=None),
    ]
    articles = [a_variant("SHIRT", weight_g=250), a_variant("HAT", weight_g=90), a_variant("BOOTS", weight_g=1400)]
    for point in points:
        if point.code != "empty":
            lies(articles[0], point, 3)
            lies(articles[1], point, 2)
    lies(articles[2], points[1], 1)
    return a_channel(), points, articles


def baskets(network):
    """Every kind of basket, plannable and not."""
    channel, points, (shirt, hat, boots) = network
    shop = points[1]
    collected = {"destination": None, "pickup_point_id": shop.pk}
    return [
        a_basket(channel, (shirt, 1)),
        a_basket(channel, (shirt, 7), (hat, 1), (boots, 1), order_value=Decimal("120.50"), tags=("vip",)),
        a_basket(channel, (shirt, 2), (hat, 2), excluded=(Excluded(points[0].pk, "declined", ("1",)),)),
        a_basket(channel, (boots, 2)),
        a_basket(channel, (shirt, 1), mode="express", destination=Destination("BE", "1000")),
        a_basket(channel, (hat, 1), mode="pickup", **collected),
        a_basket(channel, (shirt, 1), mode="ship_to_store", **collected),
        a_basket(channel, (shirt, 1), mode="carry_out", destination=None, selling_stock_point_id=shop.pk),
        a_basket(channel, (shirt, 3), own_units={(shirt.pk, points[0].pk): 2}, own_capacity={points[3].pk: 1}),
    ]


def saved(network) -> list[SourcingRun]:
    plans = plan_baskets(baskets=baskets(network), trigger="order.placed")
    save_runs(runs=[RunToSave(plan.run) for plan in plans])
    return list(SourcingRun.objects.order_by("pk"))


def test_a_run_says_what_was_decided_and_by_what(network, morning):
    save_draft(code="web-home", document=a_document())
    publish(code="web-home")
    basket = baskets(network)[0]
    plan = plan_basket(basket=basket, trigger="order.placed")

    pk = save_run(run=plan.run)

    run = SourcingRun.objects.get()
    assert (run.pk, run.reference, run.channel_id, run.trigger) == (
        pk,
        basket.reference,
        basket.channel_id,
        "order.placed",
    )
    assert (run.rule_set_code, run.version, run.rule, run.outcome) == ("web-home", 1, "any", "planned")
    assert run.engine_version == plan.run.result.engine_version
    assert run.started_at == plan.run.started_at
    assert run.duration_us == plan.run.duration_us > 0
    assert [parcel["stock_point"] for parcel in run.plan["plan"]] == ["depot"]
    assert Decimal(run.plan["total"]) == plan.cost


def test_the_order_s_number_and_the_outcome_can_be_told_when_it_is_saved(network):
    plan = plan_basket(basket=baskets(network)[0], trigger="order.placed")
    save_run(run=plan.run, reference="H26-1", outcome="kept")
    run = SourcingRun.objects.get()
    assert (run.reference, run.outcome, run.plan["outcome"]) == ("H26-1", "kept", "planned")


def test_the_shipped_default_has_no_version(network):
    save_run(run=plan_basket(basket=baskets(network)[0], trigger="order.placed").run)
    assert (SourcingRun.objects.get().rule_set_code, SourcingRun.objects.get().version) == ("default", None)


def test_network_and_rules_are_kept_once_under_the_hash_of_their_content(network):
    runs = saved(network)
    assert len(runs) == 9
    assert {run.network_id for run in runs} | {run.rules_id for run in runs} == set(
        FactBlob.objects.values_list("hash", flat=True)
    )
    assert FactBlob.objects.count() == 2
    for blob in FactBlob.objects.all():
        assert content_hash(unpacked(blob.content)) == blob.hash
    for run in runs:
        assert content_hash(unpacked(run.facts)) == run.facts_hash


def test_a_changed_network_is_another_blob_and_the_old_one_stays(network):
    _, points, _ = network
    first = saved(network)[0].network_id
    points[0].preparation_minutes = 5
    points[0].save()
    assert saved(network)[-1].network_id != first
    assert FactBlob.objects.filter(pk=first).exists()


def test_a_blob_written_in_a_transaction_that_rolled_back_is_written_again(network):
    plan = plan_basket(basket=baskets(network)[0], trigger="order.placed")
    with pytest.raises(RuntimeError), transaction.atomic():
        save_run(run=plan.run)
        raise RuntimeError
    assert (SourcingRun.objects.count(), FactBlob.objects.count()) == (0, 0)
    save_run(run=plan.run)
    assert (SourcingRun.objects.count(), FactBlob.objects.count()) == (1, 2)


def test_stored_facts_make_the_identical_plan(network):
    plans = plan_baskets(baskets=baskets(network), trigger="order.placed")
    save_runs(runs=[RunToSave(plan.run) for plan in plans])
    for plan, run in zip(plans, SourcingRun.objects.order_by("pk"), strict=True):
        stored = StoredRun(run)
        again = source(stored.facts, stored.rules)
        assert again == plan.run.result
        assert stored.is_repeated_identically()


def test_the_explanation_reads_back_as_the_engine_told_it(network):
    plans = plan_baskets(baskets=baskets(network), trigger="order.placed")
    for plan in plans:
        told = list(plan.run.result.candidates)
        read = list(unpacked_candidates(packed_candidates(told_of(plan)), codes_of(plan)))
        assert [(each.stock_point, each.outcome, each.reason) for each in read] == [
            (each.stock_point, each.outcome, each.reason) for each in told
        ]
        for one, other in zip(read, told, strict=True):
            assert (one.quantity, one.promised_on, set(one.costs)) == (
                other.quantity,
                other.promised_on,
                set(other.costs),
            )
            assert all(abs(one.costs[name] - other.costs[name]) <= Decimal("0.00005") for name in one.costs)
            assert one.total == (sum(one.costs.values()) if one.costs else None)
            assert (one.distance_km is None) == (other.distance_km is None)
            assert one.distance_km is None or abs(one.distance_km - other.distance_km) <= 0.005
    assert {each.outcome for plan in plans for each in plan.run.result.candidates} == {"chosen", "eligible", "rejected"}


def told_of(plan):
    return plan.run.result.candidates


def codes_of(plan):
    return plan.run.facts.network.arrays.codes


def test_a_run_in_which_no_rule_was_tried_has_no_candidates(network):
    document = a_document()
    document["rules"][0]["calendar"] = {"weekdays": [1], "from": "00:00", "to": "00:01"}
    save_draft(code="web-home", document=document)
    publish(code="web-home")
    save_run(run=plan_basket(basket=baskets(network)[0], trigger="order.placed").run)
    run = SourcingRun.objects.get()
    assert (run.outcome, bytes(run.candidates), run.rule) == ("unfillable", b"", "")
    assert StoredRun(run).is_repeated_identically()


def test_verify_decisions_repeats_every_run_identically(network):
    saved(network)
    out = StringIO()
    call_command("verify_decisions", stdout=out)
    assert out.getvalue().splitlines()[-1] == "decisions: 9 identical, 0 different, 0 by another engine"


@pytest.mark.parametrize(
    "corruption",
    [
        "plan = jsonb_set(plan, '{total}', '\"0.01\"')",
        "candidates = (SELECT candidates FROM orchestration_sourcingrun WHERE reference = %s)",
    ],
)
def test_verify_decisions_names_a_run_that_says_something_else(network, corruption):
    runs = saved(network)
    with connection.cursor() as cursor:
        sql = f"UPDATE orchestration_sourcingrun SET {corruption} WHERE id = {runs[1].pk}"
        cursor.execute(sql, [runs[0].reference] if "%s" in corruption else None)
    out = StringIO()
    with pytest.raises(CommandError, match="decisions: 8 identical, 1 different, 0 by another engine"):
        call_command("verify_decisions", stdout=out)
    assert out.getvalue() == f"run {runs[1].pk} of {runs[1].reference} is decided differently\n"


def test_verify_decisions_counts_runs_of_another_engine_apart(network):
    runs = saved(network)
    SourcingRun.objects.filter(pk=runs[0].pk).update(engine_version="0")
    out = StringIO()
    call_command("verify_decisions", stdout=out)
    assert out.getvalue().splitlines()[-1] == "decisions: 8 identical, 0 different, 1 by another engine"
