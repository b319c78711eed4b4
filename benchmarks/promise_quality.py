"""How good promises are on real times: the Olist orders, month by month, knowing only what was known then.

Once a week the product's learned times (`oms.sourcing.learning`) are learned again from what had been
handed over and delivered by that moment, or was still under way: preparation by seller, transit by lane. Each
order of the week is then promised the day that is kept at a chosen confidence. Beside it stand the data's
own promised day and a table of quantiles by lane (the customer's state and the seller's), learned monthly.

Every month from 2017-09 to 2018-02 is measured; 2018-03 and 2018-04 were never looked at while the
parameters were chosen and are measured on their own.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.rows import Row, at_most, table
from oms.sourcing.distances import great_circle_km
from oms.sourcing.learned_sums import chances_of, spread_of
from oms.sourcing.learning import Cases, LearnedTimes, one_after_the_other, quantile

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Real = NDArray[np.float64]
    Whole = NDArray[np.int64]

# Where the data set lies, unless `OLIST_FOLDER` says otherwise.
FOLDER = Path(os.environ.get("OLIST_FOLDER") or Path(__file__).resolve().parents[2] / "shared" / "data" / "olist")
MEASURED = ("2017-09", "2017-10", "2017-11", "2017-12", "2018-01", "2018-02")
ACCEPTANCE = ("2018-03", "2018-04")
CONFIDENCES = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.88, 0.9, 0.91, 0.92, 0.934, 0.94, 0.95, 0.96, 0.97, 0.98)
PINBALL_AT = 0.934
STEPS_A_DAY = 2
HORIZON = 75 * STEPS_A_DAY
BANDS_KM = (30, 80, 150, 300, 500, 800, 1200, 1800, 2500)
HALF_LIFE_DAYS = 60
# A case that has not ended by then is lost rather than late.
PREPARES_WITHIN, TRAVELS_WITHIN = 12, 30
PREPARATION_STRENGTH, TRANSIT_STRENGTH = 5, 20


@dataclass(frozen=True)
class History:
    """One entry an order, in the order of purchase; times in days, NaN where it has not happened."""

    bought: Real
    handed: Real
    delivered: Real
    estimated: Real
    lane: Whole
    preparation: Sequence[Whole]
    transit: Sequence[Whole]

    @property
    def took(self) -> Real:
        return np.floor(self.delivered) - np.floor(self.bought)


def run() -> list[Row]:
    if not FOLDER.exists():
        print(f"{FOLDER} is not there: nothing to measure", file=sys.stderr)
        return []
    history = _read(FOLDER)
    return [*_measure(history, MEASURED, ""), *_measure(history, ACCEPTANCE, " (acceptance)")]


def _measure(history: History, months: Sequence[str], label: str) -> list[Row]:
    orders, ours = _walk(history, months)
    by_lane = _lane_table(history, months)
    took, estimated = history.took[orders], (np.floor(history.estimated) - np.floor(history.bought))[orders]
    share = float((took <= estimated).mean())
    print(f"\n{len(orders)} orders, {months[0]} to {months[-1]}: on time, mean promised days, mean absolute error")
    print(f"  the data's own promise {share:.3f} {estimated.mean():6.2f} {np.abs(took - estimated).mean():6.2f}")
    _print_curve("learned times", took, ours)
    _print_curve("lane quantiles", took, by_lane)
    own_days, lane_days = _days_at(share, took, ours), _days_at(share, took, by_lane)
    place = CONFIDENCES.index(PINBALL_AT)
    return [
        at_most(
            f"promised days at the data's on-time share / the data's{label}", own_days / estimated.mean(), "ratio", 1
        ),
        at_most(f"promised days at that share / a lane table's{label}", own_days / lane_days, "ratio", 1),
        at_most(
            f"pinball loss at {PINBALL_AT} / the data's{label}",
            _pinball(took, ours[:, place]) / _pinball(took, estimated),
            "ratio",
            1,
        ),
        Row(f"mean absolute error at the median{label}", float(np.abs(took - ours[:, 0]).mean()), "days"),
    ]


def _print_curve(name: str, took: Real, promised: Real) -> None:
    for place, confidence in enumerate(CONFIDENCES):
        days = promised[:, place]
        kept, off = (took <= days).mean(), np.abs(took - days).mean()
        print(
            f"  {name} at {confidence:<5} {kept:.3f} {days.mean():6.2f} {off:6.2f}  pinball {_pinball(took, days):.3f}"
        )


def _pinball(took: Real, promised: Real) -> float:
    late = took - promised
    return float(np.maximum(PINBALL_AT * late, (PINBALL_AT - 1) * late).mean())


def _days_at(share: float, took: Real, promised: Real) -> float:
    """Mean promised days at an on-time share, between the confidences that were tried."""
    kept = [(took <= promised[:, place]).mean() for place in range(len(CONFIDENCES))]
    return float(np.interp(share, kept, promised.mean(axis=0)))


def _walk(history: History, months: Sequence[str]) -> tuple[Whole, Real]:
    """The orders that were delivered, and the days each was promised at every confidence."""
    orders: list[int] = []
    promised: list[list[float]] = []
    for start, end in _weeks(months):
        preparation = _Kept(_preparation(history, start), history.preparation)
        transit = _Kept(_transit(history, start), history.transit)
        for order in np.flatnonzero((history.bought >= start) & (history.bought < end) & ~np.isnan(history.delivered)):
            chances = one_after_the_other(preparation.chances_of(order), transit.chances_of(order))
            bought = float(history.bought[order])
            days = [
                np.floor(bought + (quantile(chances, confidence) + 0.5) / STEPS_A_DAY) - np.floor(bought)
                for confidence in CONFIDENCES
            ]
            orders.append(int(order))
            promised.append(days)
    return np.array(orders), np.array(promised)


class _Kept:
    """Learned times as the product keeps and joins them: at its shares of cases."""

    def __init__(self, times: LearnedTimes, keys: Sequence[Whole]) -> None:
        self.times = times
        self.keys = keys
        self._known: dict[tuple[int, ...], Real] = {}

    def chances_of(self, order: int) -> Real:
        key = tuple(int(keys[order]) for keys in self.keys)
        if key not in self._known:
            self._known[key] = chances_of(spread_of(self.times.chances_of(key)), HORIZON)
        return self._known[key]


def _preparation(history: History, now: float) -> LearnedTimes:
    is_over = history.handed <= now
    lasted = np.where(is_over, history.handed, now) - history.bought
    usable = (history.bought < now) & (lasted >= 0) & (is_over | (lasted < PREPARES_WITHIN))
    return _learned(history.preparation, lasted, is_over, now - history.bought, usable, PREPARATION_STRENGTH)


def _transit(history: History, now: float) -> LearnedTimes:
    is_over = history.delivered <= now
    lasted = np.where(is_over, history.delivered, now) - history.handed
    usable = (history.handed <= now) & (lasted >= 0) & (is_over | (lasted < TRAVELS_WITHIN))
    return _learned(history.transit, lasted, is_over, now - history.handed, usable, TRANSIT_STRENGTH)


def _learned(
    keys: Sequence[Whole],
    lasted: Real,
    is_over: NDArray[np.bool_],
    age: Real,
    usable: NDArray[np.bool_],
    strength: float,
) -> LearnedTimes:
    cases = Cases(
        keys=[column[usable] for column in keys],
        steps=(lasted[usable] * STEPS_A_DAY).astype(np.int64),
        is_over=is_over[usable],
        age_days=age[usable],
    )
    return LearnedTimes(cases, horizon=HORIZON, half_life_days=HALF_LIFE_DAYS, strength=strength)


def _lane_table(history: History, months: Sequence[str]) -> Real:
    """Quantiles of what had been delivered before the month, by lane; of everything where that is under ten."""
    promised = []
    for month in months:
        start, end = _bounds(month)
        known = history.delivered <= start
        everything = np.ceil(np.quantile(history.took[known], CONFIDENCES))
        tables: dict[int, Real] = {}
        for order in np.flatnonzero((history.bought >= start) & (history.bought < end) & ~np.isnan(history.delivered)):
            lane = int(history.lane[order])
            if lane not in tables:
                seen = history.took[known & (history.lane == lane)]
                tables[lane] = np.ceil(np.quantile(seen, CONFIDENCES)) if len(seen) >= 10 else everything
            promised.append(tables[lane])
    return np.array(promised)


def _bounds(month: str) -> tuple[float, float]:
    first = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    after = (first + timedelta(days=32)).replace(day=1)
    return _days(first), _days(after)


def _weeks(months: Sequence[str]) -> Iterator[tuple[float, float]]:
    for month in months:
        start, end = _bounds(month)
        while start < end:
            yield start, min(start + 7, end)
            start += 7


def _days(moment: datetime) -> float:
    return moment.timestamp() / 86400


def _read(folder: Path) -> History:
    """Orders as published, but for those that were called off; the first article tells the seller."""

    def rows(name: str) -> Iterable[dict[str, str]]:
        with (folder / name).open(newline="", encoding="utf-8") as file:
            yield from csv.DictReader(file)

    places = {
        row["zip_code_prefix"]: (float(row["latitude"]), float(row["longitude"]))
        for row in rows("zip_prefix_centroids.csv")
    }
    customers = {row["customer_id"]: row for row in rows("olist_customers_dataset.csv")}
    sellers = {row["seller_id"]: row for row in rows("olist_sellers_dataset.csv")}
    seller_of: dict[str, dict[str, str]] = {}
    for item in rows("olist_order_items_dataset.csv"):
        seller_of.setdefault(item["order_id"], sellers[item["seller_id"]])
    found = [
        (row, customers[row["customer_id"]], seller_of[row["order_id"]])
        for row in rows("olist_orders_dataset.csv")
        if row["order_id"] in seller_of and row["order_status"] not in ("canceled", "unavailable")
    ]
    found.sort(key=lambda each: each[0]["order_purchase_timestamp"])

    def times(name: str) -> Real:
        return np.array([_time(order[name]) for order, _, _ in found])

    bought = times("order_purchase_timestamp")
    everything = np.zeros(len(found), dtype=np.int64)
    lane = _numbered((seller["seller_state"], customer["customer_state"]) for _, customer, seller in found)
    area = _numbered(
        (seller["seller_state"], customer["customer_zip_code_prefix"][:2]) for _, customer, seller in found
    )
    ends = [
        (places.get(customer["customer_zip_code_prefix"]), places.get(seller["seller_zip_code_prefix"]))
        for _, customer, seller in found
    ]
    return History(
        bought=bought,
        handed=times("order_delivered_carrier_date"),
        delivered=times("order_delivered_customer_date"),
        estimated=times("order_estimated_delivery_date"),
        lane=lane,
        preparation=(
            everything,
            (np.floor(bought) % 7).astype(np.int64),
            _numbered(s["seller_id"] for _, _, s in found),
        ),
        transit=(everything, np.array([_band(*each) for each in ends], dtype=np.int64), lane, area),
    )


def _time(text: str) -> float:
    return _days(datetime.fromisoformat(text).replace(tzinfo=UTC)) if text else np.nan


def _numbered(values: Iterable[object]) -> Whole:
    numbers: dict[object, int] = {}
    return np.array([numbers.setdefault(value, len(numbers)) for value in values], dtype=np.int64)


def _band(there: tuple[float, float] | None, here: tuple[float, float] | None) -> int:
    if there is None or here is None:
        return len(BANDS_KM) + 1
    km = great_circle_km(np.array([here[0]]), np.array([here[1]]), *there)[0]
    return int(np.digitize(km, BANDS_KM))


if __name__ == "__main__":
    print(table(run()))
