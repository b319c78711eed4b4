"""How stock points and rules fared in many decisions: why one receives much or little, which rule does the work.

Stock points are counted from the packed explanations of the newest runs, rules from the plans of many more, both in a
fixed number of queries.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from oms.core.access import Access
from oms.orchestration.explanations import unpacked_labels
from oms.orchestration.models import SourcingRun
from oms.orchestration.queries.runs import codes_by_network
from oms.sourcing import reasons
from oms.sourcing.explaining import rejection
from oms.sourcing.results import CHOSEN, REJECTED

# So many decisions say enough; to read them takes a second or two.
MOST_RUNS = 5_000
# Of each only its plan is read, by the database: a few seconds.
MOST_RUNS_OF_RULES = 100_000

_ELSEWHERE = (reasons.NOT_THE_PICKUP_POINT, reasons.NOT_THE_SELLING_POINT)

_RULES = """
SELECT run.rule_set_code, run.version, attempt.told ->> 'rule', min(attempt.place),
       count(*) FILTER (WHERE attempt.told ->> 'outcome' = 'planned'),
       count(*) FILTER (WHERE attempt.told ->> 'outcome' IN ('no_candidate', 'incomplete')),
       count(*) FILTER (WHERE attempt.told ->> 'outcome' = 'not_now'),
       count(*) FILTER (WHERE attempt.told ->> 'outcome' = 'not_reached')
FROM (SELECT rule_set_code, version, plan FROM orchestration_sourcingrun
      WHERE started_at >= %(since)s AND (%(channels)s::bigint[] IS NULL OR channel_id = ANY(%(channels)s))
      ORDER BY id DESC LIMIT %(most)s) AS run
CROSS JOIN LATERAL jsonb_array_elements(run.plan -> 'attempts') WITH ORDINALITY AS attempt (told, place)
GROUP BY 1, 2, 3 ORDER BY 1, 2 DESC NULLS LAST, 4, 3
"""


@dataclass(frozen=True, slots=True)
class Rejection:
    """`sentence` in the reader's language."""

    reason: str
    sentence: str
    count: int


@dataclass(frozen=True, slots=True)
class PointFortune:
    """Of `decisions` that looked at the network it is in: how often it passed every filter, and won.

    Decisions about goods collected or carried out elsewhere say nothing about it and are not among them.
    """

    stock_point: str
    decisions: int
    candidate: int
    won: int
    rejections: tuple[Rejection, ...]

    @property
    def candidate_percent(self) -> float:
        return _percent(self.candidate, self.decisions)

    @property
    def won_percent(self) -> float:
        return _percent(self.won, self.decisions)

    @property
    def won_of_candidate_percent(self) -> float:
        return _percent(self.won, self.candidate)


@dataclass(frozen=True, slots=True)
class RuleFortune:
    """Of the decisions by its rule set: how often the rule was reached and what became of it then. `version` None:
    the shipped default."""

    rule_set: str
    version: int | None
    rule: str
    chosen: int
    without_plan: int
    not_in_force: int
    not_reached: int

    @property
    def reached(self) -> int:
        return self.chosen + self.without_plan

    @property
    def decisions(self) -> int:
        return self.reached + self.not_in_force + self.not_reached

    @property
    def reached_percent(self) -> float:
        return _percent(self.reached, self.decisions)

    @property
    def chosen_percent(self) -> float:
        return _percent(self.chosen, self.decisions)


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def rule_fortunes(*, since: datetime, access: Access) -> list[RuleFortune]:
    """By rule set, the newest version first, its rules in their order. Of at most the `MOST_RUNS_OF_RULES` newest
    decisions. Nothing for whom runs are hidden from."""
    if access.stock_points is not None:
        return []
    channels = None if access.channels is None else sorted(access.channels)
    with connection.cursor() as cursor:
        cursor.execute(_RULES, {"since": since, "channels": channels, "most": MOST_RUNS_OF_RULES})
        return [RuleFortune(code, version, rule, *counts) for code, version, rule, _, *counts in cursor.fetchall()]


def point_fortunes(*, since: datetime, access: Access, language: str) -> list[PointFortune]:
    """By stock point, those that won most first. Of at most the `MOST_RUNS` newest decisions."""
    runs = SourcingRun.objects.visible_to(access).filter(started_at__gte=since).order_by("-pk")
    counted = _Counted()
    for network, content in runs.values_list("network_id", "candidates")[:MOST_RUNS].iterator(chunk_size=500):
        if content:
            counted.add(network, content)
    found = [_fortune(code, tally, language) for code, tally in counted.by_stock_point().items()]
    return sorted(found, key=lambda each: (-each.won, -each.candidate, each.stock_point))


def _fortune(code: str, tally: Mapping[tuple[str, str], int], language: str) -> PointFortune:
    tally = {label: count for label, count in tally.items() if label[1] not in _ELSEWHERE}
    rejections = [
        Rejection(reason, rejection(reason, language), count)
        for (outcome, reason), count in tally.items()
        if outcome == REJECTED
    ]
    decisions = sum(tally.values())
    return PointFortune(
        stock_point=code,
        decisions=decisions,
        candidate=decisions - sum(each.count for each in rejections),
        won=sum(count for (outcome, _), count in tally.items() if outcome == CHOSEN),
        rejections=tuple(sorted(rejections, key=lambda each: (-each.count, each.reason))),
    )


class _Counted:
    """How often each row of each network bore each label; runs of one engine share their labels."""

    def __init__(self) -> None:
        self.counts: dict[tuple[UUID, Sequence[tuple[str, str]]], NDArray[np.int64]] = {}

    def add(self, network: UUID, content: bytes | memoryview) -> None:
        labels, label_of = unpacked_labels(content)
        key = (network, labels)
        if key not in self.counts:
            self.counts[key] = np.zeros((len(label_of), len(labels)), dtype=np.int64)
        self.counts[key][np.arange(len(label_of)), label_of] += 1

    def by_stock_point(self) -> dict[str, Counter[tuple[str, str]]]:
        codes = codes_by_network({network for network, _ in self.counts})
        found: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
        for (network, labels), table in self.counts.items():
            for row, label in zip(*np.nonzero(table), strict=True):
                found[codes[network][row]][labels[label]] += int(table[row, label])
        return found
