"""The demo retailer's people, one for each role. Their password is public: never in production."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.models import Group

from oms.core.models import User
from oms.core.services.role_sync import sync_roles
from returns.services.approving import set_pin
from stock.models import StockPoint, StockPointMember

PASSWORD = "halles-demo"  # noqa: S105 (printed by `make run`; the seed refuses to run in production)
PIN = "274951"
"""Of every store manager: it takes goods in that nobody has a receipt for."""


MANAGER = "store_manager"


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    first_name: str
    role: str
    title: str
    stock_points: tuple[str, ...] = ()


PEOPLE = (
    Person("admin", "Ada", "", "administrator"),
    Person("anne", "Anne", "head_office", "head office"),
    Person("marc", "Marc", "merchandiser", "merchandiser"),
    Person("lea", "Léa", "customer_service", "customer service"),
    Person("lille-manager", "Hugo", MANAGER, "store manager, Lille", ("LILLE",)),
    Person("lille", "Zoé", "store_staff", "store staff, Lille", ("LILLE",)),
    Person("lyon-manager", "Samir", MANAGER, "store manager, Lyon Bellecour", ("LYON-BELLECOUR",)),
    Person("region", "Inès", MANAGER, "regional manager, Lille and Lyon", ("LILLE", "LYON-BELLECOUR")),
    Person("lyon", "Nora", "store_staff", "store staff, Lyon Bellecour", ("LYON-BELLECOUR",)),
)


def create_people() -> None:
    """Make the people who are missing, each in the group of their role and a member of their stores."""
    sync_roles()
    for person in PEOPLE:
        user, is_new = User.objects.get_or_create(
            username=person.username,
            defaults={
                "first_name": person.first_name,
                "is_staff": True,
                "is_superuser": not person.role,
                "language": "fr",
            },
        )
        if is_new:
            user.set_password(PASSWORD)
            user.save(update_fields=["password"])
            if person.role == MANAGER:
                set_pin(user=user, pin=PIN)
        if person.role:
            user.groups.add(Group.objects.get(name=person.role))
        for point in StockPoint.objects.filter(code__in=person.stock_points):
            StockPointMember.objects.get_or_create(user=user, stock_point=point)
