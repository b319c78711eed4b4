"""The kernel's admin: what each person may see there, and do."""

import re

import pytest
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from oms.core.access import Access
from oms.core.admin.base import EstimatingPaginator, OmsAdmin, ScopedAdmin
from oms.core.audit import record_audits
from oms.core.models import ApiClient, AuditEntry, EventDelivery, OutboxEvent, User, WebhookSecret
from oms.core.services.clients import hash_of_key
from oms.core.services.role_sync import sync_roles
from tests.support.api import make_client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.core.urls")]


@pytest.fixture
def root():
    return User.objects.create_superuser("root", password="x")


@pytest.fixture
def head_office():
    sync_roles()
    user = User.objects.create_user("helene", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name="head_office"))
    return user


@pytest.fixture
def dead_letter(at_noon):
    event = OutboxEvent.objects.create(
        name="thing.made", payload={"thing": 1}, created_at=at_noon, relayed_at=at_noon, fan_out=1
    )
    return EventDelivery.objects.create(
        event=event, subscription="tests.core.hearing.choke", state="dead", attempts=8, last_error="ValueError: no"
    )


@pytest.mark.parametrize(
    "model", ["user", "apiclient", "webhooksecret", "outboxevent", "eventdelivery", "auditentry", "idempotencyrecord"]
)
def test_every_list_and_its_details_open(client, root, dead_letter, model):
    client.force_login(root)
    make_client()
    WebhookSecret.objects.create(name="carrier:house", secret="whsec_x")
    record_audits("thing.done", [("thing:1", None)])
    assert client.get(reverse(f"admin:core_{model}_changelist")).status_code == 200
    model_class = client.get(reverse(f"admin:core_{model}_changelist")).context["cl"].model
    row = model_class.objects.first()
    if row is not None:
        assert client.get(reverse(f"admin:core_{model}_change", args=[row.pk])).status_code == 200


@pytest.mark.parametrize("model", ["outboxevent", "eventdelivery", "auditentry", "idempotencyrecord"])
def test_what_services_write_cannot_be_added_here(client, root, model):
    client.force_login(root)
    assert client.get(reverse(f"admin:core_{model}_add")).status_code == 403


def test_an_audit_entry_can_be_neither_changed_nor_deleted(client, root):
    client.force_login(root)
    record_audits("thing.done", [("thing:1", None)])
    entry = AuditEntry.objects.get()
    assert client.post(reverse("admin:core_auditentry_change", args=[entry.pk]), {"actor": "x"}).status_code == 403
    assert client.post(reverse("admin:core_auditentry_delete", args=[entry.pk]), {"post": "yes"}).status_code == 403
    assert AuditEntry.objects.get().actor == "system"


def test_a_dead_letter_is_seen_and_replayed(client, head_office, dead_letter):
    client.force_login(head_office)
    url = reverse("admin:core_eventdelivery_changelist")
    assert "ValueError: no" in client.get(url, {"state__exact": "dead"}).content.decode()
    client.post(url, {"action": "replay", "_selected_action": [dead_letter.pk]})
    dead_letter.refresh_from_db()
    assert (dead_letter.state, dead_letter.attempts) == ("pending", 0)
    assert AuditEntry.objects.get(action="dead_letters.replayed").actor == f"user:{head_office.pk}"


def test_who_may_only_look_cannot_replay(client, dead_letter):
    from django.contrib.auth.models import Permission

    reader = User.objects.create_user("reader", password="x", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_eventdelivery"))
    client.force_login(reader)
    url = reverse("admin:core_eventdelivery_changelist")
    assert client.get(url).status_code == 200
    client.post(url, {"action": "replay", "_selected_action": [dead_letter.pk]})
    dead_letter.refresh_from_db()
    assert dead_letter.state == "dead"


def test_a_new_clients_key_is_shown_once_and_works(client, root):
    client.force_login(root)
    # What the database will fill in is not shown as what stands for it.
    assert "DatabaseDefault" not in client.get(reverse("admin:core_apiclient_add")).content.decode()
    page = client.post(
        reverse("admin:core_apiclient_add"),
        {"name": "web-shop", "scopes": ["orders:read", "orders:write"], "is_active": "on"},
        follow=True,
    ).content.decode()
    [key] = set(re.findall(r"halles_[0-9a-f]{8}_[\w-]{43}", page))
    made = ApiClient.objects.get()
    assert (made.key_hash, made.scopes) == (hash_of_key(key), ["orders:read", "orders:write"])
    assert key not in client.get(reverse("admin:core_apiclient_change", args=[made.pk])).content.decode()
    assert AuditEntry.objects.get(action="api_client.created").actor == f"user:{root.pk}"


def test_a_clients_scopes_are_changed_and_its_key_is_not(client, root):
    made, _ = make_client("web-shop", ["orders:read"])
    client.force_login(root)
    client.post(reverse("admin:core_apiclient_change", args=[made.pk]), {"scopes": ["stock:read"]})
    changed = ApiClient.objects.get()
    assert (changed.name, changed.scopes, changed.is_active) == ("web-shop", ["stock:read"], False)
    assert changed.key_hash == made.key_hash
    assert AuditEntry.objects.get(action="api_client.changed").changes == {"scopes": ["stock:read"], "is_active": False}


def test_a_new_key_replaces_the_old_one_and_is_shown_once(client, root):
    made, old = make_client("web-shop")
    client.force_login(root)
    url = reverse("admin:core_apiclient_changelist")
    page = client.post(url, {"action": "renew_keys", "_selected_action": [made.pk]}, follow=True).content.decode()
    [key] = set(re.findall(r"halles_[0-9a-f]{8}_[\w-]{43}", page))
    assert key != old
    assert ApiClient.objects.get().key_hash == hash_of_key(key)


def test_a_client_is_never_deleted(client, root):
    made, _ = make_client()
    client.force_login(root)
    assert client.post(reverse("admin:core_apiclient_delete", args=[made.pk]), {"post": "yes"}).status_code == 403
    assert ApiClient.objects.count() == 1


def test_a_new_webhook_secret_is_shown_once(client, root):
    client.force_login(root)
    page = client.post(reverse("admin:core_webhooksecret_add"), {"name": "carrier:house"}, follow=True)
    secret = WebhookSecret.objects.get().secret
    assert secret in page.content.decode().replace("&#x2B;", "+")
    assert secret not in client.get(reverse("admin:core_webhooksecret_changelist")).content.decode()


def test_head_office_makes_users_but_no_superuser(client, head_office):
    client.force_login(head_office)
    other = User.objects.create_user("marie", password="x")
    url = reverse("admin:core_user_change", args=[other.pk])
    assert client.get(url).status_code == 200
    client.post(
        url,
        {
            "username": "marie",
            "language": "fr",
            "is_active": "on",
            "is_superuser": "on",
            "date_joined_0": "2026-01-01",
            "date_joined_1": "00:00",
        },
    )
    other.refresh_from_db()
    assert (other.language, other.is_superuser) == ("fr", False)


def test_head_office_cannot_touch_a_superuser(client, head_office, root):
    client.force_login(head_office)
    answer = client.post(reverse("admin:core_user_change", args=[root.pk]), {"username": "mine"})
    assert answer.status_code == 403
    assert client.get(reverse("admin:auth_user_password_change", args=[root.pk])).status_code == 403


def test_a_person_without_a_role_sees_nothing(client):
    client.force_login(User.objects.create_user("nobody", password="x", is_staff=True))
    for model in ("user", "apiclient", "auditentry", "eventdelivery"):
        assert client.get(reverse(f"admin:core_{model}_changelist")).status_code == 403


class _Scoped(list):
    def visible_to(self, access):
        return f"visible to {access}"


def test_a_list_shows_what_its_user_may_see(rf, root, monkeypatch):
    from django.contrib import admin

    request = rf.get("/")
    request.oms_access = Access(stock_points=frozenset({1}), channels=frozenset())
    monkeypatch.setattr(admin.ModelAdmin, "get_queryset", lambda *a: _Scoped())
    assert OmsAdmin(AuditEntry, admin.site).get_queryset(request) == f"visible to {request.oms_access}"


def test_a_scoped_list_whose_queryset_cannot_tell_is_a_mistake(rf, root):
    from django.contrib import admin

    request = rf.get("/")
    request.user = root
    with pytest.raises(ImproperlyConfigured, match="has no visible_to"):
        ScopedAdmin(AuditEntry, admin.site).get_queryset(request)


def test_a_short_list_is_counted_exactly_and_a_long_one_is_estimated(monkeypatch):
    from django.db import connection

    from oms.core.admin import base

    record_audits("thing.done", [(f"thing:{n}", None) for n in range(30)])
    rows = AuditEntry.objects.order_by("id")
    assert EstimatingPaginator(rows, 10).count == 30
    monkeypatch.setattr(base, "COUNTED_AT_MOST", 20)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE core_auditentry")
    assert EstimatingPaginator(rows, 10).count == 30
    assert EstimatingPaginator(rows.filter(action="thing.done"), 10).count == 21
