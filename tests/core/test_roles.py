"""The groups say exactly what the code says each role may do."""

from collections import defaultdict
from io import StringIO

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command

from oms.core import roles
from oms.core.errors import Invalid
from oms.core.models import User
from oms.core.services import role_sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def registry(monkeypatch):
    registry = defaultdict(set)
    monkeypatch.setattr(roles, "REGISTRY", registry)
    monkeypatch.setattr(role_sync, "REGISTRY", registry)
    return registry


def test_a_role_may_do_what_is_written_and_nothing_else(registry):
    roles.allow("merchandiser", *roles.may("core", "auditentry", "view"))
    role_sync.sync_roles()
    marie = User.objects.create_user("marie")
    marie.groups.add(Group.objects.get(name="merchandiser"))
    assert marie.get_all_permissions() == {"core.view_auditentry"}
    assert set(Group.objects.values_list("name", flat=True)) == set(roles.ROLES)


def test_what_was_given_by_hand_or_taken_out_of_the_code_is_gone(registry):
    role_sync.sync_roles()
    Group.objects.get(name="store_staff").permissions.add(Permission.objects.get(codename="delete_user"))
    role_sync.sync_roles()
    assert Group.objects.get(name="store_staff").permissions.count() == 0


def test_a_permission_that_does_not_exist_is_a_mistake(registry):
    roles.allow("merchandiser", "core.fly_auditentry")
    with pytest.raises(Invalid, match=r"Unknown permissions: core\.fly_auditentry"):
        role_sync.sync_roles()


def test_a_role_that_does_not_exist_is_a_mistake():
    with pytest.raises(ValueError, match="There is no role janitor"):
        roles.allow("janitor", "core.view_user")


def test_every_permission_the_code_names_exists():
    out = StringIO()
    call_command("sync_roles", stdout=out)
    assert [line.split(":")[0] for line in out.getvalue().splitlines()] == list(roles.ROLES)
