"""A rule that touches more levels than a person waits for is counted by a task; the page shows how it gets on."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from oms.core import clock
from oms.core.services.relaying import drain_events
from stock.admin import protection as protection_admin
from stock.models import PendingProtection, ProtectionPreview, ProtectionRule
from stock.queries import protection_preview
from stock.queries.protection_preview import count_hidden, hidden_stock
from stock.services.protecting import apply_pending_protection
from stock.services.protection_previewing import ask_preview, forget_previews
from stock.services.protection_rules import save_rule
from tests.admin.people import signed_in
from tests.stock.making import make_channel, make_point, make_variant, receive
from tests.stock.test_a_rule_is_previewed_before_it_is_saved import typed

pytestmark = pytest.mark.django_db

ADD = "admin:stock_protectionrule_add"


@pytest.fixture(autouse=True)
def _one_level_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection_admin, "LEVELS_AT_ONCE", 1)


@pytest.fixture
def merchandiser() -> Client:
    return signed_in("merchandiser")


@pytest.fixture(autouse=True)
def _stocked() -> None:
    receive(make_variant("SHIRT"), make_point("PARIS", kind="store"), 5)
    receive(make_variant("SHOE"), make_point("LYON", kind="store"), 2)


def asked(client: Client, **values: Any) -> str:
    """The address of the page that waits for the preview of this rule."""
    response = client.post(reverse(ADD), typed(**values))
    assert response.status_code == 302
    return str(response["Location"])


def test_the_page_waits_and_then_shows_the_same_as_a_small_rules(merchandiser: Client) -> None:
    page = asked(merchandiser)
    waiting = merchandiser.get(page)
    assert waiting["Refresh"] == "3"
    assert "Being counted" in waiting.content.decode()
    assert "Save the rule" not in waiting.content.decode()
    drain_events()
    shown = merchandiser.get(page)
    assert "Refresh" not in shown
    hidden = shown.context["preview"]["hidden"]
    assert (hidden.hidden_units, hidden.hidden_skus, hidden.skus_to_zero) == (5, 2, 1)
    assert hidden.histogram == [("1", 0), ("2", 1), ("3–5", 1)]
    assert hidden == hidden_stock(rule=ProtectionRule(code="r", quantity=3), at=clock.now())
    assert "1 SKU could no longer be sold at all." in shown.content.decode()
    assert not ProtectionRule.objects.exists()


def test_the_form_comes_back_as_typed_and_is_saved_from_there(merchandiser: Client) -> None:
    page = asked(merchandiser, quantity="", percent="12.5", kind="store", starts_at_0="2030-01-10", starts_at_1="06:00")
    drain_events()
    shown = merchandiser.get(page)
    form = shown.context["adminform"].form
    values = {name: form[name].value() for name in ("code", "quantity", "kind")}
    assert values == {"code": "r", "quantity": None, "kind": "store"}
    kept = {"quantity": "", "percent": "12.50", "kind": "store", "starts_at_0": "2030-01-10", "starts_at_1": "06:00:00"}
    saved = merchandiser.post(page, typed(**kept, previewed=shown.context["preview"]["confirmed"]))
    assert saved.status_code == 302
    rule = ProtectionRule.objects.get()
    assert (str(rule.percent), rule.kind) == ("12.50", "store")


def test_a_rule_changed_on_that_page_is_counted_anew(merchandiser: Client) -> None:
    page = asked(merchandiser)
    drain_events()
    confirmed = merchandiser.get(page).context["preview"]["confirmed"]
    assert "preview=" in merchandiser.post(page, typed(quantity="4", previewed=confirmed))["Location"]
    assert not ProtectionRule.objects.exists()
    assert [each.rule["quantity"] for each in ProtectionPreview.objects.order_by("pk")] == [3, 4]


def test_a_saved_rule_is_counted_in_place_of_itself(merchandiser: Client) -> None:
    rule = save_rule(rule=ProtectionRule(code="r", quantity=1))
    apply_pending_protection()
    change = reverse("admin:stock_protectionrule_change", args=[rule.pk])
    page = merchandiser.post(change, typed(quantity="3"))["Location"]
    assert page.startswith(change)
    drain_events()
    assert merchandiser.get(page).context["preview"]["hidden"].hidden_units == 3
    # Another rule's page does not show it.
    assert "preview" not in merchandiser.get(f"{reverse(ADD)}?{page.split('?')[1]}").context


def test_its_file_is_written_when_it_is_asked_for_and_saves_nothing(merchandiser: Client) -> None:
    page = asked(merchandiser)
    drain_events()
    preview = merchandiser.get(page).context["preview"]
    of_it = {"previewed": preview["confirmed"], "counted": str(preview["asked"].pk), "_export": "1"}
    back = merchandiser.post(page, typed(**of_it))["Location"]
    assert back == page
    assert merchandiser.get(back)["Refresh"] == "3"
    drain_events()
    link = reverse("admin:stock_protectionpreview_file", args=[preview["asked"].pk])
    assert link in merchandiser.get(back).content.decode()
    lines = b"".join(merchandiser.get(link).streaming_content).decode().split()  # type: ignore[attr-defined]
    assert lines == ["sku,stock_point,before,after", "SHIRT,PARIS,5,2", "SHOE,LYON,2,0"]
    assert not ProtectionRule.objects.exists()
    assert ProtectionPreview.objects.count() == 1


def test_a_small_rule_of_which_a_file_is_asked_is_not_saved(
    merchandiser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The button stands in the same form as the one that saves."""
    monkeypatch.setattr(protection_admin, "LEVELS_AT_ONCE", 1_000)
    confirmed = merchandiser.post(reverse(ADD), typed()).context["preview"]["confirmed"]
    response = merchandiser.post(reverse(ADD), typed(previewed=confirmed, _export="1"))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert not ProtectionRule.objects.exists()


def test_what_no_worker_took_says_so_and_may_be_asked_again(merchandiser: Client) -> None:
    page = asked(merchandiser)
    with clock.clock_at(clock.now() + timedelta(minutes=16)):
        shown = merchandiser.get(page)
    assert "Ask for the preview again." in shown.content.decode()
    assert "Refresh" not in shown


def test_counted_in_parts_is_counted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the size of the parts, also where other places still sell what is emptied here."""
    draw = random.Random(3)
    points = [make_point(f"P{number}", kind=draw.choice(["store", "warehouse"])) for number in range(4)]
    for number in range(30):
        variant = make_variant(f"V{number:02}", category=draw.choice(["tops", "shoes"]))
        for point in points:
            receive(variant, point, draw.randint(0, 9))
    web, at = make_channel("web"), clock.now()
    for values in ({"quantity": 4}, {"percent": 60, "kind": "store"}, {"quantity": 9, "category": "tops"}):
        rule = ProtectionRule(code="r", channel=web, **values)  # type: ignore[misc]
        told: list[int] = []
        monkeypatch.setattr(protection_preview, "VARIANTS_AT_ONCE", 7)
        assert count_hidden(rule=rule, at=at, watch=told.append) == hidden_stock(rule=rule, at=at)
        assert told == [21, 43, 65, 87, 100]


def test_previews_are_forgotten_after_a_day_with_their_files() -> None:
    old = ask_preview(rule=ProtectionRule(code="r", quantity=3), with_file=True)
    drain_events()
    old.refresh_from_db()
    assert old.file.storage.exists(old.file.name)
    with clock.clock_at(clock.now() + timedelta(hours=25)):
        ask_preview(rule=ProtectionRule(code="new", quantity=3))
        assert forget_previews() == 1
    assert not old.file.storage.exists(old.file.name)
    assert ProtectionPreview.objects.get().code == "new"


def test_the_list_of_rules_says_how_far_a_saved_one_is_applied(
    merchandiser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules, watch = reverse("admin:stock_protectionrule_changelist"), reverse("admin:stock_pendingprotection_changelist")
    assert "being applied" not in merchandiser.get(rules).content.decode()
    save_rule(rule=ProtectionRule(code="r", quantity=1))
    monkeypatch.setattr("stock.services.protecting.LEVELS_PER_STEP", 1)
    apply_pending_protection(max_levels=1)
    shown = merchandiser.get(rules)
    assert "Rules are being applied" in shown.content.decode()
    assert 0 < shown.context["applying"].percent <= 100
    assert merchandiser.get(watch)["Refresh"] == "3"
    apply_pending_protection()
    assert "being applied" not in merchandiser.get(rules).content.decode()
    PendingProtection.objects.all().delete()
    assert "Refresh" not in merchandiser.get(watch)
