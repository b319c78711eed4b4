"""What a decision is made with, as it is passed between gathering, planning and recording."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from oms.orchestration.packing import content_hash, packed
from oms.sourcing.calendars import zone
from oms.sourcing.facts import ChannelFacts, Facts, Network, StockPointFacts
from oms.sourcing.once import once
from oms.sourcing.results import SourcingResult
from oms.sourcing.rules import RuleSet
from oms.sourcing.serialise import canonical_json, network_to_json

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Shared(ABC):
    """Something many runs rest on, known by the hash of its text."""

    @property
    @abstractmethod
    def text(self) -> bytes:
        """Canonical JSON."""

    @once
    def hash(self) -> UUID:
        return content_hash(self.text)

    @once
    def content(self) -> bytes:
        return packed(self.text)


@dataclass(frozen=True)
class KnownNetwork(Shared):
    """One channel's stock points, with what ids, days and capacities need to be translated."""

    network: Network
    channel: ChannelFacts
    currency: str
    codes: Mapping[int, str]
    ids: Mapping[str, int]
    capacities: Mapping[int, int]
    hourly: Mapping[int, int]
    timezones: Mapping[int, str]
    has_allotments: bool = False
    promises_expected: bool = False
    backorders: bool = False

    @property
    def text(self) -> bytes:
        return network_to_json(self.network).encode()

    def rows_of(self, points: NDArray[np.integer]) -> NDArray[np.intp]:
        """The rows of the network in which stock points of these ids stand; all of them must be its own."""
        ids, rows = self._rows
        return rows[np.searchsorted(ids, points)]

    @once
    def _rows(self) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
        """Ids in their order, and the row of each."""
        ids = np.array([self.ids[code] for code in self.network.arrays.codes], dtype=np.int64)
        rows = np.argsort(ids)
        return ids[rows], rows

    def open_points(self, at: datetime) -> Mapping[str, str]:
        """Codes by id (in digits) of the stock points whose units may be promised on the channel at that moment; the
        same rule as `StockPoint.is_open`."""
        paused = {point.code for point in self._pausing if _is_paused(point, at)}
        if not paused:
            return self._feeding
        return {pk: code for pk, code in self._feeding.items() if code not in paused}

    @once
    def _feeding(self) -> Mapping[str, str]:
        feeds = None if self.channel.stock_points is None else frozenset(self.channel.stock_points)
        active = (point.code for point in self.network.stock_points if point.is_active)
        return {str(self.ids[code]): code for code in active if feeds is None or code in feeds}

    @once
    def _pausing(self) -> tuple[StockPointFacts, ...]:
        return tuple(point for point in self.network.stock_points if point.paused_until is not None)


def _is_paused(point: StockPointFacts, at: datetime) -> bool:
    until = point.paused_until
    return until is not None and at.astimezone(zone(point.timezone)).date() < until


@dataclass(frozen=True)
class RulesInForce(Shared):
    """One rule set as it decides: parsed, with the number runs will name (None: the shipped default)."""

    rules: RuleSet
    version: int | None

    @property
    def text(self) -> bytes:
        return canonical_json(self.rules.to_document()).encode()


@dataclass(frozen=True, slots=True)
class UnsavedRun:
    """A decision that was made and not yet recorded; its texts are only written when it is saved."""

    reference: str
    channel_id: int
    trigger: str
    started_at: datetime
    duration_us: int
    facts: Facts
    known: KnownNetwork
    rules: RulesInForce
    result: SourcingResult


@dataclass(frozen=True, slots=True)
class RunToSave:
    """`reference` where the run was planned before the order had one; `outcome` where it is `kept`."""

    run: UnsavedRun
    reference: str | None = None
    outcome: str | None = None
