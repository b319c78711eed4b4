"""Reading decisions: as the API tells them, as a page explains them, and decided once more."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

import orjson

from oms.orchestration.explanations import packed_candidates, unpacked_candidates
from oms.orchestration.models import FactBlob, SourcingRun
from oms.orchestration.packing import unpacked
from oms.orchestration.run_texts import facts_from_text, plan_text, result_from_plan
from oms.sourcing.engine import ENGINE_VERSION, source
from oms.sourcing.facts import Facts, Network
from oms.sourcing.results import Candidate, SourcingResult
from oms.sourcing.rule_parsing import parse_rule_set
from oms.sourcing.rules import RuleSet
from oms.sourcing.serialise import decimal_text, network_from_json

_KEPT_BLOBS = 32


def runs_for(reference: str) -> list[dict[str, Any]]:
    """Every decision for one order, oldest first, as `/orders/{number}/sourcing-runs/` answers."""
    return [_told(StoredRun(run)) for run in SourcingRun.objects.filter(reference=reference).order_by("pk")]


@dataclass(frozen=True)
class StoredRun:
    """One recorded decision with its parts made readable again."""

    run: SourcingRun

    @cached_property
    def result(self) -> SourcingResult:
        """What the engine answered then."""
        candidates = unpacked_candidates(self.run.candidates, _codes(self.run.network_id))
        return result_from_plan(self.run.plan, candidates)

    @cached_property
    def facts(self) -> Facts:
        """What it rested on."""
        return facts_from_text(unpacked(self.run.facts), _network(self.run.network_id))

    @cached_property
    def rules(self) -> RuleSet:
        """What it was decided by."""
        return _rules(self.run.rules_id)

    @property
    def is_of_this_engine(self) -> bool:
        return self.run.engine_version == ENGINE_VERSION

    def is_repeated_identically(self) -> bool:
        """Whether this engine decides the same of the same facts, to the last cost of the last candidate."""
        again = source(self.facts, self.rules)
        return orjson.loads(plan_text(again)) == self.run.plan and (
            self._explanation(again) == (unpacked(self.run.candidates) if self.run.candidates else b"")
        )

    @staticmethod
    def _explanation(result: SourcingResult) -> bytes:
        found = packed_candidates(result.candidates)
        return unpacked(found) if found else b""


def _told(stored: StoredRun) -> dict[str, Any]:
    run = stored.run
    return {
        "id": run.pk,
        "trigger": run.trigger,
        "rule_set": run.rule_set_code,
        "version": run.version,
        "rule": run.rule or None,
        "started_at": run.started_at,
        "duration_ms": run.duration_us / 1000,
        "candidates": [_candidate(each) for each in stored.result.candidates],
        "plan": [
            {
                "stock_point": parcel["stock_point"],
                "service": parcel["service"],
                "lines": [{"sku": line["sku"], "quantity": line["quantity"]} for line in parcel["lines"]],
            }
            for parcel in run.plan["plan"]
        ],
        "outcome": run.outcome,
    }


def _candidate(candidate: Candidate) -> dict[str, Any]:
    return {
        "stock_point": candidate.stock_point,
        "outcome": candidate.outcome,
        "reason": candidate.reason,
        "costs": {name: decimal_text(amount) for name, amount in candidate.costs.items()},
        "total": None if candidate.total is None else decimal_text(candidate.total),
    }


def _text(digest: UUID) -> bytes:
    return unpacked(FactBlob.objects.get(pk=digest).content)


def codes_by_network(digests: Collection[UUID]) -> dict[UUID, Sequence[str]]:
    """The sorted codes of the stock points of many networks, in one query."""
    blobs = FactBlob.objects.filter(pk__in=digests).values_list("hash", "content")
    return {digest: _codes_in(unpacked(content)) for digest, content in blobs}


def _codes_in(text: bytes) -> Sequence[str]:
    return sorted(point["code"] for point in orjson.loads(text)["stock_points"])


@lru_cache(maxsize=_KEPT_BLOBS)
def _codes(digest: UUID) -> Sequence[str]:
    return _codes_in(_text(digest))


@lru_cache(maxsize=_KEPT_BLOBS)
def _network(digest: UUID) -> Network:
    return network_from_json(_text(digest).decode())


@lru_cache(maxsize=_KEPT_BLOBS)
def _rules(digest: UUID) -> RuleSet:
    return parse_rule_set(orjson.loads(_text(digest)))
