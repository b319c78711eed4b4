"""`python -m benchmarks [NAME …]`: measure, print a table of ratios, exit 1 when one misses its target.

Each figure is a ratio of two things measured in the same run, because machines differ and are noisy. The
databases are the ones the tests use: a server of their own, durable here, because the cost of being
durable is part of what is measured.
"""

from __future__ import annotations

import argparse
import importlib
import sys

from benchmarks.rows import Row

BENCHMARKS = ("engine", "labels", "reserving", "placing", "stock_import")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    names = parser.parse_args().names or BENCHMARKS
    unknown = sorted(set(names) - set(BENCHMARKS))
    if unknown:
        parser.error(f"there is no benchmark {', '.join(unknown)}; choose from {', '.join(BENCHMARKS)}")
    rows: list[Row] = []
    for name in names:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        measured = importlib.import_module(f"benchmarks.{name}").run()
        rows += measured
        print(table(measured), flush=True)
    missed = [row for row in rows if row.passed is False]
    print(f"\n{len(rows)} figures, {len(missed)} below target")
    return 1 if missed else 0


def table(rows: list[Row]) -> str:
    """One line per figure: name, value with its unit, target, verdict."""
    width = max(len(row.name) for row in rows)
    verdicts = {True: "ok", False: "MISSED", None: ""}
    return "\n".join(
        f"{row.name:<{width}}  {row.value!s:>14} {row.unit:<10} {row.target or '':<14} {verdicts[row.passed]}"
        for row in rows
    )


if __name__ == "__main__":
    sys.exit(main())
