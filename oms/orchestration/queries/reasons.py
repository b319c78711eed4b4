"""One decision made readable: ranked stock points, costs by objective, sentences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from oms.orchestration.models import SourcingRun
from oms.orchestration.queries.runs import StoredRun
from oms.orchestration.wording import objective_name
from oms.sourcing.explaining import explain
from oms.sourcing.results import CHOSEN, REJECTED, Candidate, PlannedParcel, SourcingResult
from oms.sourcing.rules import OBJECTIVES
from oms.sourcing.winning import money_to_win

# For so many of those that lost, the plan is worked out again with them in it.
_EXPLAINED_LOSERS = 10

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
    less it would have had to cost to be chosen; empty where it was, where nothing would have helped, and beyond
    the first few of the ranking."""

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
    """Stock points rejected for one and the same reason."""

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
    stored: StoredRun

    @property
    def result(self) -> SourcingResult:
        return self.stored.result


def why(run: SourcingRun, language: str) -> Why:
    """The decision for a reader of English (`en`) or French (`fr`)."""
    stored = StoredRun(run)
    result = stored.result
    fitting = [each for each in result.candidates if each.outcome != REJECTED]
    used = {name for each in fitting for name, amount in each.costs.items() if amount}
    used |= {name for name, amount in result.costs.items() if amount}
    objectives = tuple(name for name in OBJECTIVES if name in used)
    short = _short_of_winning(stored, fitting)
    fitting.sort(key=lambda each: (each.outcome != CHOSEN, each.total or Decimal(0), each.stock_point))
    return Why(
        objectives=tuple(objective_name(name, language) for name in objectives),
        total_by_objective=_amounts(result.costs, objectives),
        parcels=tuple(
            Parcel(parcel, _amounts(parcel.costs, objectives), _money(parcel.cost)) for parcel in result.plan
        ),
        rules=tuple(_tried(each, language) for each in result.attempts),
        ranked=tuple(_ranked(each, result, objectives, language, short) for each in fitting),
        rejected=_rejected(result, language),
        stored=stored,
    )


def _short_of_winning(stored: StoredRun, fitting: Sequence[Candidate]) -> Mapping[str, Decimal | None]:
    """Worked out again from the run's own facts, as far as this engine decides as the run's did."""
    losers = [each.stock_point for each in fitting if each.outcome != CHOSEN]
    if not losers or not stored.is_of_this_engine:
        return {}
    return money_to_win(stored.facts, stored.rules, losers[:_EXPLAINED_LOSERS])


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
        sentence=explain(result, candidate, language),
        costs=_amounts(candidate.costs, objectives),
        total=_money(candidate.total),
        distance_km=candidate.distance_km,
        promised_on=candidate.promised_on,
        quantity=candidate.quantity,
        to_win=_money(short.get(candidate.stock_point)),
    )


def _rejected(result: SourcingResult, language: str) -> tuple[RejectedGroup, ...]:
    groups: dict[str, list[Candidate]] = {}
    for candidate in result.candidates:
        if candidate.outcome == REJECTED:
            groups.setdefault(candidate.reason, []).append(candidate)
    return tuple(
        RejectedGroup(
            sentence=_reason_alone(explain(result, members[0], language), members[0].stock_point),
            stock_points=tuple(member.stock_point for member in members),
        )
        for members in sorted(groups.values(), key=len)
    )


def _reason_alone(sentence: str, stock_point: str) -> str:
    """The sentence without the stock point it begins with."""
    rest = sentence.removeprefix(stock_point).lstrip(" :").strip()
    return rest[:1].upper() + rest[1:]


def _tried(attempt: Any, language: str) -> TriedRule:
    told = _ATTEMPTS.get(attempt.outcome, (attempt.outcome, attempt.outcome))[language == "fr"]
    return TriedRule(name=attempt.rule, outcome=attempt.outcome, told=told)


def _amounts(costs: Any, objectives: Sequence[str]) -> tuple[str, ...]:
    return tuple(_money(costs.get(name)) for name in objectives)


def _money(amount: Decimal | None) -> str:
    return "" if amount is None else str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))
