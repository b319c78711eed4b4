"""The retailer of one replay: a banner, a channel, stock points and SKUs that no other run shares."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from oms.core import clock
from oms.demo import configuring
from oms.demo.carriage import Carriage
from oms.demo.olist import DataSet
from oms.demo.stock_plan import plan_stock
from oms.orchestration.services.rule_sets import publish, save_draft
from oms.orchestration.services.scenarios import scenarios
from stock.models import Banner

CURRENCY = "BRL"
# What decides where no rule set is published.
DEFAULT = "default"


@dataclass(frozen=True)
class Setting:
    """The codes of the run: its channel, its stock points by seller, its SKUs by product."""

    channel: str
    points: Mapping[str, str]
    skus: Mapping[str, str]
    stock: Mapping[tuple[str, str], int]


def set_up(data: DataSet, *, seed: int, carriage: Carriage, rules: str = DEFAULT) -> Setting:
    """Configure the run's retailer, by the shipped rule set of that code and with its carriers, and give it the stock
    the seed draws."""
    run = f"OLIST{_next_number():03d}"
    setting = Setting(
        channel=run,
        points={seller.key: f"{run}-S{index:04d}" for index, seller in enumerate(data.sellers, start=1)},
        skus={product.key: f"{run}-P{index:05d}" for index, product in enumerate(data.products, start=1)},
        stock=plan_stock(data, seed=seed),
    )
    configuring.banners([{"code": run, "name": f"Olist, run {run[-3:]}", "currency": CURRENCY, "languages": ["en"]}])
    configuring.stock_points(_points(data, setting))
    configuring.variants(_variants(data, setting))
    configuring.channels(
        [
            {
                "code": run,
                "name": f"Olist, run {run[-3:]}",
                "kind": "web",
                "banner": run,
                "currency": CURRENCY,
                "stock_points": list(setting.points.values()),
            }
        ]
    )
    senders = {setting.points[seller.key]: seller.place for seller in data.sellers}
    configuring.carrier_services(carriage.services(senders, run=run))
    if rules != DEFAULT:
        _publish(rules, run)
    configuring.movements(_receipts(setting))
    return setting


def shipped_rules(channel: str) -> dict[str, dict[str, Any]]:
    """The shipped scenarios for one channel, by their codes."""
    return {document["code"]: document for document in scenarios([channel], [channel], [], [])}


def _publish(rules: str, channel: str) -> None:
    """A set of the run's own, so that runs never decide for each other."""
    document = {**shipped_rules(channel)[rules], "code": f"{channel}-{rules}".lower()}
    save_draft(code=document["code"], document=document)
    publish(code=document["code"])


def _next_number() -> int:
    """Runs are numbered from 1 by their banners."""
    codes = Banner.objects.filter(code__regex=r"^OLIST\d+$").values_list("code", flat=True)
    return 1 + max((int(code.removeprefix("OLIST")) for code in codes), default=0)


def _points(data: DataSet, setting: Setting) -> Iterator[dict[str, Any]]:
    for seller in data.sellers:
        yield {
            "code": setting.points[seller.key],
            "name": f"Seller in {seller.place.city}",
            "kind": "marketplace",
            "latitude": seller.place.latitude,
            "longitude": seller.place.longitude,
            "postcode": f"{seller.place.prefix}-000",
            "country": "BR",
            "timezone": "America/Sao_Paulo",
            "banner": setting.channel,
            "currency": CURRENCY,
        }


def _variants(data: DataSet, setting: Setting) -> Iterator[dict[str, Any]]:
    for product in data.products:
        sku = setting.skus[product.key]
        yield {
            "sku": sku,
            "product": {"code": sku, "name": f"{product.category} {product.key[:8]}", "category": product.category},
            "price": Decimal(0),
            "currency": CURRENCY,
            "weight_g": product.weight_g,
        }


def _receipts(setting: Setting) -> Iterator[dict[str, Any]]:
    for (product, seller), units in setting.stock.items():
        yield {
            "sku": setting.skus[product],
            "stock_point": setting.points[seller],
            "quantity": units,
            "kind": "receipt",
            "reference": "initial stock",
            "occurred_at": clock.now(),
        }
