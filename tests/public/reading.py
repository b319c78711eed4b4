"""Customers' pages as they are read."""

from __future__ import annotations

import html
import re

from django.test import Client

from oms.public.tracking import tracked_order
from orders.queries.tracking_links import order_of_token, tracking_token
from tests.factories.retailer import Retailer


def page(number: str, **headers: str) -> str:
    """The words of an order's page, for a browser without cookies."""
    answer = Client().get(f"/order/{tracking_token(number)}/", headers=headers)
    assert answer.status_code == 200
    return words(answer.content.decode())


def words(content: str) -> str:
    body = re.sub(r"<(svg|script)\b.*?</\1>", " ", content.partition("<main")[2], flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\xa0", " ").split())


def steps(number: str) -> list[tuple[str, str]]:
    """(title, how far) of the timeline of the order's only part."""
    (delivery,) = tracked_order(order_of_token(tracking_token(number))).deliveries
    return [(step.title, step.reached) for step in delivery.steps]


def placed(retailer: Retailer, lines: dict[str, int] | None = None, **values: object) -> str:
    number: str = retailer.place(lines or {"shirt": 1}, **values)["number"]
    return number
