"""Head office sees what was learned, from how many cases, and what is promised with; and can switch it off."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from oms.core import clock
from oms.orchestration.models import LearnedPreparation, LearnedTransit, LearningPolicy
from tests.orchestration.builders import a_point

pytestmark = pytest.mark.django_db


def page(client: Client, name: str) -> str:
    return client.get(reverse(f"admin:orchestration_{name}_changelist")).content.decode()


def learned(number: int = 1, **values: object) -> LearnedPreparation:
    point = a_point(f"shop-{number}", kind="store", preparation_minutes=61)
    given = {"minutes": 187, "cases": 43, "evidence": 38.25, "refreshed_at": clock.now()} | values
    return LearnedPreparation.objects.create(stock_point=point, **given)


def test_what_was_learned_is_listed_with_its_evidence(admin_client: Client) -> None:
    row = learned()
    text = page(admin_client, "learnedpreparation")
    assert all(part in text for part in ("shop-1", ">43<", "38.2", ">61<"))
    assert text.count(">187<") == 2  # learned, and promised with
    LearningPolicy.objects.create().stock_points.add(row.stock_point)
    text = page(admin_client, "learnedpreparation")
    assert (text.count(">187<"), text.count(">61<")) == (1, 2)
    assert "this stock point keeps its configured time" in text


@pytest.mark.parametrize(
    ("policy", "row", "told"),
    [
        ({}, {}, "as learned"),
        ({"is_on": False}, {}, "switched off"),
        ({"least_cases": 50}, {}, "too little evidence: 38 of 50 cases"),
        ({"least_percent": 50}, {"minutes": 5}, "never below 50 % of what is configured"),
        ({"most_percent": 100}, {"minutes": 2000}, "never far above 100 % of what is configured"),
    ],
)
def test_why_something_else_is_promised_with_is_said(
    admin_client: Client, policy: dict[str, Any], row: dict[str, int], told: str
) -> None:
    LearningPolicy.objects.create(**policy)
    learned(**row)
    text = page(admin_client, "learnedpreparation")
    assert told in text
    explained = "What is learned is only shown" if policy.get("is_on") is False else "within which 90 % of the cases"
    assert explained in text


def test_half_of_the_cases_are_told_beside_the_confidence(admin_client: Client) -> None:
    learned(spread=[20, 30, 40, 50, 77, *[187] * 15])
    assert ">77<" in page(admin_client, "learnedpreparation")


def test_a_lane_is_listed_beside_its_configured_days(admin_client: Client) -> None:
    LearnedTransit.objects.create(
        service="house", zone="500 km", days=6, cases=77, evidence=70, refreshed_at=clock.now()
    )
    text = page(admin_client, "learnedtransit")
    assert all(part in text for part in ("house", "500 km", ">77<", "70.0", ">2<"))
    assert text.count(">6<") == 2


def test_what_is_narrower_stands_below_what_it_is_a_part_of_and_the_unit_is_said(admin_client: Client) -> None:
    point = a_point("shop-1", kind="store")
    common = {"service": "house", "zone": "500 km", "cases": 30, "evidence": 30, "refreshed_at": clock.now()}
    LearnedTransit.objects.create(stock_point=point, days=6, **common)
    LearnedTransit.objects.create(days=5, **common)
    text = page(admin_client, "learnedtransit")
    assert "Times are working days of the service." in text
    assert 0 < text.index("any stock point") < text.index("shop-1")
    for band in (2, None):
        LearnedPreparation.objects.create(
            stock_point=point, band=band, minutes=90, cases=30, evidence=30, refreshed_at=clock.now()
        )
    text = page(admin_client, "learnedpreparation")
    assert "Times are minutes with the doors open." in text
    assert 0 < text.index("any hour") < text.index("08:00")


def test_the_switch_is_one_page(admin_client: Client) -> None:
    own = reverse("admin:orchestration_learningpolicy_change", args=[1])
    assert own in page(admin_client, "learningpolicy")
    fields = {"confidence": "0.95", "half_life_days": 30, "least_cases": 5, "least_percent": 50, "most_percent": 300}
    changed = admin_client.post(own, fields)
    assert changed.status_code == 302
    policy = LearningPolicy.objects.get()
    assert (policy.is_on, str(policy.confidence), policy.least_cases) == (False, "0.950", 5)
    refused = admin_client.post(own, fields | {"confidence": "1.2"})
    assert refused.status_code == 200


def test_lists_ask_the_same_however_long_they_are(admin_client: Client, django_assert_max_num_queries: object) -> None:
    for number in range(12):
        learned(number)
        LearnedTransit.objects.create(
            service=f"s{number}", zone="FR", days=1, cases=1, evidence=1, refreshed_at=clock.now()
        )
    for name in ("learnedpreparation", "learnedtransit"):
        page(admin_client, name)
        with django_assert_max_num_queries(24):  # type: ignore[operator]
            page(admin_client, name)
