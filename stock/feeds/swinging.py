"""What a file takes away, and from when on a person has to approve it: of the whole file, and of one stock point.

Falls only count, and levels that are new never do.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.conf import settings

from stock.feeds.tables import fetch_all

SHOWN_FALLS: Final = 20


@dataclass(frozen=True, slots=True)
class PointFall:
    """What one stock point loses. `levels`: those that hold something; `emptied`: those of them that would not."""

    stock_point: str
    units_fallen: int
    units: int
    emptied: int
    levels: int

    def __str__(self) -> str:
        return (
            f"{self.stock_point} would lose {self.units_fallen} of {self.units} units, "
            f"and {self.emptied} of its {self.levels} articles."
        )


@dataclass(frozen=True, slots=True)
class Difference:
    """What applying the file would do. `rows`: how many levels it writes. `adopted`: it agrees with them and
    no source owned them yet. `closed`: a snapshot does not list them. `older`: lines with another figure than
    the source has told since. `units_touched`: what lies on the levels the file speaks of; at least what lies
    on those that differ, where that already shows the fall to be harmless. `falling`: the ids of the stock
    points of which it takes too much; `falls`: the worst of them."""

    rows: int
    new: int
    changed: int
    adopted: int
    closed: int
    older: int
    units_fallen: int
    units_touched: int
    falling: tuple[int, ...] = ()
    falls: tuple[PointFall, ...] = ()

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Difference":
        falls = tuple(PointFall(**fall) for fall in kept.get("falls", ()))
        return cls(**{**kept, "falling": tuple(kept.get("falling", ())), "falls": falls})

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def is_suspicious(self) -> bool:
        """Whether a person has to approve it."""
        return self.swings or bool(self.falling)

    @property
    def swings(self) -> bool:
        """Whether the file as a whole takes too much."""
        return (
            self.units_fallen >= settings.STOCK_IMPORT_SWING_UNITS
            and self.units_fallen * 100 > settings.STOCK_IMPORT_SWING_PERCENT * self.units_touched
        )

    @property
    def falls_not_shown(self) -> int:
        return len(self.falling) - len(self.falls)

    def is_covered_by(self, seen: "Difference") -> bool:
        """Whether who approved the other has approved of all that is suspicious here."""
        return (seen.swings or not self.swings) and set(self.falling) <= set(seen.falling)

    def why_held(self) -> str:
        reasons = []
        if self.swings:
            reasons.append(f"It takes {self.units_fallen} of {self.units_touched} units off the levels it touches.")
        if self.falls:
            reasons.append(str(self.falls[0]))
        if others := len(self.falling) - 1 if self.falls else 0:
            reasons.append(f"{others} more stock points fall like it.")
        return " ".join(reasons)


def find_falls(table: str, is_written: str, parameters: Mapping[str, Any]) -> list[tuple[int, PointFall]]:
    """The stock points that would lose too much, worst first, with their ids.

    `table`: of the differences; `is_written`: SQL, which of its rows are going to be. What a stock point holds
    is summed up only where what differs has not shown the fall to be harmless: it holds at least that.
    """
    rows = fetch_all(
        f"""
        WITH falling AS (
            SELECT stock_point_id, coalesce(sum(greatest(0, greatest(before, 0) - greatest(after, 0))), 0) AS fallen,
                   count(*) FILTER (WHERE before > 0 AND after <= 0) AS emptied,
                   coalesce(sum(greatest(before, 0)), 0) AS units, count(*) FILTER (WHERE before > 0) AS levels
            FROM {table} WHERE {is_written} GROUP BY stock_point_id
        ), suspects AS MATERIALIZED (
            SELECT * FROM falling WHERE {_IS_TOO_MUCH}
        )
        SELECT f.stock_point_id, p.code, f.fallen, f.units, f.emptied, f.levels
        FROM (
            SELECT s.stock_point_id, s.fallen, s.emptied, held.units, held.levels
            FROM suspects s CROSS JOIN LATERAL (
                SELECT coalesce(sum(greatest(l.on_hand, 0)), 0) AS units,
                       count(*) FILTER (WHERE l.on_hand > 0) AS levels
                FROM stock_stocklevel l WHERE l.stock_point_id = s.stock_point_id) held
        ) f JOIN stock_stockpoint p ON p.id = f.stock_point_id
        WHERE {_IS_TOO_MUCH}
        ORDER BY f.fallen DESC, p.code
        """,  # noqa: S608 (our own fragments)
        {
            **parameters,
            "least_units": settings.STOCK_IMPORT_POINT_SWING_UNITS,
            "least_levels": settings.STOCK_IMPORT_POINT_SWING_LEVELS,
            "percent": settings.STOCK_IMPORT_POINT_SWING_PERCENT,
        },
    )
    return [(point, PointFall(code, *map(int, counts))) for point, code, *counts in rows]


_IS_TOO_MUCH: Final = """(
    (fallen >= %(least_units)s AND fallen * 100 > %(percent)s * units)
    OR (emptied >= %(least_levels)s AND emptied * 100 > %(percent)s * levels))"""


def ids_and_worst(found: Sequence[tuple[int, PointFall]]) -> tuple[tuple[int, ...], tuple[PointFall, ...]]:
    return tuple(sorted(point for point, _ in found)), tuple(fall for _, fall in found[:SHOWN_FALLS])
