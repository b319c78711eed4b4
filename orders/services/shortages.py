"""What of a demand cannot be had now, and what of that is to come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from orders.services.placements import Demand, Policy, UnitKey
from orders.states import Mode
from stock.queries.allotments import ceilings
from stock.queries.availability import available_to_promise, level_waterfalls
from stock.queries.expected import expected_availability, expected_units


def shortage(demand: Demand) -> Counter[str]:
    """By line, the units that the channel may not promise; lines of one variant are served in their order."""
    variants = {line.variant_id for line in demand.lines if line.mode != Mode.CARRY_OUT}
    left = Counter(available_to_promise(channel_id=demand.channel_id, variant_ids=sorted(variants)))
    for (variant_id, _), quantity in _backed(demand.own_units).items():
        left[variant_id] += quantity
    missing: Counter[str] = Counter()
    for line in demand.lines:
        if line.mode == Mode.CARRY_OUT:
            continue
        had = min(line.quantity, max(left[line.variant_id], 0))
        left[line.variant_id] -= had
        if had < line.quantity:
            missing[line.key] = line.quantity - had
    return missing


def _backed(own_units: Mapping[UnitKey, int]) -> dict[UnitKey, int]:
    """Of the units already reserved, those that are really there: a level can have become short."""
    levels = level_waterfalls(channel_id=None, keys=sorted(own_units)) if own_units else {}
    short = {key: max(0, level.reserved + level.unavailable - level.on_hand) for key, level in levels.items()}
    return {key: max(0, quantity - short.get(key, 0)) for key, quantity in own_units.items()}


def expected_of(demand: Demand, missing: Mapping[str, int], policy: Policy) -> Counter[str]:
    """Of the missing units by line, those that are to come and may be pre-ordered."""
    if not (policy.only_expected and any(missing.values())):
        return Counter()
    short = [line for line in demand.lines if missing.get(line.key, 0) > 0]
    left = Counter(expected_units(channel_id=demand.channel_id, variant_ids={line.variant_id for line in short}))
    left.update(demand.own_expected)
    if demand.is_allotted:
        _cap(left, demand, missing)
    expected: Counter[str] = Counter()
    for line in short:
        units = min(missing[line.key], left[line.variant_id])
        if units > 0:
            expected[line.key] = units
            left[line.variant_id] -= units
    return expected


def will_have_come(demand: Demand) -> bool:
    """Whether enough is expected by the day for which each of the awaited units was promised."""
    dated = [(each.variant_id, each.quantity, each.available_on) for each in demand.awaited if each.available_on]
    if not dated:
        return True
    expected = expected_availability(channel_id=demand.channel_id, variant_ids={pk for pk, _, _ in dated})
    for day in {on for _, _, on in dated}:
        wanted: Counter[int] = Counter()
        for pk, quantity, on in dated:
            wanted[pk] += quantity if on <= day else 0
        for variant_id, quantity in wanted.items():
            if sum(coming.available for coming in expected[variant_id] if coming.available_on <= day) < quantity:
                return False
    return True


def _cap(left: Counter[int], demand: Demand, missing: Mapping[str, int]) -> None:
    """What is to come, below what the channel may take of it, in units beside those that are there."""
    own: Counter[int] = Counter()
    for (variant_id, _), quantity in demand.own_units.items():
        own[variant_id] += quantity
    for line in demand.lines:
        own[line.variant_id] -= line.quantity - missing.get(line.key, 0)
    for variant_id, limit in ceilings(channel_id=demand.channel_id, variant_ids=list(left)).items():
        most = limit.to_come + demand.own_expected.get(variant_id, 0) + (0 if limit.is_share else own[variant_id])
        left[variant_id] = min(left[variant_id], max(0, most))


def worse_of(demand: Demand, missing: Counter[str], unreachable: Counter[str]) -> Counter[str]:
    """By article, whichever leaves more out; the two may have taken it off different lines."""
    worse = Counter(missing)
    for variant_id in {line.variant_id for line in demand.lines}:
        keys = [line.key for line in demand.lines if line.variant_id == variant_id]
        if sum(unreachable[key] for key in keys) > sum(missing[key] for key in keys):
            worse.update({key: unreachable[key] - missing[key] for key in keys})
    return +worse
