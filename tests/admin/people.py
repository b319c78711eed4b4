"""Members of staff who look at the admin."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.test import Client

from oms.core.models import User
from oms.core.services.role_sync import sync_roles
from stock.models import StockPoint, StockPointMember


def signed_in(role: str, *, store: str | None = None, language: str = "en") -> Client:
    """A browser in which somebody of this role is signed in, a member of the store if one is named."""
    sync_roles()
    user = User.objects.create_user(f"{role}-{store}", password="x", is_staff=True, language=language)
    user.groups.add(Group.objects.get(name=role))
    if store is not None:
        StockPointMember.objects.create(user=user, stock_point=StockPoint.objects.get(code=store))
    client = Client()
    client.force_login(user)
    return client
