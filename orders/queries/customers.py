"""Customers a seller has served before, as their orders tell: there is no register of customers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from oms.core.access import Access
from orders.models import Order
from orders.models.orders import PHONE_DIGITS, phone_digits

MOST_CUSTOMERS = 5
# Orders looked at to find so many different customers.
_MOST_ORDERS = 50
_FEWEST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class PastCustomer:
    """As little as tells one from another, and the order it was read from."""

    order_number: str
    name: str
    email: str
    phone: str
    address: Mapping[str, Any]
    language: str


def past_customers(*, contact: str, access: Access) -> list[PastCustomer]:
    """Whoever ordered with exactly this mail address or telephone number, latest first; one query.

    Only orders the principal may see are looked at. Less than a whole address or number finds nobody.
    """
    condition = _condition(contact.strip())
    if condition is None:
        return []
    orders = Order.objects.visible_to(access).placed().alias(digits=phone_digits("customer_phone"))
    rows = (
        orders.filter(condition)
        .order_by("-pk")
        .values_list("number", "customer_name", "customer_email", "customer_phone", "shipping_address", "language")[
            :_MOST_ORDERS
        ]
    )
    found: dict[tuple[str, str, str], PastCustomer] = {}
    for number, name, email, phone, address, language in rows:
        key = (name.casefold(), email.casefold(), _digits(phone))
        known = found.get(key)
        if known is None:
            found[key] = PastCustomer(number, name, email, phone, address or {}, language)
        elif not known.address and address:
            found[key] = PastCustomer(known.order_number, name, email, phone, address, language)
    return list(found.values())[:MOST_CUSTOMERS]


def _condition(contact: str) -> Q | None:
    if "@" in contact:
        return Q(customer_email__in={contact, contact.lower()})
    digits = _digits(contact)
    if len(digits) < _FEWEST_DIGITS:
        return None
    return Q(digits=digits) & ~Q(customer_phone="")


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)[-PHONE_DIGITS:]
