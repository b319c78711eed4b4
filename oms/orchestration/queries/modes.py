"""The ways in which a basket could be received while nobody has said where: no dates, no prices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from oms.orchestration.promises import ArticleModes, Missing, Quote
from oms.sourcing.facts import E_RESERVATION, EXPRESS, HOME, PICKUP, RELAY, SHIP_TO_STORE, SLOT
from oms.sourcing.situation import Situation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from oms.orchestration.queries.facts import Gathered


def modes_without_place(gathered: Gathered) -> Quote:
    """Delivered modes where the points that ship hold enough together, modes of collecting where one
    point has it all on its own shelf, ship to store where it can be sent to one that hands over."""
    situation = Situation(gathered.facts)
    network = situation.network
    is_open = ~situation.is_paused() & network.is_active & (situation.capacity_left > 0)
    units = np.where(is_open[:, None], situation.available, 0)
    wanted = situation.quantities
    shipped: NDArray[np.bool_] = (units * network.ships[:, None]).sum(axis=0) >= wanted
    by_line: dict[str, NDArray[np.bool_]] = dict.fromkeys((HOME, EXPRESS, SLOT, RELAY), shipped)
    whole = units >= wanted
    shelves = {PICKUP: network.collects & is_open, E_RESERVATION: network.reserves & is_open}
    for mode, offers in shelves.items():
        by_line[mode] = np.count_nonzero(whole & offers[:, None], axis=0) > 0
    is_handed_over = bool((network.collects & network.is_active).any())
    by_line[SHIP_TO_STORE] = shipped if is_handed_over else np.zeros(len(wanted), dtype=np.bool_)
    modes = tuple(
        mode
        for mode, lines in by_line.items()
        if (bool((whole.all(axis=1) & shelves[mode]).any()) if mode in shelves else bool(lines.all()))
    )
    articles = tuple(
        ArticleModes(line.sku, line.quantity, tuple(mode for mode, lines in by_line.items() if lines[column]))
        for column, line in enumerate(situation.lines)
    )
    held = units.sum(axis=0)
    return Quote(
        options=(),
        modes=modes,
        articles=articles,
        unavailable=tuple(
            Missing(line.sku, line.quantity - int(held[column]))
            for column, line in enumerate(situation.lines)
            if held[column] < line.quantity
        ),
    )
