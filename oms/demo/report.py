"""The table that a replay prints: what the product did beside the baseline, on the same stock."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from statistics import mean, median

from oms.demo.nearest import Tally

_WIDTHS = (28, 16, 18)


def rows(product: Tally, baseline: Tally, *, currency: str) -> list[tuple[str, str, str]]:
    """Title, the product's figure, the baseline's."""

    def both(title: str, figure: object) -> tuple[str, str, str]:
        return (title, *(figure(tally) for tally in (product, baseline)))  # type: ignore[operator]

    return [
        ("", "Halles", "nearest seller"),
        both("orders", lambda tally: f"{tally.orders:,}"),
        both("units ordered", lambda tally: f"{tally.units:,}"),
        both("unfilled units", lambda tally: f"{tally.unfilled_units:,}"),
        both("parcels", lambda tally: f"{len(tally.distances_km):,}"),
        both("parcels per served order", lambda tally: f"{len(tally.distances_km) / max(tally.served_orders, 1):.4f}"),
        both("mean km per parcel", lambda tally: f"{mean(tally.distances_km or [0]):.1f}"),
        both("median km per parcel", lambda tally: f"{median(tally.distances_km or [0]):.1f}"),
        both(f"transport cost, {currency}", lambda tally: f"{_rounded(tally.cost, '0.01'):,}"),
        both("emissions, gCO2e", lambda tally: f"{_rounded(tally.co2e_g, '1'):,}"),
    ]


def _rounded(amount: Decimal, step: str) -> Decimal:
    return amount.quantize(Decimal(step), rounding=ROUND_HALF_UP)


def render(table: Sequence[tuple[str, str, str]]) -> str:
    title, first, second = _WIDTHS
    return "\n".join(f"{name:<{title}}{left:>{first}}{right:>{second}}" for name, left, right in table)
