"""Books kept beside the product: what must lie where, from what was done and answered alone."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

Level = tuple[str, str]
"""(SKU, stock point)."""


@dataclass
class Books:
    """Units by level, and where all units of a SKU came from and went to.

    `picked`: units in hand by fulfilment, not gone yet. Conservation, per SKU:
    on hand = received + counted − lost − gone.
    """

    on_hand: Counter[Level] = field(default_factory=Counter)
    unavailable: Counter[Level] = field(default_factory=Counter)
    received: Counter[str] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    gone: Counter[str] = field(default_factory=Counter)
    gone_by_order: Counter[tuple[str, str]] = field(default_factory=Counter)
    picked: dict[int, Counter[Level]] = field(default_factory=dict)

    def receive(self, level: Level, units: int) -> None:
        self.on_hand[level] += units
        self.received[level[0]] += units

    def count(self, level: Level, difference: int) -> None:
        self.on_hand[level] += difference
        self.counted[level[0]] += difference

    def set_figure(self, level: Level, figure: int) -> None:
        self.count(level, figure - self.on_hand[level])

    def pick(self, work: dict[str, Any], units: dict[str, int]) -> None:
        in_hand = self.picked.setdefault(work["id"], Counter())
        for sku, quantity in units.items():
            in_hand[sku, work["stock_point"]] += quantity

    def put_back(self, work_id: int) -> None:
        self.picked.pop(work_id, None)

    def not_found(self, level: Level) -> None:
        """The shelf is empty: only what was picked there is known to exist. Nothing is ever found by it."""
        known = sum(in_hand[level] for in_hand in self.picked.values())
        missing = max(0, self.on_hand[level] - known)
        self.on_hand[level] -= missing
        self.lost[level[0]] += missing

    def set_aside(self, level: Level, units: int) -> None:
        self.unavailable[level] += units

    def leave(self, work: dict[str, Any]) -> None:
        """Everything picked for this work leaves the stock point."""
        for (sku, point), units in self.picked.pop(work["id"]).items():
            self.take(work["order"], (sku, point), units)

    def take(self, order: str, level: Level, units: int) -> None:
        self.on_hand[level] -= units
        self.gone[level[0]] += units
        self.gone_by_order[order, level[0]] += units

    def conserved(self, sku: str) -> int:
        """What must lie on all shelves together."""
        return self.received[sku] + self.counted[sku] - self.lost[sku] - self.gone[sku]
