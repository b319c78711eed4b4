"""What changed since: the feed that shops and marketplaces follow, without a gap.

Rows are read in the order of their transactions, and only of those below the oldest transaction that
still runs: none that commits later can ever appear behind a reader. Every level has written at least
one row and each variant's latest is kept, so reading from the start gives the whole state.
"""

from dataclasses import dataclass
from typing import Final, Self

from django.db import connection
from django.utils.translation import gettext_noop

from oms.core.errors import Invalid

ROWS_PER_PAGE: Final = 500

# Ordered by `k.xid`: `xid` alone would be the text that is told, in which 1000 comes before 999.
_PAGE: Final = """
SELECT k.xid::text, k.id, k.variant_id FROM stock_availabilitychange k
WHERE (k.xid, k.id) > (%(xid)s::text::xid8, %(id)s) AND k.xid < pg_snapshot_xmin(pg_current_snapshot())
ORDER BY k.xid, k.id LIMIT %(limit)s
"""
_LATEST: Final = """
SELECT k.xid::text, k.id FROM stock_availabilitychange k
WHERE k.xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY k.xid DESC, k.id DESC LIMIT 1
"""
_NOT_YET: Final = "SELECT %s::text::xid8 >= pg_snapshot_xmax(pg_current_snapshot())"
_XID_END: Final = 2**63


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the feed: after this row of this transaction."""

    xid: int = 0
    row: int = 0

    @classmethod
    def from_cursor(cls, cursor: str) -> Self:
        xid, _, row = cursor.partition("-")
        if not (_is_number(xid) and _is_number(row)):
            raise _bad_cursor()
        return cls(xid=int(xid), row=int(row))

    def as_cursor(self) -> str:
        return f"{self.xid}-{self.row}"


@dataclass(frozen=True, slots=True)
class ChangePage:
    variant_ids: list[int]
    """Each once, in the order in which they changed."""
    position: Position
    has_more: bool


def latest_position() -> Position:
    """Where whoever wants to hear of the future only begins."""
    with connection.cursor() as cursor:
        cursor.execute(_LATEST)
        row = cursor.fetchone()
    return Position() if row is None else Position(xid=int(row[0]), row=row[1])


def changes_after(position: Position, *, limit: int = ROWS_PER_PAGE) -> ChangePage:
    """The variants whose availability may have changed after the position, and where to go on."""
    with connection.cursor() as cursor:
        if position.xid:
            # A cursor of a database that was restored since, or an invented one.
            cursor.execute(_NOT_YET, [str(position.xid)])
            if cursor.fetchone()[0]:
                raise _bad_cursor()
        cursor.execute(_PAGE, {"xid": str(position.xid), "id": position.row, "limit": limit})
        rows = cursor.fetchall()
    if not rows:
        return ChangePage(variant_ids=[], position=position, has_more=False)
    xid, row, _ = rows[-1]
    return ChangePage(
        variant_ids=list(dict.fromkeys(variant for _, _, variant in rows)),
        position=Position(xid=int(xid), row=row),
        has_more=len(rows) == limit,
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text) < _XID_END


def _bad_cursor() -> Invalid:
    return Invalid(
        gettext_noop("This cursor was not given by this feed; start again without one."),
        errors={"cursor": [gettext_noop("Invalid cursor.")]},
    )
