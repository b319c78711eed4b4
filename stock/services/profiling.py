"""How each source writes its files: told once, used by every door a file comes through."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core.audit import record_audits
from oms.core.bulk import BulkResult, Row
from oms.core.retrying import retry_on_conflict
from stock.feeds.profiles import Profile
from stock.models import ImportBasis, StockSource

FIELDS = ("delimiter", "encoding", "decimal_sign", "columns")


@retry_on_conflict
@transaction.atomic
def save_sources(*, rows: Sequence[Row]) -> BulkResult:
    """Rows of `{name, basis, delimiter, encoding, decimal_sign, columns}`, by name.

    A source that exists keeps its basis. Files that have come already are read as was declared when they came.
    """
    result = BulkResult()
    names = {row["name"] for row in rows}
    known = {
        source.name: source for source in StockSource.objects.filter(name__in=names).order_by("pk").select_for_update()
    }
    touched: list[tuple[str, Mapping[str, Any]]] = []
    for row in rows:
        source = known.get(row["name"])
        given = {name: row[name] for name in FIELDS if row.get(name) is not None}
        refusal = _refusal(source, row, given)
        if refusal is not None:
            result.refuse(row.index, *refusal)
            continue
        if source is None:
            source = StockSource(name=row["name"], basis=row.get("basis") or ImportBasis.PHYSICAL)
            result.created += 1
        elif all(getattr(source, name) == value for name, value in given.items()):
            result.unchanged += 1
            continue
        else:
            result.updated += 1
        for name, value in given.items():
            setattr(source, name, value)
        source.save()
        touched.append((f"stock_source:{source.name}", given))
    record_audits("stock_source.profiled", touched)
    return result


def profile_of(source: StockSource) -> Profile:
    return Profile(
        delimiter=source.delimiter,
        encoding=source.encoding,
        decimal_sign=source.decimal_sign,
        columns=source.columns,
    )


def _refusal(source: StockSource | None, row: Row, given: Mapping[str, Any]) -> tuple[str, str] | None:
    if source is not None and row.get("basis") not in (None, source.basis):
        return "basis_conflict", f"The figures of {source.name} are {source.basis}; that cannot change."
    delimiter = given.get("delimiter", source.delimiter if source else ",")
    if given.get("decimal_sign", source.decimal_sign if source else "") == delimiter:
        return "invalid", gettext_noop("decimal_sign: This is the delimiter.")
    columns = given.get("columns") or {}
    if len(set(columns.values())) < len(columns):
        return "invalid", gettext_noop("columns: Two of our columns cannot be one of the file's.")
    return None
