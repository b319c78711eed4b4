"""Whatever the network, the rules and the baskets: what was stored decides the same again, every time."""

import random
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from oms.orchestration.baskets import Destination, Excluded
from oms.orchestration.deciding import RunToSave
from oms.orchestration.models import SourcingRun
from oms.orchestration.services.planning import plan_baskets
from oms.orchestration.services.recording import save_runs
from oms.orchestration.services.rule_sets import publish, save_draft
from oms.sourcing.facts import MODES, STOCK_POINT_KINDS
from tests.orchestration.builders import a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]

WEEK = {"mon": [["10:00", "19:00"]], "thu": [["09:00", "12:00"], ["14:00", "19:30"]]}


def some_rules(dice: random.Random) -> list[dict]:
    return [
        {
            "name": f"rule {number}",
            "filters": {
                "kinds": dice.sample(STOCK_POINT_KINDS, dice.choice([0, 2, 4])),
                "within_km": dice.choice([None, 200, 700]),
                "min_units_left": dice.choice([None, 1]),
                "open_today": dice.random() < 0.2,
            },
            "objectives": {"priority": dice.choice(["0", "1.5"]), "extra_parcel": dice.choice(["0", "2.25"])},
            "max_parcels": dice.choice([1, 2, 5]),
            "complete_only": dice.random() < 0.6,
            "allow_quantity_split": dice.random() < 0.5,
            "late_days": dice.choice([0, 3]),
        }
        for number in range(3)
    ]


@pytest.mark.parametrize("seed", range(4))
def test_every_stored_decision_is_repeated_identically(seed):
    dice = random.Random(seed)
    points = [
        a_point(
            f"P{number:02d}",
            kind=dice.choice(STOCK_POINT_KINDS),
            **(
                {"lat": None, "lon": None}
                if number % 9 == 0
                else {"lat": dice.uniform(43, 50), "lon": dice.uniform(0, 7)}
            ),
            handling_cost=Decimal(dice.randint(0, 300)) / 100,
            priority=dice.randint(1, 4),
            daily_order_capacity=dice.choice([None, None, 0, 7]),
            opening_hours=dice.choice([{}, WEEK]),
            preparation_minutes=dice.choice([0, 45, 600]),
            is_active=dice.random() < 0.95,
        )
        for number in range(25)
    ]
    articles = [a_variant(f"SKU-{number}", weight_g=dice.randint(0, 3000)) for number in range(12)]
    for article in articles:
        for point in dice.sample(points, 14):
            lies(article, point, dice.randint(1, 4))
    save_draft(code="web-home", document=a_document(rules=some_rules(dice), applies_to={"modes": ["home", "slot"]}))
    publish(code="web-home")
    channel = a_channel()
    baskets = [
        a_basket(
            channel,
            *((article, dice.randint(1, 3)) for article in dice.sample(articles, dice.randint(1, 6))),
            mode=dice.choice(MODES),
            destination=dice.choice([Destination("FR", "1"), Destination("DE", "", 52.5, 13.4)]),
            pickup_point_id=dice.choice(points).pk,
            selling_stock_point_id=dice.choice(points).pk,
            excluded=tuple(Excluded(point.pk, "declined") for point in dice.sample(points, 2)),
            own_units={(dice.choice(articles).pk, dice.choice(points).pk): 2},
            order_value=Decimal(dice.randint(1, 90_000)) / 100,
        )
        for _ in range(40)
    ]
    plans = plan_baskets(baskets=baskets, trigger="order.placed")
    save_runs(runs=[RunToSave(plan.run) for plan in plans])

    out = StringIO()
    call_command("verify_decisions", stdout=out)

    assert out.getvalue() == "decisions: 40 identical, 0 different, 0 by another engine\n"
    assert {run.outcome for run in SourcingRun.objects.all()} == {"planned", "unfillable"}
