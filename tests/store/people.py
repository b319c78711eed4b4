"""People at the tablets of stores, signed in."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.test import Client

from oms.core.models import User
from oms.core.services.role_sync import sync_roles
from stock.models import StockPoint, StockPointMember
from tests.factories.network import unique

PASSWORD = "a-good-password-1"


def person(*, role: str = "store_staff", stock_points: tuple[str, ...] = ()) -> User:
    """Somebody in a role, a member of the stock points of these codes."""
    sync_roles()
    user = User.objects.create_user(unique("person"), password=PASSWORD, language="en", is_staff=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    for point in StockPoint.objects.filter(code__in=stock_points):
        StockPointMember.objects.create(user=user, stock_point=point)
    return user


def tablet(*, role: str = "store_staff", stock_points: tuple[str, ...] = ()) -> Client:
    """A browser in which such a person is signed in."""
    client = Client()
    client.force_login(person(role=role, stock_points=stock_points))
    return client
