"""Configuring a retailer through the same services as the API: nothing may be refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from oms.core.access import EVERYTHING
from oms.core.bulk import BulkResult, Row
from oms.orchestration.services.carriers import save_carrier_services
from oms.orchestration.services.pick_ups import save_pick_up_times
from oms.orchestration.services.places import save_postcodes
from stock.services.cataloguing import save_variants
from stock.services.expecting import save_expected_receipts
from stock.services.moving import record_movements
from stock.services.organising import save_banners, save_channels, save_stock_points

ROWS_AT_ONCE = 5_000
Rows = Iterable[Mapping[str, Any]]


class RefusedRowsError(Exception):
    """The demonstration's own data is wrong; the message names the first rows."""


def banners(rows: Rows) -> None:
    _save(lambda batch: save_banners(rows=batch), rows)


def stock_points(rows: Rows) -> None:
    _save(lambda batch: save_stock_points(rows=batch, access=EVERYTHING), rows)


def variants(rows: Rows) -> None:
    _save(lambda batch: save_variants(rows=batch), rows)


def channels(rows: Rows) -> None:
    _save(lambda batch: save_channels(rows=batch, access=EVERYTHING), rows)


def postcodes(rows: Rows) -> None:
    _save(lambda batch: save_postcodes(rows=batch), rows)


def carrier_services(rows: Rows) -> None:
    _save(lambda batch: save_carrier_services(rows=batch), rows)


def pick_up_times(rows: Rows) -> None:
    _save(lambda batch: save_pick_up_times(rows=batch), rows)


def expected_receipts(rows: Rows) -> None:
    _save(lambda batch: save_expected_receipts(rows=batch), rows)


def movements(rows: Rows) -> None:
    """Facts for the ledger, `{sku, stock_point, quantity, kind, reference, occurred_at}`."""
    _save(lambda batch: record_movements(rows=batch), rows)


def _save(service: Callable[[Sequence[Row]], BulkResult], rows: Rows) -> None:
    remaining = iter(rows)
    while batch := [Row(index, dict(data)) for index, data in enumerate(islice(remaining, ROWS_AT_ONCE))]:
        result = service(batch)
        if result.errors:
            raise RefusedRowsError("; ".join(f"{error.code}: {error.detail}" for error in result.errors[:5]))
