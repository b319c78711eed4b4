"""The waterfall of every stock point, written as JSON: thousands of them in one answer, none of them ever an object.

As rows, most of the time went into objects that are only written out again, and as text of the database into its keys
and its numbers, which are much the same at every stock point. So the levels come as columns of numbers, where the
stock points are known already (the network, by its version), and the text of like figures is made once.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
import orjson

from oms.core import clock
from oms.core.prepared import prepared, whole_numbers
from stock.models import StockPoint
from stock.queries.level_sql import JOIN_CHANNEL_PROTECTION, PROTECTED
from stock.queries.network import channel_stock_points

# Two figures to a number: half as many elements to gather and to send. All but the units on hand are never negative.
_LEVELS: Final = f"""
SELECT (SELECT version FROM stock_networkversion), asked.variant_id, levels.*
FROM unnest(%(variant_ids)s::bigint[]) asked (variant_id) CROSS JOIN LATERAL (
    SELECT array_send(array_agg(s.stock_point_id)),
           array_send(array_agg((s.on_hand::bigint << 32) | s.reserved)),
           array_send(array_agg((s.unavailable::bigint << 32) | {PROTECTED}))
    FROM stock_stocklevel s {JOIN_CHANNEL_PROTECTION}
    WHERE s.variant_id = asked.variant_id
    HAVING count(*) > 0
) levels
"""  # noqa: S608 (stock's own fragments)

# How the server sends an array: five numbers about it, then each element after its length.
_HEADER: Final = 20
_POINT: Final = np.dtype([("bytes", ">i4"), ("point", ">i8")])
_HELD: Final = np.dtype([("bytes", ">i4"), ("on_hand", ">i4"), ("reserved", ">i4")])
_LESS: Final = np.dtype([("bytes", ">i4"), ("unavailable", ">i4"), ("protected", ">i4")])
# Figures so small that four of them are one number, by which their text is kept.
_SMALL: Final = 1 << 15
_KEPT_CHANNELS: Final = 64
_KEPT_TEXTS: Final = 65_536


@dataclass(frozen=True, slots=True)
class _Points:
    """Those that feed a channel, by their codes. Columns of one row each; `by_id` are the rows in the ids' order."""

    points: Sequence[StockPoint]
    ids: npt.NDArray[np.int64]
    by_id: npt.NDArray[np.intp]
    before: npt.NDArray[np.object_]
    """What is written before the figures of each, with the comma after the one before."""
    active: npt.NDArray[np.bool_]
    with_pauses: Sequence[int]

    def open(self, at: datetime) -> npt.NDArray[np.bool_]:
        found = self.active.copy()
        for row in self.with_pauses:
            found[row] = self.points[row].is_open(at)
        return found

    def rows_of(self, ids: npt.NDArray[Any]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
        """The row of each stock point, and which of them have one."""
        if not len(self.ids):
            return np.zeros(len(ids), np.intp), np.zeros(len(ids), np.bool_)
        rows = self.by_id[np.searchsorted(self.ids, ids, sorter=self.by_id).clip(max=len(self.ids) - 1)]
        return rows, self.ids[rows] == ids


def written_waterfalls(
    *, channel_id: int, variant_ids: Iterable[int], stock_point_ids: Collection[int] | None = None
) -> dict[int, tuple[int, str]]:
    """Each variant's sum over the channel's open stock points, below any allotment, and their waterfalls as JSON.

    The text is a list by the points' codes, of the keys `code`, `on_hand`, `reserved`, `unavailable`, `protected` and
    `available`. With `stock_point_ids` only those are in it; the sum is of all. One query.
    """
    found = dict.fromkeys(variant_ids, (0, "[]"))
    rows = prepared(_LEVELS, {"channel_id": channel_id, "variant_ids": whole_numbers(found)}, in_bytes=True)
    if not rows:
        return found
    points = _points_of(rows[0][0], channel_id)
    is_open = points.open(clock.now())
    shown = is_open if stock_point_ids is None else is_open & np.isin(points.ids, list(stock_point_ids))
    for _, variant, where, held, less in rows:
        at, feeds = points.rows_of(_elements(where, _POINT)["point"])
        at = at[feeds]
        figures = np.zeros((4, len(points.ids)), np.int64)
        for figure, column in zip(figures, _columns(_elements(held, _HELD), _elements(less, _LESS)), strict=True):
            figure[at] = column[feeds]
        is_there = np.zeros(len(points.ids), np.bool_)
        is_there[at] = True
        on_hand, reserved, unavailable, protected = figures
        available = np.maximum(on_hand - reserved - unavailable - protected, 0)
        units = int(available[is_there & is_open].sum())
        found[variant] = units, _written(points.before, figures, is_there & shown)
    return found


def _elements(sent: bytes, element: np.dtype[Any]) -> npt.NDArray[Any]:
    return np.frombuffer(sent, element, offset=_HEADER)


def _columns(held: npt.NDArray[Any], less: npt.NDArray[Any]) -> Sequence[npt.NDArray[Any]]:
    return held["on_hand"], held["reserved"], less["unavailable"], less["protected"]


def _written(before: npt.NDArray[np.object_], figures: npt.NDArray[np.int64], shown: npt.NDArray[np.bool_]) -> str:
    figures = figures[:, shown]
    pieces = np.empty(2 * figures.shape[1], object)
    pieces[::2] = before[shown]
    pieces[1::2] = _texts(figures)
    return f"[{''.join(pieces.tolist())[1:]}]"


def _texts(figures: npt.NDArray[np.int64]) -> list[str]:
    """Figures are small numbers, and mostly the same ones."""
    if not figures.size or not -_SMALL <= figures.min() <= figures.max() < _SMALL:
        return [_text(*each) for each in figures.T.tolist()]
    on_hand, reserved, unavailable, protected = figures
    if len(_kept_texts) > _KEPT_TEXTS:
        _kept_texts.clear()
    return [_kept_texts[key] for key in (on_hand << 48 | reserved << 32 | unavailable << 16 | protected).tolist()]


def _text(on_hand: int, reserved: int, unavailable: int, protected: int) -> str:
    available = max(0, on_hand - reserved - unavailable - protected)
    return (
        f'"on_hand":{on_hand},"reserved":{reserved},"unavailable":{unavailable},"protected":{protected},'
        f'"available":{available}}}'
    )


class _KeptTexts(dict[int, str]):
    """By the four figures in one number, 16 bits each."""

    def __missing__(self, key: int) -> str:
        text = self[key] = _text(key >> 48, key >> 32 & 0xFFFF, key >> 16 & 0xFFFF, key & 0xFFFF)
        return text


_kept_texts = _KeptTexts()


def _points_of(version: UUID | None, channel_id: int) -> _Points:
    return _built(channel_id) if version is None else _kept(version, channel_id)


@lru_cache(maxsize=_KEPT_CHANNELS)
def _kept(version: UUID, channel_id: int) -> _Points:
    return _built(channel_id)


def _built(channel_id: int) -> _Points:
    points = sorted(channel_stock_points(channel_id), key=lambda point: point.code)
    ids = np.array([point.pk for point in points], np.int64)
    return _Points(
        points=points,
        ids=ids,
        by_id=np.argsort(ids),
        before=np.array([f',{{"code":{orjson.dumps(point.code).decode()},' for point in points], object),
        active=np.array([point.is_active for point in points], np.bool_),
        with_pauses=[row for row, point in enumerate(points) if point.paused_until is not None],
    )
