"""One article over the network: who lacks it, who can spare it, and the cheapest moves between them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import numpy as np

from oms.replenishment.facts import Move, Need, Place, Policy, Shelf, Spare
from oms.replenishment.flow import cheapest_flow
from oms.replenishment.needs import needs_of, spares_of
from oms.sourcing.distances import great_circle_km

# Of places whose coordinates nobody gave: far enough that a known neighbour is preferred.
UNKNOWN_KM = 500.0


def propose_moves(
    shelves: Iterable[Shelf],
    places: Mapping[int, Place],
    policy: Policy,
    *,
    refused: Collection[tuple[int, int]] = (),
) -> list[Move]:
    """The moves of one article, never more than a giver can spare nor than a receiver needs.

    `refused`: pairs (giver, receiver) a person has lately said no to. Goods do not change banners: a place that
    belongs to one gives to its own and to places of none.
    """
    shelves = list(shelves)
    needs = needs_of(shelves, places, policy)
    wanting = {need.place for need in needs}
    spares = [spare for spare in spares_of(shelves, places, policy) if spare.place not in wanting]
    if not needs or not spares:
        return []
    kilometres = _kilometres(spares, needs, places)

    def cost(spare: Spare, need: Need) -> int | None:
        banners = {places[spare.place].banner_id, places[need.place].banner_id} - {None}
        if len(banners) > 1 or (spare.place, need.place) in refused:
            return None
        return unit_cost(places[spare.place], kilometres[spare.place, need.place], policy)

    found = []
    for giver, need, units in cheapest_flow(spares, needs, cost):
        spare, wanted = spares[giver], needs[need]
        distance = kilometres[spare.place, wanted.place]
        found.append(Move(spare, wanted, units, unit_cost(places[spare.place], distance, policy), distance))
    return found


def unit_cost(giver: Place, distance_km: float | None, policy: Policy) -> int:
    """Handling at the giver, and the way."""
    return giver.handling_cost + policy.unit_cost + round(policy.km_cost * _known(distance_km))


def _known(distance_km: float | None) -> float:
    return UNKNOWN_KM if distance_km is None else distance_km


def _kilometres(
    spares: list[Spare], needs: list[Need], places: Mapping[int, Place]
) -> dict[tuple[int, int], float | None]:
    latitudes = np.array([_degrees(places[spare.place].latitude) for spare in spares])
    longitudes = np.array([_degrees(places[spare.place].longitude) for spare in spares])
    found: dict[tuple[int, int], float | None] = {}
    for need in needs:
        place = places[need.place]
        distances = great_circle_km(latitudes, longitudes, _degrees(place.latitude), _degrees(place.longitude))
        for spare, distance in zip(spares, distances, strict=True):
            found[spare.place, need.place] = None if np.isnan(distance) else float(distance)
    return found


def _degrees(value: float | None) -> float:
    return float("nan") if value is None else value
