"""Figures for codes that are not known yet: kept, the newest of each, until they are."""

from stock.feeds import coverage
from stock.feeds.comparing import may_close
from stock.feeds.tables import StagingTables, execute
from stock.models import QuarantinedFigure, StockImport


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
