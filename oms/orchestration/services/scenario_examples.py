"""The example orders shipped with the rule sets: a small network of their own, on which plain rules would decide
otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from oms.orchestration.examples import Outcome
from oms.sourcing.facts import (
    ChannelFacts,
    Destination,
    Facts,
    LineDemand,
    Network,
    StockPointFacts,
    Valuation,
)
from oms.sourcing.results import PLANNED, UNFILLABLE

OURS, THEIRS = "our-banner", "other-banner"
# A Tuesday morning.
MOMENT = datetime(2026, 5, 5, 8, tzinfo=UTC)
NEAR, FAR, DEPOT, PICKUP = "near-store", "far-store", "warehouse", "pickup-store"
SHIRT, HAT = "SHIRT", "HAT"
Stock = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class ShippedExample:
    name: str
    facts: Facts
    expected: Outcome


@dataclass(frozen=True)
class Places:
    """The retailer's own codes: examples must meet the conditions and filters its rule sets are written with."""

    web: Sequence[str]
    shops: Sequence[str]
    warehouses: Sequence[str]
    stores: Sequence[str]

    def network(self, **costs: str) -> Network:
        """A store of another banner near the customer, one of ours far away, the warehouse farther still."""
        handling = {NEAR: "1", FAR: "1", DEPOT: "3", PICKUP: "1", **{k.replace("_", "-"): v for k, v in costs.items()}}
        return Network(
            stock_points=(
                _point(DEPOT, "warehouse", 49.4, OURS, self.warehouses, handling),
                _point(FAR, "store", 49.2, OURS, self.stores, handling),
                _point(NEAR, "store", 48.87, THEIRS, self.stores, handling),
                _point(PICKUP, "store", 48.85, OURS, self.stores, handling),
            )
        )

    def facts(self, stock: Stock, lines: Mapping[str, int], *, in_shop: bool = False, **more: Any) -> Facts:
        code, kind = (self.shops[0], "store") if in_shop else (self.web[0], "web")
        costs = more.pop("costs", {})
        season_ends_on = more.pop("season_ends_on", None)
        return Facts(
            **{
                "now": MOMENT,
                "currency": "EUR",
                "mode": "home",
                "channel": ChannelFacts(code=code, kind=kind, banner=OURS),
                "lines": tuple(
                    _line(str(n), sku, units, season_ends_on) for n, (sku, units) in enumerate(lines.items(), 1)
                ),
                "network": self.network(**costs),
                "available": stock,
                "destination": Destination("FR", "Europe/Paris", "75001", 48.86, 2.34),
                "order_value": Decimal(20) * sum(lines.values()),
                "timezone": "Europe/Paris",
                "valuation": _VALUATION,
                **more,
            }
        )


_VALUATION = Valuation(
    scarce_below=10,
    scarce_share=Decimal("0.10"),
    last_unit_share=Decimal("0.15"),
    markdown_share=Decimal("0.40"),
    decline_cost=Decimal(4),
)


def _point(
    code: str, kind: str, latitude: float, banner: str, groups: Sequence[str], handling: Mapping[str, str]
) -> StockPointFacts:
    return StockPointFacts(
        code=code,
        kind=kind,
        country="FR",
        timezone="Europe/Paris",
        latitude=latitude,
        longitude=2.35,
        banner=banner,
        groups=tuple(sorted(groups)),
        offers_pickup=kind == "store",
        offers_reservation=kind == "store",
        handling_cost=Decimal(handling[code]),
    )


def _line(key: str, sku: str, units: int, season_ends_on: date | None) -> LineDemand:
    return LineDemand(
        key=key, sku=sku, quantity=units, weight_g=500, unit_price=Decimal(20), season_ends_on=season_ends_on
    )


def _from(rule: str, **units: int) -> Outcome:
    """One unit's article from these places. The rule is named as it is written now."""
    parcels = {point.replace("_", "-"): {SHIRT: count} for point, count in sorted(units.items())}
    return Outcome(PLANNED, rule=gettext(rule), parcels=parcels)


def shipped_examples(places: Places) -> dict[str, list[ShippedExample]]:
    """By the code of their rule set."""
    return {
        "spare-the-stores": _spare_the_stores(places),
        "nearest-slow-stock": _nearest_slow_stock(places),
        "greenest": _greenest(places),
        "cheapest": _cheapest(places),
        "end-of-season": _end_of_season(places),
        "one-parcel": _one_parcel(places),
        "own-banner": _own_banner(places),
        "click-and-collect": _click_and_collect(places),
        "web-home-delivery": _web_home_delivery(places),
        "order-in-store": _order_in_store(places),
    }


def _everywhere(units: int) -> Stock:
    return {SHIRT: {NEAR: units, FAR: units, DEPOT: units}}


def _spare_the_stores(places: Places) -> list[ShippedExample]:
    only_shops = {SHIRT: {NEAR: 1, FAR: 9}}
    return [
        ShippedExample(
            _("A scarce article leaves from the warehouse, though a store is nearer"),
            places.facts(_everywhere(1), {SHIRT: 1}),
            _from("complete from a warehouse", warehouse=1),
        ),
        ShippedExample(
            _("Only shops have it: the last unit of a shop is spared"),
            places.facts(only_shops, {SHIRT: 1}),
            _from("least missed in the shops", far_store=1),
        ),
    ]


def _nearest_slow_stock(places: Places) -> list[ShippedExample]:
    sold = {SHIRT: {NEAR: 8}}
    return [
        ShippedExample(
            _("The nearer store sells it fast: the store where it lies for long sends it"),
            places.facts(_everywhere(4), {SHIRT: 1}, in_shop=True, recent_sales=sold),
            _from("a store nearby that has it for long", far_store=1),
        ),
        ShippedExample(
            _("No slow stock: any store nearby"),
            places.facts({SHIRT: {NEAR: 4}}, {SHIRT: 1}, in_shop=True, recent_sales=sold),
            _from("any store nearby", near_store=1),
        ),
    ]


def _greenest(places: Places) -> list[ShippedExample]:
    facts = places.facts(_everywhere(4), {SHIRT: 1}, costs={NEAR: "90"})
    return [
        ShippedExample(
            _("The nearest place, whatever it costs to prepare there"), facts, _from("least carbon", near_store=1)
        ),
        _part_of_an_order(places, "what there is, with least carbon"),
    ]


def _cheapest(places: Places) -> list[ShippedExample]:
    facts = places.facts(_everywhere(4), {SHIRT: 1}, costs={NEAR: "90"})
    return [
        ShippedExample(_("The cheapest place, though another is nearer"), facts, _from("least cost", far_store=1)),
        _part_of_an_order(places, "what there is, at least cost"),
    ]


def _part_of_an_order(places: Places, rule: str) -> ShippedExample:
    return ShippedExample(
        _("Nobody has all units of a line: those there are leave from two places"),
        places.facts({SHIRT: {NEAR: 2, FAR: 3}}, {SHIRT: 6}),
        _from(rule, near_store=2, far_store=3),
    )


def _end_of_season(places: Places) -> list[ShippedExample]:
    facts = places.facts(
        {SHIRT: {NEAR: 2, FAR: 20}},
        {SHIRT: 1},
        season_ends_on=date(2026, 5, 19),
        recent_sales={SHIRT: {NEAR: 6}},
    )
    name = _("Two weeks before the end of the season: from where most would be left")
    return [ShippedExample(name, facts, _from("what would be marked down", far_store=1))]


def _one_parcel(places: Places) -> list[ShippedExample]:
    both = {SHIRT: {NEAR: 2, FAR: 2}, HAT: {FAR: 2}}
    apart = {SHIRT: {NEAR: 2}, HAT: {FAR: 2}}
    wanted = Outcome(PLANNED, rule=gettext("everything from one place"), parcels={FAR: {HAT: 1, SHIRT: 1}})
    return [
        ShippedExample(
            _("Everything from the one place that has both"), places.facts(both, {SHIRT: 1, HAT: 1}), wanted
        ),
        ShippedExample(
            _("No place has both: refused, not split"),
            places.facts(apart, {SHIRT: 1, HAT: 1}),
            Outcome(UNFILLABLE, action="cancel"),
        ),
    ]


def _own_banner(places: Places) -> list[ShippedExample]:
    return [
        ShippedExample(
            _("Another banner's store is nearer: one of our own sends it"),
            places.facts({SHIRT: {NEAR: 2, FAR: 2}}, {SHIRT: 1}),
            _from("one of our own", far_store=1),
        ),
        ShippedExample(
            _("Only another banner has it: nobody sends it"),
            places.facts({SHIRT: {NEAR: 2}}, {SHIRT: 1}),
            Outcome(UNFILLABLE, action="queue"),
        ),
    ]


def _click_and_collect(places: Places) -> list[ShippedExample]:
    collected: dict[str, Any] = {"destination": None, "pickup_point": PICKUP}
    return [
        ShippedExample(
            _("It lies where the customer collects: from there, though another place is cheaper"),
            places.facts(
                {SHIRT: {PICKUP: 1, DEPOT: 9}}, {SHIRT: 1}, mode="ship_to_store", costs={PICKUP: "90"}, **collected
            ),
            _from("from the pickup store's own shelf", pickup_store=1),
        ),
        ShippedExample(
            _("It does not: shipped to the store"),
            places.facts({SHIRT: {DEPOT: 9}}, {SHIRT: 1}, mode="ship_to_store", **collected),
            _from("sent from a warehouse", warehouse=1),
        ),
    ]


def _web_home_delivery(places: Places) -> list[ShippedExample]:
    in_parts = {SHIRT: {FAR: 1}, HAT: {PICKUP: 1}}
    return [
        ShippedExample(
            _("The warehouse has everything: from there, though a store is nearer"),
            places.facts(_everywhere(4), {SHIRT: 1}),
            _from("complete from a warehouse", warehouse=1),
        ),
        ShippedExample(
            _("Only stores have it: from one that keeps a unit on its shelf"),
            places.facts({SHIRT: {NEAR: 1, FAR: 2}}, {SHIRT: 1}),
            _from("complete from one store", far_store=1),
        ),
        ShippedExample(
            _("No place has both: in two parcels"),
            places.facts(in_parts, {SHIRT: 1, HAT: 1}),
            Outcome(
                PLANNED, rule=gettext("complete in up to three parcels"), parcels={FAR: {SHIRT: 1}, PICKUP: {HAT: 1}}
            ),
        ),
    ]


def _order_in_store(places: Places) -> list[ShippedExample]:
    return [
        ShippedExample(
            _("Another store nearby has it: from there, not from the warehouse"),
            places.facts({SHIRT: {FAR: 1, DEPOT: 9}}, {SHIRT: 1}, in_shop=True),
            _from("complete from another store", far_store=1),
        ),
        ShippedExample(
            _("No store has it: from the warehouse"),
            places.facts({SHIRT: {DEPOT: 9}}, {SHIRT: 1}, in_shop=True),
            _from("complete from a warehouse", warehouse=1),
        ),
    ]
