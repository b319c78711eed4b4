"""What the engine answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

PLANNED = "planned"
UNFILLABLE = "unfillable"

CHOSEN = "chosen"
ELIGIBLE = "eligible"
REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """Units of one line."""

    line: str
    sku: str
    quantity: int


@dataclass(frozen=True, slots=True)
class PlannedParcel:
    """What one stock point sends, or puts aside, for this order.

    `ready_at` in UTC; `ships_on` in the stock point's zone; `promised_on` in the destination's.
    `costs` are by objective, already multiplied by the rule's weights, and add up to `cost`; an
    objective that the rule does not weigh is absent.
    `promised_from` is the day before which nobody need be at home; `price` is what the customer pays for
    the transport, `expense` what the retailer pays for transport and handling, weights aside. `zone` is the
    destination's among those of the service: with the stock point it is the parcel's lane.
    `alternatives`: where the rule offers the work, the next shops that could send this same parcel, the
    cheapest first.
    """

    stock_point: str
    service: str
    lines: tuple[PlannedLine, ...]
    costs: Mapping[str, Decimal]
    cost: Decimal
    ready_at: datetime
    ships_on: date
    promised_on: date
    distance_km: float
    weight_g: int
    co2e_g: int
    promised_from: date | None = None
    price: Decimal = Decimal(0)
    expense: Decimal = Decimal(0)
    zone: str = ""
    alternatives: tuple[PlannedParcel, ...] = ()


@dataclass(frozen=True, slots=True)
class Candidate:
    """How one stock point fared under the deciding rule: the one that planned, else the last tried.

    `reason` is the filter that rejected it; for an eligible point why it was not taken: `dearer` (it
    holds everything), `holds_a_part`, or `no_plan` (the rule found none).
    `costs`: of its parcel where chosen; where eligible, of one parcel with all it could serve
    (`quantity` units); empty where rejected.
    """

    stock_point: str
    outcome: str
    reason: str
    quantity: int
    costs: Mapping[str, Decimal]
    total: Decimal | None
    distance_km: float | None = None
    promised_on: date | None = None


@dataclass(frozen=True, slots=True)
class RuleAttempt:
    """What became of one rule: `planned`, or why not.

    `not_now` (its calendar), `no_candidate`, `incomplete` (no plan takes every unit),
    `not_reached` (an earlier rule decided). `rejections` counts the points by reason.
    """

    rule: str
    outcome: str
    rejections: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SourcingResult:
    """One decision.

    `unplanned` are the units no parcel takes; while there are any, `action` (and
    `cancel_after_days`) says what the rule set wants done with them, else it is None.
    `gap`: how far above the minimum the plan could still be, 0 when proven exact.
    """

    outcome: str
    rule_set: str
    rule: str | None
    plan: tuple[PlannedParcel, ...]
    unplanned: tuple[PlannedLine, ...]
    candidates: Sequence[Candidate]
    attempts: tuple[RuleAttempt, ...]
    action: str | None
    cancel_after_days: int | None
    assignment: str
    offer_candidates: int
    acceptance_minutes: int | None
    max_hops: int
    currency: str
    costs: Mapping[str, Decimal]
    total: Decimal
    promised_on: date | None
    co2e_g: int
    method: str
    gap: Decimal
    is_degraded: bool
    engine_version: str
