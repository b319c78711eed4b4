"""One decision made readable: ranked stock points, costs by objective, sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import translation

from oms.orchestration.models import SourcingRun
from oms.orchestration.queries.maps import DecisionMap, decision_map
from oms.orchestration.queries.runs import StoredRun
from oms.orchestration.reading import READERS
from oms.orchestration.wording import MODES, WHAT_NEXT, objective_name, word_for
from oms.sourcing import explaining
from oms.sourcing.misses import Miss, misses
from oms.sourcing.problem import EXACT
from oms.sourcing.results import CHOSEN, REJECTED, Candidate, PlannedParcel, SourcingResult
from oms.sourcing.rules import OBJECTIVES
from oms.sourcing.winning import money_to_win

# For so many of those that lost, the best first, the plan is worked out again with them in it: a thousandth of a second
# each, or up to a fifth of one where it takes the solver.
_EXPLAINED_LOSERS, _EXPLAINED_BY_SOLVER = 500, 10

_AT_NO_PRICE = ("at no price", "à aucun prix")
_ATTEMPTS = {
    "planned": ("found the plan", "a trouvé le plan"),
    "not_now": ("not in force at that moment", "pas en vigueur à ce moment"),
    "no_candidate": ("no stock point fits", "aucun point de stock ne convient"),
    "incomplete": ("no plan serves the whole order", "aucun plan ne sert toute la commande"),
    "not_reached": ("not needed", "inutile"),
}


@dataclass(frozen=True, slots=True)
class Ranked:
    """One stock point: `costs` in the order of `Why.objectives`, empty texts where it has none. `to_win`: how much
    less it would have had to cost to be chosen, or that no price would have helped; empty where it was chosen, and
    where it was not worked out."""

    stock_point: str
    outcome: str
    sentence: str
    costs: tuple[str, ...]
    total: str
    distance_km: float | None
    promised_on: Any
    quantity: int
    to_win: str = ""


@dataclass(frozen=True, slots=True)
class RejectedGroup:
    """Stock points rejected for one and the same reason, each with its figure where the reason has one."""

    sentence: str
    stock_points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TriedRule:
    name: str
    outcome: str
    told: str


@dataclass(frozen=True, slots=True)
class Parcel:
    planned: PlannedParcel
    costs: tuple[str, ...]
    cost: str


@dataclass(frozen=True, slots=True)
class Why:
    objectives: tuple[str, ...]
    total_by_objective: tuple[str, ...]
    parcels: tuple[Parcel, ...]
    rules: tuple[TriedRule, ...]
    ranked: tuple[Ranked, ...]
    rejected: tuple[RejectedGroup, ...]
    mode: str
    action: str
    map: DecisionMap | None
    stored: StoredRun

    @property
    def result(self) -> SourcingResult:
        return self.stored.result

    @property
    def gap_percent(self) -> str:
        """How much of the cost a search that was cut short may have missed; empty where the plan is proven."""
        gap = self.result.gap
        return READERS.number(max(0.1, float(100 * gap))) if gap else ""


def why(run: SourcingRun, language: str) -> Why:
    """The decision for a reader of English (`en`) or French (`fr`), whatever language is active."""
    with translation.override(language):
        return _why(StoredRun(run), language)


def _why(stored: StoredRun, language: str) -> Why:
    result = stored.result
    fitting = [each for each in result.candidates if each.outcome != REJECTED]
    used = {name for each in fitting for name, amount in each.costs.items() if amount}
    used |= {name for name, amount in result.costs.items() if amount}
    objectives = tuple(name for name in OBJECTIVES if name in used)
    fitting.sort(key=lambda each: (each.outcome != CHOSEN, each.total or Decimal(0), each.stock_point))
    short = _short_of_winning(stored, fitting)
    mode = stored.facts.mode
    return Why(
        objectives=tuple(objective_name(name, language) for name in objectives),
        total_by_objective=_amounts(result.costs, objectives),
        parcels=tuple(
            Parcel(parcel, _amounts(parcel.costs, objectives), _money(parcel.cost)) for parcel in result.plan
        ),
        rules=tuple(_tried(each, language) for each in result.attempts),
        ranked=tuple(_ranked(each, result, objectives, language, short) for each in fitting),
        rejected=_rejected(stored, language),
        mode=word_for(MODES, mode, language),
        action=word_for(WHAT_NEXT, result.action or "", language),
        map=decision_map(stored),
        stored=stored,
    )


def _short_of_winning(stored: StoredRun, fitting: Sequence[Candidate]) -> Mapping[str, Decimal | None]:
    """Worked out again from the run's own facts, as far as this engine decides as the run's did."""
    losers = [each.stock_point for each in fitting if each.outcome != CHOSEN]
    if not losers or not stored.is_of_this_engine:
        return {}
    rule = next((each for each in stored.rules.rules if each.name == stored.result.rule), None)
    is_quick = stored.result.method == EXACT and not (rule is not None and rule.allow_quantity_split)
    return money_to_win(stored.facts, stored.rules, losers[: _EXPLAINED_LOSERS if is_quick else _EXPLAINED_BY_SOLVER])


def _ranked(
    candidate: Candidate,
    result: SourcingResult,
    objectives: Sequence[str],
    language: str,
    short: Mapping[str, Decimal | None],
) -> Ranked:
    return Ranked(
        stock_point=candidate.stock_point,
        outcome=candidate.outcome,
        sentence=explaining.explain(result, candidate, language, READERS),
        costs=_amounts(candidate.costs, objectives),
        total=_money(candidate.total),
        distance_km=candidate.distance_km,
        promised_on=candidate.promised_on,
        quantity=candidate.quantity,
        to_win=_to_win(candidate, short, language),
    )


def _to_win(candidate: Candidate, short: Mapping[str, Decimal | None], language: str) -> str:
    if candidate.outcome == CHOSEN or candidate.stock_point not in short:
        return ""
    money = short[candidate.stock_point]
    return _AT_NO_PRICE[language == "fr"] if money is None else f"\N{MINUS SIGN}{READERS.money(money)}"


def _rejected(stored: StoredRun, language: str) -> tuple[RejectedGroup, ...]:
    """The figures are worked out again from the run's own facts, as far as this engine decides as the run's did."""
    missed = misses(stored.facts, stored.rules, stored.result) if stored.is_of_this_engine else {}
    groups: dict[str, list[Candidate]] = {}
    for candidate in stored.result.candidates:
        if candidate.outcome == REJECTED:
            groups.setdefault(candidate.reason, []).append(candidate)
    return tuple(
        RejectedGroup(
            sentence=_with_limit(
                explaining.without_place(
                    explaining.explain(stored.result, members[0], language), members[0].stock_point
                ),
                missed.get(members[0].stock_point),
                language,
            ),
            stock_points=tuple(
                _with_figure(member.stock_point, missed.get(member.stock_point), language) for member in members
            ),
        )
        for members in sorted(groups.values(), key=len)
    )


def _with_limit(sentence: str, miss: Miss | None, language: str) -> str:
    if miss is None:
        return sentence
    colon = "\N{NO-BREAK SPACE}:" if language == "fr" else ":"
    return f"{sentence.rstrip('.')}{colon} {explaining.wanted(miss, language, READERS)}."


def _with_figure(stock_point: str, miss: Miss | None, language: str) -> str:
    return stock_point if miss is None else f"{stock_point} ({explaining.found(miss, language, READERS)})"


def _tried(attempt: Any, language: str) -> TriedRule:
    return TriedRule(name=attempt.rule, outcome=attempt.outcome, told=word_for(_ATTEMPTS, attempt.outcome, language))


def _amounts(costs: Any, objectives: Sequence[str]) -> tuple[str, ...]:
    return tuple(_money(costs.get(name)) for name in objectives)


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else READERS.money(amount)
