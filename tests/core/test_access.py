"""Whose objects a principal sees is decided once per request, and nothing is the default."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory

from oms.core import access
from oms.core.access import EVERYTHING, NOTHING, Access, access_for, access_of, limited
from oms.core.models import AuditEntry, User

asked = []


def resolve(principal) -> Access:
    asked.append(principal)
    return Access(stock_points=frozenset({1}), channels=None)


@pytest.fixture(autouse=True)
def resolver(settings):
    settings.ACCESS_RESOLVER = f"{__name__}.resolve"
    asked.clear()
    yield
    access._resolver.cache_clear()


def test_nobody_sees_nothing():
    assert access_of(None) == access_of(AnonymousUser()) == NOTHING
    assert asked == []


def test_nothing_is_the_default():
    assert Access() == NOTHING
    assert not NOTHING.sees_stock_point(1)
    assert not NOTHING.sees_channel(1)


def test_everything_is_everything():
    assert EVERYTHING.is_unlimited
    assert EVERYTHING.sees_stock_point(7)
    assert EVERYTHING.sees_channel(7)


def test_a_limited_access_sees_its_own():
    own = Access(stock_points=frozenset({1}), channels=None)
    assert (own.sees_stock_point(1), own.sees_stock_point(2), own.sees_stock_point(None)) == (True, False, False)
    assert own.sees_channel(2)
    assert not own.is_unlimited


def test_the_setting_decides():
    assert access_of(User()) == Access(stock_points=frozenset({1}), channels=None)


def test_a_request_asks_once():
    request = RequestFactory().get("/")
    request.user = User()
    assert access_for(request) is access_for(request)
    assert len(asked) == 1


@pytest.mark.django_db
def test_a_queryset_is_limited_by_the_named_foreign_keys():
    rows = AuditEntry.objects.all()
    assert "WHERE" not in str(limited(rows, EVERYTHING, stock_point="id", channel="position").query)
    own = Access(stock_points=frozenset({1}), channels=frozenset({2}))
    assert str(limited(rows, own, stock_point="id", channel="position").query).endswith(
        'WHERE ("core_auditentry"."id" IN (1) AND "core_auditentry"."position" IN (2))'
    )
    assert str(limited(rows, own, stock_point="id").query).endswith('WHERE "core_auditentry"."id" IN (1)')
    assert list(limited(rows, NOTHING, stock_point="id")) == []
