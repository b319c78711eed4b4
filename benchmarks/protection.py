"""Applying a protection rule to a million levels, against the one UPDATE by which a person would write its figure.

That UPDATE resolves no rule, locks every level until its end, tells no progress and cannot go on after a crash. A
durable server, each on a fresh copy of the same database, in turns; the levels must end with the same figures.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.networks import POINTS, VARIANTS, Network, network_server
from benchmarks.rows import Row, at_most

ROUNDS = 3
FIGURES = "SELECT count(*) || ' ' || sum(protection_units) || ' ' || sum(protected) FROM stock_stocklevel"
BY_HAND = "UPDATE stock_stocklevel SET protection_units = 2"


def run() -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="halles-bench-") as folder, network_server(Path(folder)) as network:
        network.prepare()
        by_hand, ours = [], []
        for turn in range(ROUNDS):
            first, second = (_by_hand, _ours) if turn % 2 else (_ours, _by_hand)
            results = {each: each(network) for each in (first, second)}
            if results[_by_hand][1] != results[_ours][1]:
                raise AssertionError(f"by hand {results[_by_hand][1]}, by the product {results[_ours][1]}")
            by_hand.append(results[_by_hand][0])
            ours.append(results[_ours][0])
    ratio = statistics.median(mine / hand for hand, mine in zip(by_hand, ours, strict=True))
    name = f"a protection rule on {VARIANTS * POINTS / 1e6:g} million levels"
    return [
        Row(f"{name}: one UPDATE by hand", statistics.median(by_hand), "s"),
        Row(f"{name}: product", statistics.median(ours), "s"),
        at_most(f"{name}: time / by hand", ratio, "x", 2),
    ]


def _by_hand(network: Network) -> tuple[float, str]:
    database = network.copy_of_prepared()
    begun = time.perf_counter()
    network.psql(database, BY_HAND)
    return time.perf_counter() - begun, network.psql(database, FIGURES)


def _ours(network: Network) -> tuple[float, str]:
    database = network.copy_of_prepared()
    answer: dict[str, Any] = json.loads(network.python(database, ["-m", "benchmarks.protection"]).splitlines()[-1])
    return answer["seconds"], network.psql(database, FIGURES)


def _apply_here() -> None:
    """In a process of its own: save the rule, and time what the background task does about it."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oms.settings")
    django.setup()
    from stock.models import PendingProtection, ProtectionRule
    from stock.services.protecting import PATIENCE_S, apply_pending_protection
    from stock.services.protection_rules import save_rule

    save_rule(rule=ProtectionRule(code="all", quantity=2))
    begun = time.perf_counter()
    apply_pending_protection(max_levels=sys.maxsize, patience_s=PATIENCE_S)
    seconds = time.perf_counter() - begun
    assert not PendingProtection.objects.exists()
    print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    _apply_here()
