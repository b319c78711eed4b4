"""The configured network as the engine knows it, prepared once for each version of the configuration."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

import holidays
from django.conf import settings

from oms.core import clock
from oms.orchestration.deciding import KnownNetwork
from oms.orchestration.models import CarrierService as CarrierRow
from oms.orchestration.models import Postcode
from oms.orchestration.queries.learning import belief, house_days, with_learned_days, with_learned_minutes
from oms.sourcing.calendars import minutes_of, work_calendar
from oms.sourcing.carriers import CarrierService, Tariff, Zone
from oms.sourcing.facts import ChannelFacts, Network, StockPointFacts
from oms.sourcing.house import SERVICE, house_from_settings
from oms.sourcing.parcels import Barred
from stock.models import SalesChannel, StockPoint
from stock.queries.network import channel_stock_points

_KEPT_NETWORKS = 64


def known_network(*, version: UUID | None, channel_id: int, also: frozenset[int]) -> KnownNetwork:
    """The stock points that feed the channel, and `also` these: where it is sold or collected.

    `version` is the present `network_version()`; the same one gives the same object, on which the
    engine keeps its arrays.
    """
    known = _built(channel_id, also) if version is None else _kept(version, channel_id, also)
    _latest.pop((channel_id, also), None)
    _latest[channel_id, also] = version, known
    _ids[known.channel.code] = channel_id
    if len(_latest) > _KEPT_NETWORKS:
        # The one that was not asked for the longest.
        _latest.pop(next(iter(_latest)), None)
    return known


# What was known last: most likely it still holds, and it is there when nothing newer can be read in time.
_latest: dict[tuple[int, frozenset[int]], tuple[UUID | None, KnownNetwork]] = {}


# Of the channels this process has answered for: as likely to hold as what was known last.
_ids: dict[str, int] = {}


def last_known_channel(code: str) -> tuple[int, UUID, KnownNetwork] | None:
    """The id of the channel that had this code last, and its network of that version: of use only to whoever reads
    that it is still the version."""
    channel_id = _ids.get(code)
    found = None if channel_id is None else _latest.get((channel_id, frozenset()))
    if channel_id is None or found is None or found[0] is None:
        return None
    return channel_id, found[0], found[1]


def last_known_network(*, channel_id: int, also: frozenset[int]) -> KnownNetwork | None:
    """The network this process has used last for the channel; None where it has not answered for it yet."""
    found = _latest.get((channel_id, also))
    return None if found is None else found[1]


@lru_cache(maxsize=_KEPT_NETWORKS)
def _kept(version: UUID, channel_id: int, also: frozenset[int]) -> KnownNetwork:
    feeding = {point.pk for point in channel_stock_points(channel_id)}
    if also and also <= feeding:
        return _kept(version, channel_id, frozenset())
    return _built(channel_id, also)


def _built(channel_id: int, also: frozenset[int]) -> KnownNetwork:
    channel = SalesChannel.objects.select_related("banner").get(pk=channel_id)
    feeding = channel_stock_points(channel_id)
    known = {point.pk for point in feeding}
    guests = list(_with_relations(also - known)) if also - known else []
    points = [*feeding, *guests]
    codes = {point.pk: point.code for point in points}
    believed = belief()
    learned = with_learned_minutes({point.pk: _facts_of(point) for point in points}, believed)
    services, house = with_learned_days(
        _services(channel.currency, codes),
        house_from_settings(settings.HOUSE_SERVICE),
        codes,
        believed,
        learned.preparations,
    )
    return KnownNetwork(
        network=Network(learned.points, house, services),
        channel=ChannelFacts(
            code=channel.code,
            kind=channel.kind,
            banner=channel.banner.code if channel.banner else None,
            stock_points=tuple(sorted(point.code for point in feeding)) if guests else None,
        ),
        currency=channel.currency,
        codes=codes,
        ids={point.code: point.pk for point in points},
        capacities={point.pk: point.daily_order_capacity for point in points if point.daily_order_capacity is not None},
        hourly={point.pk: point.hourly_order_capacity for point in points if point.hourly_order_capacity is not None},
        timezones={point.pk: point.timezone for point in points},
        has_allotments=channel.has_allotments,
        promises_expected=channel.allows_backorders or channel.allows_preorders,
        backorders=channel.allows_backorders,
    )


def carrier_services() -> dict[str, CarrierService]:
    """Every service that is offered, by its code; those of all currencies."""
    codes = dict(StockPoint.objects.values_list("pk", "code"))
    return {code: _service(row, code, codes) for code, row in _rows().items()}


def configured_days() -> dict[str, Mapping[str, int]]:
    """Transit days by service and zone, the house's among them, before anything is learned."""
    found: dict[str, Mapping[str, int]] = {code: service.transit_days for code, service in carrier_services().items()}
    return found | {SERVICE: house_days(house_from_settings(settings.HOUSE_SERVICE))}


def _services(currency: str, codes: Mapping[int, str]) -> tuple[CarrierService, ...]:
    """What carriers offer in the channel's currency."""
    return tuple(_service(row, code, codes) for code, row in _rows().items() if row.currency == currency)


def _rows() -> dict[str, CarrierRow]:
    """A service is known by its name, and by its carrier's where two carriers give theirs the same."""
    rows = (
        CarrierRow.objects.filter(is_active=True)
        .prefetch_related("stock_points", "pick_ups")
        .order_by("carrier", "service")
    )
    found = list(rows)
    names = Counter(row.service for row in found)
    return {(row.service if names[row.service] == 1 else f"{row.carrier}/{row.service}")[:60]: row for row in found}


def _service(row: CarrierRow, code: str, codes: Mapping[int, str]) -> CarrierService:
    collects_at = (codes.get(point.pk) for point in row.stock_points.all())
    return CarrierService(
        code=code,
        modes=tuple(row.modes),
        zones=tuple(
            Zone(
                zone["code"],
                tuple(zone.get("countries") or ()),
                tuple(Postcode.normalised(prefix) for prefix in zone.get("postcode_prefixes") or ()),
            )
            for zone in row.zones
        ),
        transit_days=dict(row.transit_days),
        price_table=_tariffs(row.price_table),
        cost_table=_tariffs(row.cost_table),
        cut_off=None if row.cut_off is None else minutes_of(row.cut_off),
        working_days=tuple(sorted(set(row.working_days))),
        closed_on=tuple(sorted({*row.closed_on, *_public_holidays(row.holidays)})),
        max_weight_g=row.max_weight_g,
        emission_g_per_t_km=row.emission_g_per_t_km,
        emission_g_per_parcel=row.emission_g_per_parcel,
        max_length_mm=row.max_length_mm,
        max_girth_mm=row.max_girth_mm,
        max_km=row.max_km,
        barred=tuple(
            Barred(*(tuple(each.get(name) or ()) for name in ("zones", "categories", "skus"))) for each in row.barred
        ),
        slots=tuple((minutes_of(start), minutes_of(end)) for start, end in row.slots),
        pick_ups={codes[each.stock_point_id]: each.week for each in row.pick_ups.all() if each.stock_point_id in codes},
        stock_points=None if row.collects_everywhere else tuple(sorted(code for code in collects_at if code)),
    )


def _tariffs(table: Iterable[Mapping[str, Any]]) -> tuple[Tariff, ...]:
    return tuple(Tariff(row["zone"], row.get("up_to_g"), Decimal(row["amount"])) for row in table)


def _public_holidays(country: str) -> list[date]:
    """Of this year and the next: the network is built again with every change and every start."""
    if not country:
        return []
    year = clock.now().year
    try:
        return sorted(holidays.country_holidays(country, years=(year, year + 1)))
    except NotImplementedError:
        return []


def _with_relations(ids: Iterable[int]) -> Iterable[StockPoint]:
    return StockPoint.objects.filter(pk__in=ids).select_related("banner").prefetch_related("groups").order_by("code")


def _facts_of(point: StockPoint) -> StockPointFacts:
    return StockPointFacts(
        code=point.code,
        kind=point.kind,
        country=point.country,
        timezone=point.timezone,
        latitude=point.latitude,
        longitude=point.longitude,
        banner=point.banner.code if point.banner else None,
        groups=tuple(sorted(group.code for group in point.groups.all())),
        tags=tuple(sorted(point.tags)),
        priority=point.priority,
        is_active=point.is_active,
        paused_until=point.paused_until,
        ships_orders=point.ships_orders,
        offers_pickup=point.offers_pickup,
        offers_reservation=point.offers_reservation,
        takes_orders=point.takes_orders,
        handling_cost=point.handling_cost,
        preparation_minutes=point.preparation_minutes,
        decline_probability=point.expected_decline_percent / 100,
        calendar=work_calendar(point.opening_hours, point.closed_on, point.cut_off),
    )
