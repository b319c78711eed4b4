"""What a file takes away, and from when on a person has to approve it: of the whole file, and of one stock point.

Falls only count, and levels that are new never do.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from django.conf import settings

from stock.feeds.tables import fetch_all

SHOWN_FALLS: Final = 20
SHOWN_LOSSES: Final = 5


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
    points of which it takes too much; `falls`: the worst of them. `losses`: where a file that `swings` takes most."""

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
    losses: tuple[PointFall, ...] = ()

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Difference":
        falls, losses = (tuple(PointFall(**fall) for fall in kept.get(name, ())) for name in ("falls", "losses"))
        return cls(**{**kept, "falling": tuple(kept.get("falling", ())), "falls": falls, "losses": losses})

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


@dataclass(frozen=True, slots=True)
class PointSums:
    """What a file does at one stock point: how many levels it writes, of which kind (see `Difference`), and what lies
    on them. `units` before and `fallen` of these; `levels` that hold something and `emptied` of those."""

    stock_point_id: int
    rows: int
    new: int
    changed: int
    adopted: int
    closed: int
    older: int
    fallen: int
    units: int
    emptied: int
    levels: int


def difference_of(points: Sequence[PointSums]) -> Difference:
    """Of the whole file."""
    falls = _falls(points)

    def total(name: str) -> int:
        return sum(getattr(point, name) for point in points)

    difference = Difference(
        rows=total("rows"),
        new=total("new"),
        changed=total("changed"),
        adopted=total("adopted"),
        closed=total("closed"),
        older=total("older"),
        units_fallen=total("fallen"),
        units_touched=total("units"),
        falling=tuple(sorted(point for point, _ in falls)),
        falls=tuple(fall for _, fall in falls[:SHOWN_FALLS]),
    )
    if not difference.swings:
        return difference
    worst = sorted((point for point in points if point.fallen), key=lambda point: -point.fallen)[:SHOWN_LOSSES]
    return replace(difference, losses=tuple(fall for _, fall in _in_all({each.stock_point_id: each for each in worst})))


def _falls(points: Iterable[PointSums]) -> list[tuple[int, PointFall]]:
    """The stock points that would lose too much, worst first, with their ids.

    What a stock point holds is summed up only where what differs has not shown the fall to be harmless: it holds at
    least that.
    """
    suspects = {
        point.stock_point_id: point
        for point in points
        if _is_too_much(point.fallen, point.units, point.emptied, point.levels)
    }
    if not suspects:
        return []
    return [
        (pk, fall)
        for pk, fall in _in_all(suspects)
        if _is_too_much(fall.units_fallen, fall.units, fall.emptied, fall.levels)
    ]


def _in_all(points: Mapping[int, PointSums]) -> list[tuple[int, PointFall]]:
    """What these stock points lose of all they hold, worst first, with their ids."""
    held = fetch_all(
        """
        SELECT p.id, p.code, coalesce(sum(greatest(l.on_hand, 0)), 0), count(*) FILTER (WHERE l.on_hand > 0)
        FROM stock_stockpoint p LEFT JOIN stock_stocklevel l ON l.stock_point_id = p.id
        WHERE p.id = ANY (%s::bigint[]) GROUP BY p.id
        """,
        [list(points)],
    )
    found = [
        (pk, PointFall(code, points[pk].fallen, int(units), points[pk].emptied, int(levels)))
        for pk, code, units, levels in held
    ]
    return sorted(found, key=lambda each: (-each[1].units_fallen, each[1].stock_point))


def _is_too_much(fallen: int, units: int, emptied: int, levels: int) -> bool:
    percent = settings.STOCK_IMPORT_POINT_SWING_PERCENT
    return (fallen >= settings.STOCK_IMPORT_POINT_SWING_UNITS and fallen * 100 > percent * units) or (
        emptied >= settings.STOCK_IMPORT_POINT_SWING_LEVELS and emptied * 100 > percent * levels
    )
