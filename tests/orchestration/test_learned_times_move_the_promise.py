"""From recorded outcomes to the promised date: learned, bounded, switched off, and the configured time again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from oms.core import clock
from oms.orchestration.baskets import BasketLine
from oms.orchestration.models import (
    LearnedPreparation,
    LearnedTransit,
    LearningPolicy,
    PointLoad,
    RunOutcome,
    SourcingRun,
)
from oms.orchestration.promises import DeliveryOption, Enquiry
from oms.orchestration.queries.runs import StoredRun
from oms.orchestration.queries.under_way import UnderWay
from oms.orchestration.services.learning import refresh_learned_times, refresh_loads
from oms.orchestration.services.planning import plan_basket
from oms.orchestration.services.promising import delivery_options
from oms.orchestration.services.recording import save_run
from oms.orchestration.services.rule_sets import publish, save_draft
from stock.models import SalesChannel, StockPoint, Variant
from tests.factories.clients import api_client
from tests.orchestration.builders import PARIS, a_basket, a_channel, a_document, a_point, a_variant, lies

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]

WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
POST = {
    "carrier": "post", "service": "post-home", "modes": ["home"], "zones": [{"code": "FR", "countries": ["FR"]}],
    "working_days": [1, 2, 3, 4, 5], "transit_days": {"FR": 1}, "cost_table": [{"zone": "FR", "amount": "1.00"}],
    "currency": "EUR", "stock_points": "all",
}  # fmt: skip


@pytest.fixture
def shop() -> StockPoint:
    return a_point("shop", kind="store", opening_hours=WEEK, preparation_minutes=60)


@pytest.fixture
def shirt(shop: StockPoint) -> Variant:
    shirt = a_variant("shirt")
    lies(shirt, shop, 5)
    return shirt


@pytest.fixture
def channel(shop: StockPoint) -> SalesChannel:
    return a_channel()


def home(channel: SalesChannel, shirt: Variant, at: datetime | None = None) -> DeliveryOption:
    lines = (BasketLine("1", shirt.pk, 1),)
    quote = delivery_options(enquiry=Enquiry(channel_id=channel.pk, lines=lines, destination=PARIS, at=at))
    # A token is signed anew each time.
    return replace(next(option for option in quote.options if option.mode == "home"), token="")


def recorded(
    point: StockPoint, took: timedelta, *, number: int = 30, a_day: int = 1, kind: str = "packed", **lane: str
) -> None:
    """Cases that are over, on each of so many of the last working days, from ten in the morning (in Paris)."""
    days = [clock.now().replace(hour=8) - timedelta(days=2 + took.days + back) for back in range(3 * number)]
    working = [day for day in days if day.isoweekday() <= 5][:number]
    RunOutcome.objects.bulk_create(
        RunOutcome(
            reference=f"H{point.pk}{kind}{day:%m%d}-{case}",
            stock_point=point,
            kind=kind,
            at=day + took,
            began_at=day,
            **lane,
        )
        for day in working
        for case in range(a_day)
    )


def policy(**values: Any) -> LearningPolicy:
    return LearningPolicy.objects.update_or_create(pk=1, defaults=values)[0]


def test_slow_preparation_moves_the_date_and_the_switch_moves_it_back(
    channel: SalesChannel, shirt: Variant, shop: StockPoint
) -> None:
    before = home(channel, shirt)
    # From ten in the morning until eleven on the day after: ten opening hours.
    recorded(shop, timedelta(hours=25))
    assert home(channel, shirt).promised_on == before.promised_on  # recorded is not yet learned
    assert refresh_learned_times() > 0
    row = LearnedPreparation.objects.get(stock_point=shop, band=None)
    assert (row.minutes, row.cases) == (600, 30)
    learned = home(channel, shirt)
    assert before.parcels[0].ships_on == date(2026, 5, 5)
    assert learned.parcels[0].ships_on == date(2026, 5, 6)
    assert learned.promised_on > before.promised_on
    off = policy(is_on=False)
    assert home(channel, shirt) == before
    off.is_on = True
    off.save()
    assert home(channel, shirt) == learned
    off.stock_points.add(shop)
    assert home(channel, shirt) == before
    off.stock_points.clear()
    save_draft(code="plain", document=a_document("plain", uses_learning=False))
    publish(code="plain")
    assert home(channel, shirt) == before
    assert refresh_learned_times() == 0  # nothing new, nothing written


def test_until_there_is_evidence_the_configured_time_is_used(
    channel: SalesChannel, shirt: Variant, shop: StockPoint
) -> None:
    before = home(channel, shirt)
    recorded(shop, timedelta(hours=25), number=19)
    refresh_learned_times()
    assert home(channel, shirt) == before
    policy(least_cases=10)
    assert home(channel, shirt).promised_on > before.promised_on


def test_what_is_learned_stays_within_bounds(channel: SalesChannel, shirt: Variant, shop: StockPoint) -> None:
    policy(least_cases=10)
    recorded(shop, timedelta(days=7), number=20)  # five days of nine hours: 2,700 minutes
    refresh_learned_times()
    assert LearnedPreparation.objects.get(band=None).minutes == 2700
    # Four times an hour and a working day on top: 720 minutes from ten o'clock, of 540 a day.
    assert home(channel, shirt).parcels[0].ships_on == date(2026, 5, 6)
    policy(most_percent=6000)
    assert home(channel, shirt).parcels[0].ships_on == date(2026, 5, 12)


def test_the_hour_and_the_load_of_an_order_make_a_difference(
    channel: SalesChannel, shirt: Variant, shop: StockPoint
) -> None:
    recorded(shop, timedelta(hours=1), a_day=3)
    for outcome in RunOutcome.objects.order_by("pk")[:45]:
        outcome.began_at = outcome.at.replace(hour=15)
        outcome.at = outcome.began_at + timedelta(hours=17)  # from five until ten: one hour, and one
        outcome.save()
    refresh_learned_times()
    minutes = dict(LearnedPreparation.objects.filter(load=None).values_list("band", "minutes"))
    assert (minutes[2], minutes[4]) == (60, 120)
    morning, afternoon = (home(channel, shirt, at=clock.now().replace(hour=hour)) for hour in (8, 15))
    assert morning.parcels[0].ships_on == date(2026, 5, 5)
    assert afternoon.parcels[0].ships_on == date(2026, 5, 6)


def test_a_lane_is_learned_by_zone_and_by_where_it_begins(
    channel: SalesChannel, shirt: Variant, shop: StockPoint
) -> None:
    assert api_client().put("/carrier-services/", [POST]).json()["created"] == 1
    hub = a_point("hub", lat=43.3, lon=5.4)
    assert home(channel, shirt).promised_on == date(2026, 5, 6)
    # Tuesdays to Mondays: a day and the days off do not count.
    recorded(hub, timedelta(days=7), a_day=8, kind="delivered", service="post-home", zone="FR")
    recorded(shop, timedelta(days=14), number=40, kind="delivered", service="post-home", zone="FR")
    refresh_learned_times()
    days = {row.stock_point_id: row.days for row in LearnedTransit.objects.all()}
    assert (days[hub.pk], days[shop.pk]) == (5, 10)
    # Four times the configured day, and five on top.
    assert home(channel, shirt).promised_on == date(2026, 5, 18)
    policy(is_on=False)
    assert home(channel, shirt).promised_on == date(2026, 5, 6)


def test_parcels_that_do_not_arrive_are_seen_before_they_do(
    channel: SalesChannel, shirt: Variant, shop: StockPoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(shop, timedelta(days=1), kind="delivered", service="house", zone="100 km")
    refresh_learned_times()
    quick = LearnedTransit.objects.get(stock_point=None).days
    waiting = [UnderWay(shop.pk, clock.now() - timedelta(days=8), "house", "100 km")] * 30
    monkeypatch.setattr("oms.orchestration.services.learning.parcels_under_way", lambda *, since: waiting)
    refresh_learned_times()
    assert LearnedTransit.objects.get(stock_point=None).days > quick


def test_loads_follow_the_work_under_way(shop: StockPoint, monkeypatch: pytest.MonkeyPatch) -> None:
    PointLoad.objects.create(stock_point=shop, usual=2)
    works = [UnderWay(shop.pk, clock.now() - timedelta(hours=1))] * 9
    monkeypatch.setattr("oms.orchestration.services.learning.works_under_way", lambda *, since: works)
    assert (refresh_loads(), PointLoad.objects.get().load) == (1, 2)
    assert refresh_loads() == 0
    monkeypatch.setattr("oms.orchestration.services.learning.works_under_way", lambda *, since: [])
    assert (refresh_loads(), PointLoad.objects.get().load) == (1, 0)


def test_a_decision_on_learned_times_is_repeated_from_its_facts(
    channel: SalesChannel, shirt: Variant, shop: StockPoint
) -> None:
    recorded(shop, timedelta(hours=25))
    recorded(shop, timedelta(days=3), kind="delivered", service="house", zone="100 km")
    refresh_learned_times()
    plan = plan_basket(basket=a_basket(channel, (shirt, 1)), trigger="test")
    assert plan.run is not None
    save_run(run=plan.run)
    policy(is_on=False)
    stored = StoredRun(SourcingRun.objects.get())
    assert stored.facts.network.by_code["shop"].learned_minutes == (600,)
    assert stored.is_repeated_identically()
