"""What lies where may be told as a column of the network: to whoever looks it up it is the dictionary it stands for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from oms.sourcing.arrays import UnitsByPoint
from oms.sourcing.engine import source
from oms.sourcing.rules import DEFAULT_RULE_SET
from oms.sourcing.serialise import facts_from_json, facts_to_json
from tests.sourcing.builders import basket, line, point

HELD = {"A": 2, "C": 5}


def column() -> UnitsByPoint:
    return UnitsByPoint(["A", "B", "C"], np.array([2, 0, 5]))


def test_points_with_none_are_absent() -> None:
    units = column()
    assert (dict(units), len(units), units.get("B", 0), "B" in units) == (HELD, 2, 0, False)
    assert units == HELD
    assert {**units, "B": 1} == {"A": 2, "B": 1, "C": 5}


def test_a_column_is_not_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        column().column[0] = 9


def test_the_decision_and_its_record_are_those_of_the_dictionary() -> None:
    points = [point("C", 30), point("A", 10), point("B", 20)]
    facts = basket(points, [line("shirt", 2)], {code: {"shirt": units} for code, units in HELD.items()})
    by_row = replace(facts, available={"shirt": column()})
    assert source(by_row, DEFAULT_RULE_SET) == source(facts, DEFAULT_RULE_SET)
    assert facts_to_json(by_row) == facts_to_json(facts)
    assert facts_from_json(facts_to_json(by_row)) == by_row


def test_another_networks_column_is_read_by_code() -> None:
    facts = replace(basket([point("A", 10), point("C", 30)], [line("shirt", 5)], {}), available={"shirt": column()})
    assert [parcel.stock_point for parcel in source(facts, DEFAULT_RULE_SET).plan] == ["C"]
