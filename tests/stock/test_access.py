"""Who sees which stock points and channels."""

import pytest
from django.contrib.auth.models import Group

from oms.core.models import User
from stock.models import ChannelMember, ClientAccess, StockPointMember
from stock.queries.access import access_of
from tests.stock.making import make_channel, make_point
from tests.support.api import make_client

pytestmark = pytest.mark.django_db


def somebody(role: str = "", **fields: bool) -> User:
    user = User.objects.create(username=f"some {role}", **fields)
    if role:
        user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


@pytest.mark.parametrize("role", ["head_office", "merchandiser", "customer_service"])
def test_who_works_for_the_whole_network_sees_all_of_it(role):
    assert access_of(somebody(role)).is_unlimited


@pytest.mark.parametrize("role", ["", "store_manager", "store_staff"])
def test_who_belongs_nowhere_sees_nothing(role):
    access = access_of(somebody(role))
    assert (access.stock_points, access.channels) == (frozenset(), frozenset())


@pytest.mark.parametrize("role", ["store_manager", "store_staff", "head_office"])
def test_a_member_of_stock_points_sees_these_only(role):
    paris, user = make_point("PARIS"), somebody(role)
    make_point("LYON")
    StockPointMember.objects.create(user=user, stock_point=paris)
    access = access_of(user)
    assert (access.stock_points, access.channels) == ({paris.pk}, None)


def test_a_member_of_channels_sees_these_only():
    web, user = make_channel("web"), somebody("customer_service")
    ChannelMember.objects.create(user=user, channel=web)
    access = access_of(user)
    assert (access.stock_points, access.channels) == (None, {web.pk})


def test_a_superuser_sees_everything():
    assert access_of(somebody(is_superuser=True)).is_unlimited


def test_a_client_whose_last_binding_is_gone_sees_nothing_rather_than_everything():
    client, _ = make_client()
    binding = ClientAccess.objects.create(client=client, sees_all_stock_points=False, sees_all_channels=False)
    point = make_point()
    binding.stock_points.add(point)
    assert access_of(client).stock_points == {point.pk}
    binding.stock_points.clear()
    access = access_of(client)
    assert (access.stock_points, access.channels) == (frozenset(), frozenset())
