"""`runs_for` gives exactly what `/orders/{number}/sourcing-runs/` promises."""

from decimal import Decimal

import pytest

from oms.orchestration.models import SourcingRun
from oms.orchestration.queries.runs import runs_for
from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.recording import save_run
from oms.orchestration.services.rule_sets import publish, save_draft
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = pytest.mark.django_db


def test_every_candidate_has_its_costs_or_the_filter_that_rejected_it():
    depot, far = a_point("depot"), a_point("far", lat=43.3, lon=5.4)
    a_point("shop", kind="store")
    shirt = a_variant("SHIRT")
    lies(shirt, depot, 5)
    lies(shirt, far, 5)
    document = a_document()
    document["rules"][0]["filters"] = {"kinds": ["warehouse"]}
    save_draft(code="web-home", document=document)
    publish(code="web-home")
    plan = plan_basket(basket=a_basket(a_channel(), (shirt, 2), reference="H26-9"), trigger="order.placed")
    save_run(run=plan.run)

    (told,) = runs_for("H26-9")

    candidates = told.pop("candidates")
    run = SourcingRun.objects.get()
    assert told == {
        "id": run.pk,
        "trigger": "order.placed",
        "rule_set": "web-home",
        "version": 1,
        "rule": "any",
        "started_at": run.started_at,
        "duration_ms": run.duration_us / 1000,
        "plan": [{"stock_point": "depot", "service": "house", "lines": [{"sku": "SHIRT", "quantity": 2}]}],
        "outcome": "planned",
    }
    assert [(each["stock_point"], each["outcome"], each["reason"]) for each in candidates] == [
        ("depot", "chosen", "cheapest"),
        ("far", "eligible", "dearer"),
        ("shop", "rejected", "kind"),
    ]
    chosen, dearer, rejected = candidates
    assert (rejected["costs"], rejected["total"]) == ({}, None)
    for each in (chosen, dearer):
        assert {"transport", "handling", "carbon_per_kg"} <= set(each["costs"])
        assert sum(map(Decimal, each["costs"].values())) == Decimal(each["total"])
    assert abs(Decimal(chosen["total"]) - plan.cost) <= Decimal("0.0005")
    assert Decimal(dearer["total"]) > Decimal(chosen["total"])


def test_runs_come_in_the_order_they_were_made_and_only_for_their_order():
    depot, shirt, channel = a_point("depot"), a_variant("SHIRT"), a_channel()
    lies(shirt, depot, 1)
    for reference, trigger, quantity in [("H1", "a", 1), ("H2", "b", 1), ("H1", "c", 2)]:
        plan = plan_basket(basket=a_basket(channel, (shirt, quantity), reference=reference), trigger=trigger)
        save_run(run=plan.run)
    assert [(run["trigger"], run["outcome"], run["rule"]) for run in runs_for("H1")] == [
        ("a", "planned", "least cost"),
        ("c", "unfillable", None),
    ]
    assert runs_for("H3") == []
