"""Banners, stock points and sales channels: who sells under which name, from where."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_noop

from oms.core.access import EVERYTHING, Access
from oms.core.bulk import BulkResult, Row
from oms.core.retrying import retry_on_conflict
from stock.models import Banner, PendingProtection, SalesChannel, StockPoint, StockPointGroup
from stock.queries.codes import banners_by_code, channels_by_code, stock_points_by_code
from stock.services.linking import replace_links
from stock.services.pausing import openness_of, tell_openness
from stock.services.protecting import protection_depends_on_places, queue_protection
from stock.services.upserting import Upsert

ALL: Final = "all"


@retry_on_conflict
@transaction.atomic
def save_banners(*, rows: Sequence[Row]) -> BulkResult:
    """Create or change banners by code."""
    result = BulkResult()
    banners = Upsert(Banner, "code", result, required=("name", "currency"))
    banners.load(row["code"] for row in rows)
    for row in rows:
        banners.put(row, row.data)
    banners.write()
    banners.count()
    return result


@retry_on_conflict
@transaction.atomic
def save_stock_points(*, rows: Sequence[Row], access: Access = EVERYTHING) -> BulkResult:
    """Create or change stock points by code. Who is bound to some can neither change nor create others.

    Groups are made as they are named.
    """
    result = BulkResult()
    rows = _own_stock_points(rows, access, result)
    banners = banners_by_code(row["banner"] for row in rows if row.get("banner"))
    points = Upsert(StockPoint, "code", result, required=("name", "kind", "country"))
    points.load(row["code"] for row in rows)
    before = {code: point.kind for code, point in points.objects.items()}
    were_open = openness_of(points.objects.values())
    for row in rows:
        values = {name: value for name, value in row.data.items() if name != "groups"}
        if _resolve_banner(row, values, banners, result):
            points.put(row, values)
    _refuse_half_places(points)
    points.write()
    regrouped = _save_groups(points)
    points.count()
    moved = {code for code, kind in before.items() if code in points.rows and points.objects[code].kind != kind}
    protect_again([points.objects[code] for code in sorted(moved | regrouped)])
    tell_openness(before=were_open, points=[points.objects[code] for code in sorted(points.changed)])
    return result


@retry_on_conflict
@transaction.atomic
def save_channels(*, rows: Sequence[Row], access: Access = EVERYTHING) -> BulkResult:
    """Create or change sales channels by code; `stock_points` is a list of codes, or `all`."""
    result = BulkResult()
    rows = _own_channels(rows, access, result)
    banners = banners_by_code(row["banner"] for row in rows if row.get("banner"))
    listed = [code for row in rows if isinstance(row.get("stock_points"), list) for code in row["stock_points"]]
    known = stock_points_by_code(listed)
    channels = Upsert(SalesChannel, "code", result, required=("name", "kind", "currency"))
    channels.load(row["code"] for row in rows)
    links: dict[str, list[int]] = {}
    for row in rows:
        values = {name: value for name, value in row.data.items() if name != "stock_points"}
        if not _resolve_banner(row, values, banners, result):
            continue
        fed_by = row.get("stock_points")
        unknown = [code for code in fed_by if code not in known] if isinstance(fed_by, list) else []
        if unknown:
            result.refuse(row.index, "unknown_stock_point", f"There is no stock point {unknown[0]}.")
            continue
        if fed_by is not None:
            values["serves_all_stock_points"] = fed_by == ALL
        if channels.put(row, values) is not None and fed_by is not None:
            links[row["code"]] = [] if fed_by == ALL else [known[code] for code in fed_by]
    channels.write()
    wanted = {channels.objects[code].pk: points for code, points in links.items()}
    relinked = replace_links(SalesChannel.stock_points.through, "saleschannel_id", "stockpoint_id", wanted)
    for code in links:
        if channels.objects[code].pk in relinked:
            channels.touch(code)
    channels.count()
    return result


def _own_stock_points(rows: Sequence[Row], access: Access, result: BulkResult) -> Sequence[Row]:
    if access.is_unlimited:
        return rows
    # A key bound to channels alone has no stock points to configure, though it may look at all of them.
    is_bound = access.stock_points is not None
    own = stock_points_by_code((row["code"] for row in rows), access) if is_bound else {}
    for row in rows:
        if row["code"] not in own:
            result.refuse(row.index, "unknown_stock_point", f"There is no stock point {row['code']}.")
    return [row for row in rows if row["code"] in own]


def _own_channels(rows: Sequence[Row], access: Access, result: BulkResult) -> Sequence[Row]:
    if access.is_unlimited:
        return rows
    is_bound = access.channels is not None
    own = channels_by_code((row["code"] for row in rows), access) if is_bound else {}
    for row in rows:
        if row["code"] not in own:
            result.refuse(row.index, "unknown_channel", f"There is no sales channel {row['code']}.")
    return [row for row in rows if row["code"] in own]


def _resolve_banner(row: Row, values: dict[str, Any], banners: Mapping[str, int], result: BulkResult) -> bool:
    """Put the banner's id in the place of its code; False when there is no such banner and the row is refused."""
    code = values.get("banner")
    if code is not None and code not in banners:
        result.refuse(row.index, "unknown_banner", f"There is no banner {code}.")
        return False
    if "banner" in values:
        values["banner"] = None if code is None else banners[code]
    return True


def _refuse_half_places(points: Upsert[StockPoint]) -> None:
    for code in list(points.rows):
        point = points.objects[code]
        if (point.latitude is None) != (point.longitude is None):
            points.refuse(code, "invalid", gettext_noop("latitude: latitude and longitude are given together."))


def _save_groups(points: Upsert[StockPoint]) -> set[str]:
    """The codes of the stock points whose groups changed."""
    asked = {code: row["groups"] or [] for code, row in points.rows.items() if "groups" in row}
    named = {group for groups in asked.values() for group in groups}
    name_groups(named)
    ids = dict(StockPointGroup.objects.filter(code__in=named).values_list("code", "pk"))
    wanted = {points.objects[code].pk: [ids[group] for group in groups] for code, groups in asked.items()}
    relinked = replace_links(StockPoint.groups.through, "stockpoint_id", "stockpointgroup_id", wanted)
    regrouped = {code for code in asked if points.objects[code].pk in relinked}
    for code in regrouped:
        points.touch(code)
    return regrouped


def name_groups(codes: Collection[str]) -> None:
    """Make those that do not exist yet."""
    StockPointGroup.objects.bulk_create([StockPointGroup(code=code) for code in sorted(codes)], ignore_conflicts=True)


def protect_again(points: Sequence[StockPoint]) -> None:
    """A stock point that is of another kind or in other groups may be under other rules."""
    if points and protection_depends_on_places():
        queue_protection(PendingProtection(stock_point=point) for point in points)
