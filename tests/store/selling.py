"""A seller at a tablet: signed in at a counter, with the forms as the pages send them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from oms.core.models import User
from orders.models import Basket, Order
from stock.models import StockPoint, Variant
from tests.factories.network import unique
from tests.orders.counter import Counter, open_counter

CUSTOMER = {
    "name": "Camille Martin",
    "email": "camille@example.org",
    "phone": "06 12 34 56 78",
    "language": "fr",
    "has_consented": "on",
    "line1": "1 place du Théâtre",
    "postcode": "59800",
    "city": "Lille",
    "country": "FR",
}


@dataclass
class Tablet:
    http: Client = field(default_factory=Client)

    def get(self, page: str, /, *args: Any, **query: Any) -> Any:
        return self.http.get(reverse(f"store:{page}", args=args), query)

    def post(self, page: str, /, *args: Any, key: str | None = None, **values: Any) -> Any:
        """With a key of its own unless the same form is sent again."""
        given = {"action_key": key or str(uuid.uuid4()), **values}
        return self.http.post(reverse(f"store:{page}", args=args), given)

    def add(self, variant: Variant, way: str = "delivered", **values: Any) -> Any:
        return self.post("sell-line-add", sku=variant.sku, way=way, **values)

    def delivered_home(self) -> Any:
        self.post("sell-destination", postcode="59800", country="FR")
        self.get("sell-delivery")
        return self.post("sell-delivery", option="0")

    def ready_to_pay(self, variant: Variant) -> None:
        self.add(variant)
        assert self.delivered_home().url == reverse("store:sell-customer")
        assert self.post("sell-customer", **CUSTOMER).url == reverse("store:sell-payment")

    def sold(self, variant: Variant, means: str = "terminal") -> Order:
        self.ready_to_pay(variant)
        self.post("sell-payment", means=means)
        return Basket.objects.latest("pk").order  # type: ignore[return-value]


def seller_of(stock_point: StockPoint | None, *, role: str) -> User:
    """A person of that role who works at this stock point, or at none."""
    if not Group.objects.filter(name=role).exists():
        call_command("sync_roles", verbosity=0)
    user = User.objects.create_user(unique(role), password="x")
    user.groups.add(Group.objects.get(name=role))
    if stock_point is not None:
        user.stock_point_members.create(stock_point=stock_point)
    return user


def tablet_of(stock_point: StockPoint | None, *, role: str = "store_staff") -> Tablet:
    tablet = Tablet()
    tablet.http.force_login(seller_of(stock_point, role=role))
    return tablet


def opened() -> tuple[Counter, Tablet]:
    counter = open_counter()
    return counter, tablet_of(counter.lille)
