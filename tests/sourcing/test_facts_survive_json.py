import json
import random
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.sourcing_cases import random_facts, random_network, random_rule, rule_set_of
from oms.sourcing import source
from oms.sourcing.facts import (
    MODES,
    STOCK_POINT_KINDS,
    ChannelFacts,
    Destination,
    Estimates,
    Exclusion,
    Facts,
    LineDemand,
    Network,
    StockPointFacts,
    WorkCalendar,
)
from oms.sourcing.house import HouseService, TransitBracket
from oms.sourcing.replaying import EngineVersionMismatch, replay
from oms.sourcing.serialise import (
    canonical_json,
    content_hash,
    decimal_text,
    facts_from_json,
    facts_from_parts,
    facts_to_json,
    network_from_json,
    network_to_json,
    result_from_document,
    result_to_document,
    run_facts_to_json,
)

CODES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
MONEY = st.decimals(0, 10_000, places=4)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
MINUTES = st.integers(0, 1440)
OPENINGS = st.lists(st.tuples(MINUTES, MINUTES), max_size=2).map(tuple)

WORK_CALENDARS = st.builds(
    WorkCalendar,
    opening_hours=st.one_of(st.just(()), st.tuples(*[OPENINGS] * 7)),
    closed_on=st.lists(DAYS, max_size=3).map(tuple),
    cut_off=st.none() | MINUTES,
)
POINTS = st.builds(
    StockPointFacts,
    code=CODES,
    kind=st.sampled_from(STOCK_POINT_KINDS),
    country=st.just("FR"),
    timezone=st.sampled_from(["Europe/Paris", "Asia/Tokyo"]),
    latitude=st.none() | st.floats(-90, 90),
    longitude=st.none() | st.floats(-180, 180),
    banner=st.none() | CODES,
    groups=st.lists(CODES, max_size=2).map(tuple),
    tags=st.lists(CODES, max_size=2).map(tuple),
    priority=st.integers(-5, 5),
    is_active=st.booleans(),
    paused_until=st.none() | DAYS,
    handling_cost=MONEY,
    preparation_minutes=st.integers(0, 5000),
    calendar=WORK_CALENDARS,
)
HOUSES = st.builds(
    HouseService,
    fixed_per_parcel=MONEY,
    transit=st.just((TransitBracket(250, 1), TransitBracket(None, 3))),
    working_days=st.sets(st.integers(1, 7), min_size=1).map(tuple),
    closed_on=st.lists(DAYS, max_size=3).map(tuple),
    cut_off=st.none() | MINUTES,
)
NETWORKS = st.builds(
    Network,
    stock_points=st.lists(POINTS, max_size=4, unique_by=lambda point: point.code).map(tuple),
    house=HOUSES,
)
LINES = st.builds(
    LineDemand,
    key=CODES,
    sku=CODES,
    quantity=st.integers(1, 99),
    weight_g=st.integers(0, 10**6),
    category=st.just("") | CODES,
    tags=st.lists(CODES, max_size=2).map(tuple),
    unit_price=MONEY,
)
PER_POINT = st.dictionaries(CODES, MONEY, max_size=3)
FACTS = st.builds(
    Facts,
    now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)).map(lambda moment: moment.replace(tzinfo=UTC)),
    currency=st.just("EUR"),
    mode=st.sampled_from(MODES),
    channel=st.builds(
        ChannelFacts, CODES, st.just("web"), st.none() | CODES, st.none() | st.lists(CODES, max_size=2).map(tuple)
    ),
    lines=st.lists(LINES, min_size=1, max_size=4, unique_by=lambda line: line.key).map(tuple),
    network=NETWORKS,
    available=st.dictionaries(CODES, st.dictionaries(CODES, st.integers(0, 99), max_size=3), max_size=3),
    destination=st.none()
    | st.builds(Destination, country=st.just("FR"), timezone=st.just("Europe/Paris"), latitude=st.floats(-90, 90)),
    pickup_point=st.none() | CODES,
    selling_point=st.none() | CODES,
    capacity_left=st.dictionaries(CODES, st.integers(0, 99), max_size=3),
    excluded=st.lists(st.builds(Exclusion, CODES, CODES, st.lists(CODES, max_size=2).map(tuple)), max_size=2).map(
        tuple
    ),
    promised_on=st.none() | DAYS,
    order_value=MONEY,
    estimates=st.builds(
        Estimates,
        decline_probability=PER_POINT,
        decline_cost=MONEY,
        ageing_benefit=st.dictionaries(CODES, PER_POINT, max_size=2),
        scarcity_cost=st.dictionaries(CODES, PER_POINT, max_size=2),
    ),
)


@settings(deadline=None)
@given(FACTS)
def test_facts_come_back_equal_and_with_the_same_hash(facts: Facts) -> None:
    text = facts_to_json(facts)
    again = facts_from_json(text)
    assert again == facts
    assert facts_to_json(again) == text
    assert content_hash(again) == content_hash(facts) == content_hash(text)


@settings(deadline=None)
@given(FACTS)
def test_a_run_is_put_together_from_its_facts_and_its_network(facts: Facts) -> None:
    network_json = network_to_json(facts.network)
    run_json = run_facts_to_json(facts, network_hash=content_hash(network_json))
    assert json.loads(run_json)["network_hash"] == content_hash(facts.network)
    assert facts_from_parts(run_json, network_from_json(network_json)) == facts


def test_equal_facts_hash_alike_whatever_the_order_of_mappings_and_the_zeros_of_money() -> None:
    first = Estimates({"a": Decimal("0.50"), "b": Decimal(1)}, Decimal("3.0"))
    second = Estimates({"b": Decimal("1.00"), "a": Decimal("0.5")}, Decimal(3))
    assert first == second
    texts = {canonical_json(_plain(estimates)) for estimates in (first, second)}
    assert len(texts) == 1


def _plain(estimates: Estimates) -> object:
    from oms.sourcing.serialise import to_plain

    return to_plain(estimates)


@pytest.mark.parametrize(
    ("amount", "text"),
    [("0.50", "0.5"), ("1E+3", "1000"), ("-0.00", "0"), ("100", "100"), ("0", "0"), ("-1.20", "-1.2")],
)
def test_money_has_one_text(amount: str, text: str) -> None:
    assert decimal_text(Decimal(amount)) == text


def test_a_stored_run_is_decided_again_identically() -> None:
    rng = random.Random(2)
    for splits in (False, True):
        for _ in range(10):
            facts = random_facts(rng, random_network(rng, 25), rng.randint(1, 6))
            rule_set = rule_set_of(random_rule(rng, splits=splits))
            result = source(facts, rule_set)
            rules_json = json.dumps(rule_set.to_document())
            assert replay(facts_to_json(facts), rules_json) == result


def test_a_run_of_another_engine_is_not_replayed() -> None:
    with pytest.raises(EngineVersionMismatch):
        replay("{}", "{}", engine_version="0")


def test_a_result_comes_back_from_its_document() -> None:
    rng = random.Random(4)
    facts = random_facts(rng, random_network(rng, 25), 4)
    result = source(facts, rule_set_of(random_rule(rng)))
    document = json.loads(json.dumps(result_to_document(result)))
    assert result_from_document(document) == result
    assert document["candidates"][0]["stock_point"] == "P0000"


def test_facts_with_an_unknown_key_are_refused() -> None:
    rng = random.Random(4)
    plain = json.loads(facts_to_json(random_facts(rng, random_network(rng, 2), 1)))
    plain["lines"][0]["colour"] = "blue"
    with pytest.raises(ValueError, match="colour"):
        facts_from_json(json.dumps(plain))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"now": datetime(2025, 1, 1)}, "UTC"),
        ({"mode": "teleport"}, "mode"),
        ({"lines": ()}, "at least one line"),
        ({"lines": (LineDemand("1", "A", 1), LineDemand("1", "B", 1))}, "same key"),
        ({"lines": (LineDemand("1", "A", 0),)}, "at least one unit"),
    ],
)
def test_facts_that_make_no_sense_are_refused(change: dict[str, object], message: str) -> None:
    from dataclasses import replace

    rng = random.Random(4)
    facts = random_facts(rng, random_network(rng, 2), 1)
    with pytest.raises(ValueError, match=message):
        replace(facts, **change)  # type: ignore[arg-type]


def test_a_network_names_each_stock_point_once() -> None:
    twice = StockPointFacts("A", "store", "FR", "Europe/Paris")
    with pytest.raises(ValueError, match="same code"):
        Network(stock_points=(twice, twice))
