"""What a unit is worth where it lies: ageing stock wants to be sold, scarce stock to be spared.

Both are money per unit by row and line, and rest on what is free and what sold lately. Units that
this demand already holds count as free, so a decision does not look dearer for having been made before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from oms.sourcing.facts import SALES_DAYS, LineDemand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from oms.sourcing.arrays import NetworkArrays
    from oms.sourcing.situation import Situation

    Flags = NDArray[np.bool_]
    Real = NDArray[np.float64]

# Where customers walk in and may want what lies there.
SHOP_KINDS = ("store",)


def is_shop(network: NetworkArrays) -> Flags:
    return network.flagged("shops", SHOP_KINDS, lambda point: point.kind in SHOP_KINDS)


def ageing_benefit(situation: Situation) -> Real:
    """Markdown saved by selling one unit from here: of what lies there, the share that would be left at the
    end of the season at the pace of the last weeks, times what an unsold unit loses."""
    rate = float(situation.facts.valuation.markdown_share)
    return _by_line(situation, lambda line, units: rate * surplus_share(situation, line, units))


def scarcity_cost(situation: Situation) -> Real:
    """What a shop misses when one of its units is sent away: more where the network has few left of it, and
    the more the fewer the shop itself has. Stock where no customer walks in costs nothing."""
    valuation = situation.facts.valuation
    shops = is_shop(situation.network)
    below, scarce = valuation.scarce_below, float(valuation.scarce_share)
    last = float(valuation.last_unit_share)

    def share(line: LineDemand, units: Real) -> Real:
        shortage = max(0.0, 1 - float(units.sum()) / below) if below else 0.0
        return np.where(shops, scarce * shortage + last / np.maximum(units, 1), 0.0)

    return _by_line(situation, share)


def surplus_share(situation: Situation, line: LineDemand, units: Real) -> Real:
    """Of the units of this article at each row, the share that will not be sold in time."""
    facts = situation.facts
    days_left = facts.valuation.slow_after_days
    if line.season_ends_on is not None:
        days_left = max(0, (line.season_ends_on - facts.now.date()).days)
    sold = situation.network.column(facts.recent_sales.get(line.sku, {}), absent=0)
    will_sell = sold * (days_left / SALES_DAYS)
    found: Real = np.clip(1 - will_sell / np.maximum(units, 1), 0, 1)
    return found


def cover_days(situation: Situation) -> Real:
    """How many days what is free lasts at the pace of the last weeks, by row and line; infinite where
    nothing was sold."""

    def days(line: LineDemand, units: NDArray[np.int64]) -> Real:
        sold = situation.network.column(situation.facts.recent_sales.get(line.sku, {}), absent=0)
        return np.where(sold > 0, units * SALES_DAYS / np.maximum(sold, 1), np.inf)

    found = [days(line, situation.available[:, column]) for column, line in enumerate(situation.lines)]
    return np.array(found).T


def _by_line(situation: Situation, share_of: Callable[[LineDemand, Real], Real]) -> Real:
    """The price of each line times a share by row; 0 where nothing of it lies."""
    found = np.zeros((situation.network.size, len(situation.lines)), order="F")
    for column, line in enumerate(situation.lines):
        units = situation.available[:, column].astype(np.float64)
        price = float(line.unit_price)
        if price:
            found[:, column] = np.where(units > 0, price * share_of(line, units), 0.0)
    return found
