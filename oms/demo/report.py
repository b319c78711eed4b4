"""The table that a replay prints: what the product did beside the baselines, on the same stock."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import mean, median

from oms.demo.nearest import Tally

_TITLE, _LEAST = 28, 16

Figure = Callable[[Tally], str]


def rows(tallies: Mapping[str, Tally], *, currency: str) -> list[tuple[str, ...]]:
    """A title and one figure for each policy, in the order given; the first row names them."""
    figures: dict[str, Figure] = {
        "orders": lambda tally: f"{tally.orders:,}",
        "units ordered": lambda tally: f"{tally.units:,}",
        "unfilled units": lambda tally: f"{tally.unfilled_units:,}",
        "parcels": lambda tally: f"{len(tally.distances_km):,}",
        "parcels per served order": lambda tally: f"{len(tally.distances_km) / max(tally.served_orders, 1):.4f}",
        "mean km per parcel": lambda tally: f"{mean(tally.distances_km or [0]):.1f}",
        "median km per parcel": lambda tally: f"{median(tally.distances_km or [0]):.1f}",
        f"transport cost, {currency}": lambda tally: f"{_rounded(tally.cost, '0.01'):,}",
        "emissions, gCO2e": lambda tally: f"{_rounded(tally.co2e_g, '1'):,}",
    }
    found: list[tuple[str, ...]] = [("", *tallies)]
    found += [(title, *(figure(tally) for tally in tallies.values())) for title, figure in figures.items()]
    return found


def _rounded(amount: Decimal, step: str) -> Decimal:
    return amount.quantize(Decimal(step), rounding=ROUND_HALF_UP)


def render(table: Sequence[Sequence[str]]) -> str:
    """Titles to the left, figures to the right, each column as wide as its widest text wants."""
    widths = [max(_LEAST, *(len(text) + 2 for text in column)) for column in zip(*table, strict=True)][1:]
    return "\n".join(
        f"{row[0]:<{_TITLE}}" + "".join(f"{text:>{width}}" for text, width in zip(row[1:], widths, strict=True))
        for row in table
    )
