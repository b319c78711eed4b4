from datetime import date
from decimal import Decimal

import pytest

from oms.sourcing import reasons
from oms.sourcing.explaining import LANGUAGES, explain
from oms.sourcing.facts import Facts
from oms.sourcing.results import Candidate
from oms.sourcing.rules import Filters
from tests.sourcing.builders import basket, candidate, line, point, rule, sourced


def four_points() -> Facts:
    points = [
        point("chosen", 99),
        point("dearer", 400),
        point("part", 99),
        point("shop", 1, kind="store"),
    ]
    stock = {"chosen": {"X": 2, "Y": 1}, "dearer": {"X": 2, "Y": 1}, "part": {"X": 3}, "shop": {"X": 2, "Y": 1}}
    return basket(points, [line("X", 2), line("Y")], stock)


DEPOTS = rule("depots", filters=Filters(kinds=("warehouse",)))


def test_every_stock_point_has_an_outcome_a_reason_and_its_costs() -> None:
    result = sourced(four_points(), DEPOTS)
    told = [(c.stock_point, c.outcome, c.reason, c.quantity) for c in result.candidates]
    assert told == [
        ("chosen", "chosen", "cheapest", 3),
        ("dearer", "eligible", "dearer", 3),
        ("part", "eligible", "holds_a_part", 2),
        ("shop", "rejected", "kind", 0),
    ]
    totals = {c.stock_point: c.total for c in result.candidates}
    assert totals["chosen"] == result.total == result.plan[0].cost
    # 3.50, and 0.40 + 0.0012 x km for each of 3.15 kg, 3.15 kg and 2.15 kg.
    expected = {"chosen": "5.1342", "dearer": "6.272", "part": "4.6154"}
    for code, money in expected.items():
        assert totals[code] == pytest.approx(Decimal(money), abs=Decimal("0.0005"))
    assert (totals["shop"], candidate(result, "shop").costs) == (None, {})


def test_costs_add_up_to_the_total() -> None:
    for found in sourced(four_points(), DEPOTS).candidates:
        if found.total is not None:
            assert sum(found.costs.values()) == found.total


def test_candidates_are_a_sequence() -> None:
    candidates = sourced(four_points(), DEPOTS).candidates
    assert len(candidates) == 4
    assert candidates[-1] == candidates[3] == list(candidates)[3]
    assert candidates[1:3] == tuple(candidates)[1:3]
    with pytest.raises(IndexError):
        candidates[4]


def test_sentences_in_english_and_french() -> None:
    result = sourced(four_points(), DEPOTS)
    english = [explain(result, found) for found in result.candidates]
    assert english == [
        "chosen: chosen, 3 of 3 units for 5.13 EUR, promised for 2025-03-06.",
        "dearer: could serve everything for 6.27 EUR, the plan costs 5.13 EUR.",
        "part: could serve 2 of 3 units for 4.62 EUR; no cheaper plan uses it.",
        "shop: rejected, the rule wants another kind of stock point.",
    ]
    french = [explain(result, found, "fr") for found in result.candidates]
    assert french == [
        "chosen\u00a0: retenu, 3 unités sur 3 pour 5.13 EUR, promis pour le 2025-03-06.",
        "dearer\u00a0: pourrait tout servir pour 6.27 EUR, le plan coûte 5.13 EUR.",
        "part\u00a0: pourrait servir 2 unités sur 3 pour 4.62 EUR\u202f; aucun plan moins cher ne passe par lui.",
        "shop\u00a0: écarté, la règle veut un autre type de point de stock.",
    ]


def test_when_no_plan_was_found_the_sentence_says_so() -> None:
    facts = basket([point("a")], [line("X", 2)], {"a": {"X": 1}})
    result = sourced(facts, rule(allow_quantity_split=True))
    assert explain(result, result.candidates[0]) == "a: could serve 1 of 2 units, but the rule found no plan."


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", [reason for reason in reasons.ALL if reason])
def test_every_reason_has_words(reason: str, language: str) -> None:
    result = sourced(four_points(), DEPOTS)
    rejected = Candidate("P", "rejected", reason, 0, {}, None)
    sentence = explain(result, rejected, language)
    assert sentence.startswith("P")
    assert reason not in sentence.split()[1:2]
    assert "{" not in sentence


def test_an_unknown_language_is_an_error() -> None:
    result = sourced(four_points(), DEPOTS)
    with pytest.raises(KeyError):
        explain(result, result.candidates[0], "de")


def test_a_candidate_tells_when_it_would_deliver() -> None:
    result = sourced(four_points(), DEPOTS)
    assert candidate(result, "dearer").promised_on == date(2025, 3, 7)
    assert candidate(result, "dearer").distance_km == pytest.approx(400, abs=0.1)
