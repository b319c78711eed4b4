"""The end of an import: what came in between, what it has covered, what waits in quarantine."""

from stock.feeds import coverage
from stock.feeds.applying import Applier, Written
from stock.feeds.comparing import find_differences, may_close
from stock.feeds.tables import StagingTables, execute, fetch_all, fetch_one
from stock.models import QuarantinedFigure, StockImport, StockImportReject


def mark_ledger() -> int:
    """The last movement that a comparison begun now will see, among those that may be late. In a short transaction."""
    coverage.wait_for_movements()
    (mark,) = fetch_one("SELECT coalesce(max(id), 0) FROM stock_stockmovement")
    return int(mark)


def reject_older(stock_import: StockImport, tables: StagingTables) -> None:
    """Report the lines of which the source has spoken since with another figure, and forget their differences.

    Those that say the same are unchanged; levels a snapshot does not list are left as they are.
    """
    StockImportReject.objects.filter(stock_import=stock_import, code="older").delete()
    execute(
        f"""
        INSERT INTO stock_stockimportreject
            (stock_import_id, line_number, sku, stock_point, quantity, unavailable, code, detail, is_quarantined)
        SELECT %(import)s, i.line_number, i.sku, i.stock_point, i.quantity, coalesce(i.unavailable, ''), 'older',
               'The source has told a newer figure, and it says something else.', false
        FROM {tables.difference} d JOIN {tables.lines} i USING (line_number)
        WHERE d.is_older AND (d.before <> d.after OR d.unavailable_after <> d.unavailable_before)
        """,  # noqa: S608 (our own fragments)
        {"import": stock_import.pk},
    )
    execute(f"DELETE FROM {tables.difference} WHERE is_older")  # noqa: S608


def note_coverage(stock_import: StockImport, tables: StagingTables) -> None:
    if may_close(stock_import):
        coverage.note_complete(stock_import, tables, coverage.named_points(stock_import, tables))
    else:
        coverage.note_listed(stock_import, tables)


def catch_up(stock_import: StockImport, tables: StagingTables, applier: Applier) -> Written:
    """Correct the levels that were equal when they were compared and of which an earlier movement came in since.

    From here on such movements see what the import covered, and are absorbed.
    """
    coverage.wait_for_movements()
    late = [
        level
        for (level,) in fetch_all(
            """
            SELECT DISTINCT s.id FROM stock_stockmovement m JOIN stock_stocklevel s USING (variant_id, stock_point_id)
            WHERE m.id > %(mark)s AND m.occurred_at <= %(as_of)s AND NOT (m.kind IN ('feed', 'absorbed'))
            """,
            {"mark": stock_import.ledger_mark, "as_of": stock_import.as_of},
        )
    ]
    if not late:
        return Written()
    find_differences(stock_import, tables, levels=late)
    execute(f"DELETE FROM {tables.difference} WHERE is_older")  # noqa: S608 (a name of our own)
    return applier.change_late()


def settle_quarantine(stock_import: StockImport, tables: StagingTables) -> None:
    """Keep the figures of unknown codes, the newest of each; drop those this file has made old."""
    parameters = {"source": stock_import.source_id, "import": stock_import.pk, "as_of": stock_import.as_of}
    if QuarantinedFigure.objects.filter(source=stock_import.source_id, as_of__lte=stock_import.as_of).exists():
        execute(
            f"""
            DELETE FROM stock_quarantinedfigure q USING {tables.lines} i
            WHERE q.source_id = %(source)s AND q.as_of <= %(as_of)s AND q.sku = i.sku AND q.stock_point = i.stock_point
            """,  # noqa: S608 (our own fragments)
            parameters,
        )
        if may_close(stock_import):
            execute(
                """
                DELETE FROM stock_quarantinedfigure q USING stock_stockpoint p
                WHERE q.source_id = %(source)s AND q.as_of <= %(as_of)s
                  AND q.stock_point = p.code AND p.id = ANY (%(points)s)
                """,
                {**parameters, "points": coverage.named_points(stock_import, tables)},
            )
    if stock_import.quarantined:
        execute(
            """
            INSERT INTO stock_quarantinedfigure
                (source_id, stock_import_id, line_number, sku, stock_point, quantity, unavailable, as_of)
            SELECT %(source)s, %(import)s, line_number, sku, stock_point, quantity::integer,
                   nullif(unavailable, '')::integer, %(as_of)s
            FROM stock_stockimportreject WHERE stock_import_id = %(import)s AND is_quarantined
            ON CONFLICT (source_id, sku, stock_point) DO UPDATE
            SET stock_import_id = excluded.stock_import_id, line_number = excluded.line_number,
                quantity = excluded.quantity, unavailable = excluded.unavailable, as_of = excluded.as_of
            WHERE excluded.as_of >= stock_quarantinedfigure.as_of
            """,
            parameters,
        )


def forget_quarantined(retry: StockImport) -> None:
    """The retry was refused: the figures it was made of are not tried again."""
    execute(
        """
        DELETE FROM stock_quarantinedfigure q USING stock_variant v, stock_stockpoint p
        WHERE q.stock_import_id = %s AND v.sku = q.sku AND p.code = q.stock_point
        """,
        [retry.retry_of_id],
    )
