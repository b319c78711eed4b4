"""A shop in Lille with work to do, told through the API, and a tablet in it."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

from django.test import Client

from tests.factories.retailer import LILLE, Json, Retailer, open_retailer
from tests.store.people import tablet

PREPARE = "/store/prepare/"


@dataclass
class Shop:
    """Store A has everything, store B nothing; somebody is signed in at each."""

    retailer: Retailer
    tablet: Client
    stranger: Client

    def offer(self, lines: dict[str, int], **values: Any) -> Json:
        """An order whose work is offered to store A."""
        return self.retailer.one_work(self.retailer.place(lines, **values)["number"])

    def work(self, number: str) -> Json:
        return self.retailer.one_work(number)


def open_shop(*, units: int = 20) -> Shop:
    retailer = open_retailer()
    retailer.add_points(["store-a"], **LILLE)
    retailer.add_points(["store-b"])
    retailer.add_articles(["shirt"], gtin="4006381333931")
    retailer.add_articles(["hat"], gtin="96385074")
    retailer.add_articles(["shoe"])
    retailer.report("receipt", {(sku, "store-a"): units for sku in ("shirt", "hat")})
    return Shop(retailer, tablet(stock_points=("store-a",)), tablet(stock_points=("store-b",)))


def send(browser: Client, address: str, fields: dict[str, Any] | None = None, *, key: str = "") -> Any:
    """POST as a page's form does; the same `key` is the same form sent again."""
    return browser.post(address, (fields or {}) | {"action_key": key or str(uuid.uuid4())})


def told(browser: Client, response: Any) -> str:
    """The page a POST leads to, as text without markup."""
    assert response.status_code == 302, (response.status_code, response.content.decode())
    return words(browser.get(response["Location"]))


def words(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    page = re.sub(r"(?s)<(head|script|svg).*?</\1>|<[^>]+>", " ", response.content.decode())
    return " ".join(page.split())
