"""HiGHS against another formulation: augmenting paths of least cost, in whole numbers, on random networks."""

from __future__ import annotations

import random

import pytest

from oms.replenishment.facts import Need, Source, Spare
from oms.replenishment.flow import cheapest_flow

CASES = 300


def by_augmenting_paths(spares, needs, costs):
    """(urgent units, all units, cost): successive shortest paths, the three aims as one lexicographic weight."""
    giver = [("g", i) for i in range(len(spares))]
    most = sum(need.units for need in needs) + 1
    dear = (max(costs.values(), default=0) + 1) * most * 2
    capacity, price = {}, {}

    def arc(start, end, units, cost):
        capacity[start, end], price[start, end] = units, cost
        capacity.setdefault((end, start), 0)
        price.setdefault((end, start), -cost)

    for i, spare in enumerate(spares):
        arc("source", giver[i], spare.units, 0)
    for (i, j), cost in costs.items():
        arc(giver[i], ("n", j), most, cost)
    for j, need in enumerate(needs):
        # Serving a unit is worth more than any way costs; an urgent one more than all the others together.
        arc(("n", j), ("u", j), need.urgent, -dear * most)
        arc(("n", j), ("r", j), need.units - need.urgent, -dear)
        arc(("u", j), "sink", most, 0)
        arc(("r", j), "sink", most, 0)
    while True:
        nodes = {node for pair in capacity for node in pair}
        far = dict.fromkeys(nodes, None)
        far["source"], before = 0, {}
        for _ in nodes:
            for (start, end), units in capacity.items():
                if units and far[start] is not None:
                    through = far[start] + price[start, end]
                    if far[end] is None or through < far[end]:
                        far[end], before[end] = through, start
        if far["sink"] is None or far["sink"] >= 0:
            break
        path, node = [], "sink"
        while node != "source":
            path.append((before[node], node))
            node = before[node]
        units = min(capacity[pair] for pair in path)
        for start, end in path:
            capacity[start, end] -= units
            capacity[end, start] += units
    urgent = sum(capacity.get((("u", j), ("n", j)), 0) for j in range(len(needs)))
    rest = sum(capacity.get((("r", j), ("n", j)), 0) for j in range(len(needs)))
    cost = sum(capacity[("n", j), giver[i]] * each for (i, j), each in costs.items())
    return urgent, urgent + rest, cost


def random_case(seed):
    chance = random.Random(seed)
    spares = [Spare(i, chance.randint(1, 8), 0, Source.SLOW) for i in range(chance.randint(1, 6))]
    needs = []
    for j in range(chance.randint(1, 6)):
        units = chance.randint(1, 8)
        # Some places both need and give in the numbers of a test: a place never sends to itself.
        needs.append(Need(100 + j if chance.random() < 0.9 else 0, units, chance.randint(0, units), 0, 0.0))
    costs = {
        (i, j): chance.choice([1, 2, 3, 500, 70_000]) + chance.randint(0, 9)
        for i, spare in enumerate(spares)
        for j, need in enumerate(needs)
        if chance.random() < 0.8 and spare.place != need.place
    }
    return spares, needs, costs


def figures_of(flow, needs, costs):
    served = [sum(units for _, j, units in flow if j == need) for need in range(len(needs))]
    urgent = sum(min(units, need.urgent) for units, need in zip(served, needs, strict=True))
    return urgent, sum(served), sum(costs[i, j] * units for i, j, units in flow)


@pytest.mark.parametrize("seed", range(CASES))
def test_as_many_urgent_units_then_as_many_then_as_cheap_as_by_augmenting_paths(seed):
    spares, needs, costs = random_case(seed)
    index = {(id(spares[i]), id(needs[j])): cost for (i, j), cost in costs.items()}
    flow = cheapest_flow(spares, needs, lambda spare, need: index.get((id(spare), id(need))))
    assert figures_of(flow, needs, costs) == by_augmenting_paths(spares, needs, costs)
    for i, spare in enumerate(spares):
        assert sum(units for giver, _, units in flow if giver == i) <= spare.units
    for j, need in enumerate(needs):
        assert sum(units for _, receiver, units in flow if receiver == j) <= need.units
    assert all(units > 0 for _, _, units in flow)


def test_the_same_facts_give_the_same_flow():
    spares, needs, costs = random_case(7)
    index = {(id(spares[i]), id(needs[j])): cost for (i, j), cost in costs.items()}

    def flow():
        return cheapest_flow(spares, needs, lambda spare, need: index.get((id(spare), id(need))))

    assert flow() == flow()


def test_the_cheapest_giver_goes_to_whom_others_are_far_from():
    near, far = Spare(1, 5, 0, Source.WAREHOUSE), Spare(2, 5, 0, Source.WAREHOUSE)
    needs = [Need(3, 5, 5, 5, 1.0), Need(4, 5, 5, 5, 1.0)]
    costs = {(1, 3): 10, (1, 4): 11, (2, 3): 12, (2, 4): 100}
    # Taking each receiver's cheapest in turn would cost 5 × 10 + 5 × 100.
    flow = cheapest_flow([near, far], needs, lambda spare, need: costs[spare.place, need.place])
    assert flow == [(0, 1, 5), (1, 0, 5)]
