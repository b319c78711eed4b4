"""What a recorded decision takes in the database: its row as PostgreSQL stores it, by the size of the network.

The network and the rules are stored once for all runs that share them; their size is told beside.
"""

from __future__ import annotations

import os
import random
import sys
from dataclasses import dataclass, replace

from benchmarks.databases import durable_database
from benchmarks.processes import apart
from benchmarks.rows import Row, at_most
from benchmarks.sourcing_cases import rule_set_of
from benchmarks.sourcing_everything import facts_of_everything, network_of_everything, rule_of_everything
from oms.sourcing.facts import ChannelFacts, Estimates

POINTS = (60, 125, 250, 500)
BASKETS = 200
LIMIT = 4096

_ROWS = """
SELECT percentile_cont(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY pg_column_size(run.*)),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY octet_length(facts)),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY octet_length(candidates)),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY pg_column_size(plan))
FROM orchestration_sourcingrun AS run WHERE reference LIKE %s
"""
_NETWORK = "SELECT max(octet_length(content)) FROM orchestration_factblob"


@dataclass(frozen=True)
class Sizes:
    """Bytes of a row, and of its three large columns (medians), and of the network that all rows share."""

    median: float
    p99: float
    facts: float
    candidates: float
    plan: float
    network: int


def sizes_of(points: int, baskets: int, *, seed: int = 1) -> Sizes:
    """Decides random baskets of 1 to 6 lines with everything on, records them and weighs the rows."""
    from django.db import connection

    from oms.orchestration.deciding import KnownNetwork, RulesInForce, RunToSave, UnsavedRun
    from oms.orchestration.services.recording import save_runs
    from oms.sourcing.engine import source
    from stock.models import SalesChannel

    rng = random.Random(seed)
    network = network_of_everything(rng, points)
    channel, _ = SalesChannel.objects.get_or_create(
        code="weighed", defaults={"name": "Weighed", "kind": "web", "currency": "EUR"}
    )
    # One for all runs, as the product has it: its text and hash are made once.
    known = KnownNetwork(network, ChannelFacts("weighed", "web"), "EUR", {}, {}, {}, {}, {})
    runs = []
    for number in range(baskets):
        facts = replace(facts_of_everything(rng, network, 1 + number % 6), estimates=Estimates())
        rules = rule_set_of(rule_of_everything(rng))
        run = UnsavedRun(
            reference=f"W{points}-{number}",
            channel_id=channel.pk,
            trigger="order.placed",
            started_at=facts.now,
            duration_us=900,
            facts=facts,
            known=known,
            rules=RulesInForce(rules, 1),
            result=source(facts, rules),
        )
        runs.append(RunToSave(run))
    save_runs(runs=runs)
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [f"W{points}-%"])
        (median, p99), facts_size, candidates, plan = cursor.fetchone()
        cursor.execute(_NETWORK)
        return Sizes(median, p99, facts_size, candidates, plan, cursor.fetchone()[0])


def _measure(url: str) -> list[Sizes]:
    os.environ |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "oms.settings", "LOG_LEVEL": "ERROR"}
    import django

    django.setup()
    found = []
    for points in POINTS:
        print(f"  {BASKETS} decisions at {points} points …", file=sys.stderr, flush=True)
        found.append(sizes_of(points, BASKETS))
    return found


def run() -> list[Row]:
    """In a process of its own: the settings of this one may point elsewhere."""
    with durable_database() as url:
        found = apart(_measure, url)
    rows = []
    for points, sizes in zip(POINTS, found, strict=True):
        name = f"a recorded run, {points} points"
        median = f"{name}: median"
        rows.append(
            at_most(median, sizes.median, "bytes", LIMIT) if points <= 60 else Row(median, sizes.median, "bytes")
        )
        rows += [
            Row(f"{name}: p99", sizes.p99, "bytes"),
            Row(f"{name}: of it facts", sizes.facts, "bytes"),
            Row(f"{name}: of it how each candidate fared", sizes.candidates, "bytes"),
            Row(f"{name}: of it the plan", sizes.plan, "bytes"),
            Row(f"{name}: its network, once for all runs", sizes.network, "bytes"),
        ]
    each = (found[-1].median - found[0].median) / (POINTS[-1] - POINTS[0])
    return [*rows, Row("a recorded run: growth with each further point", each, "bytes")]
