"""`python -m benchmarks [NAME …]`: measure, print a table of ratios, exit 1 when one misses its target.

Each figure is a ratio of two things measured in the same run, because machines differ and are noisy.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from benchmarks.rows import Row, table

BENCHMARKS = (
    "engine",
    "run_size",
    "labels",
    "reserving",
    "placing",
    "sourcing_tasks",
    "stock_import",
    "protection",
    "availability",
    "promise",
    "promise_quality",
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--huge", action="store_true", help="also what takes very long, e.g. twenty million levels")
    asked = parser.parse_args()
    names = asked.names or BENCHMARKS
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}")
    # The product's modules translate as they are imported.
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oms.settings")
    rows: list[Row] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        module = importlib.import_module(f"benchmarks.{name}")
        measured = getattr(module, "run_huge", module.run)() if asked.huge else module.run()
        rows += measured
        print(table(measured), flush=True)
    missed = [row for row in rows if row.passed is False]
    print(f"\n{len(rows)} figures, {len(missed)} below target")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
