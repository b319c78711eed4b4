"""What a staged import would do, line by line: to be looked at before anything of it is written."""

from dataclasses import dataclass
from typing import Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from stock.feeds.comparing import CHANGES, may_close
from stock.feeds.tables import StagingTables, fetch_all
from stock.models import StockImport


class Verdict(TextChoices):
    NEW = "new", _("new")
    CHANGED = "changed", _("changed")
    CLOSED = "closed", _("not listed: 0")
    OLDER = "older", _("older")


@dataclass(frozen=True, slots=True)
class DifferingLine:
    """`line_number` is None for a level that a snapshot does not list. The header is line 1."""

    verdict: Verdict
    line_number: int | None
    sku: str
    stock_point: str
    before: int
    after: int
    unavailable_before: int
    unavailable_after: int


# What a source does not own is not its to close.
_CLOSED: Final = """(%(may_close)s AND d.line_number IS NULL AND d.before <> d.after
    AND coalesce(d.owner_id = %(source)s, true))"""
_VERDICT: Final = f"""CASE WHEN {_CLOSED} THEN 'closed' WHEN d.is_older THEN 'older'
    WHEN d.level_id IS NULL THEN 'new' ELSE 'changed' END"""


def differing_lines(
    stock_import: StockImport, *, verdict: Verdict | None = None, limit: int | None = None
) -> list[DifferingLine]:
    """In the order of the file, then what it does not list. Empty once the import works or is done."""
    tables = StagingTables(stock_import.pk)
    if not tables.holds_difference():
        return []
    rows = fetch_all(
        f"""
        SELECT f.verdict, f.line_number, v.sku, p.code, f.before, f.after, f.unavailable_before,
               coalesce(f.unavailable_after, f.unavailable_before)
        FROM (
            SELECT * FROM (
                SELECT d.*, {_VERDICT} AS verdict FROM {tables.difference} d
                WHERE {CHANGES} OR ({_CLOSED} AND NOT d.is_older)
            ) judged
            WHERE %(verdict)s::text IS NULL OR verdict = %(verdict)s
            ORDER BY line_number NULLS LAST, variant_id, stock_point_id LIMIT %(limit)s
        ) f
        JOIN stock_variant v ON v.id = f.variant_id JOIN stock_stockpoint p ON p.id = f.stock_point_id
        ORDER BY f.line_number NULLS LAST, v.sku, p.code
        """,  # noqa: S608 (our own fragments)
        {
            "may_close": may_close(stock_import),
            "source": stock_import.source_id,
            "verdict": verdict,
            "limit": limit,
        },
    )
    return [DifferingLine(Verdict(first), *rest) for first, *rest in rows]
