"""On the page of a level, and among protection rules, staff bound to a channel read nothing of another's."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from oms.core.models import User
from oms.core.services.role_sync import sync_roles
from stock.models import ChannelMember, ProtectionRule, SalesChannel, StockLevel
from stock.services.protecting import apply_pending_protection
from stock.services.protection_rules import save_rule
from stock.services.reserving import reserve_stock
from tests.admin.people import signed_in
from tests.stock.making import level_of, make_channel, make_point, make_variant, receive, want

pytestmark = pytest.mark.django_db


@pytest.fixture
def level() -> StockLevel:
    """Twenty shirts; the web and the tills each have a rule and a reservation."""
    paris, shirt = make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 20)
    save_rule(rule=ProtectionRule(code="for-all", quantity=1))
    for code, units in (("web", 2), ("tills", 3)):
        channel = make_channel(code)
        save_rule(rule=ProtectionRule(code=f"for-{code}", channel=channel, quantity=units))
        reserve_stock(owner=f"buyer-{code}:1", channel_id=channel.pk, wants=[want(shirt, paris, units)])
    apply_pending_protection()
    return level_of(shirt, paris)


def bound_to(channel: str) -> Client:
    sync_roles()
    user = User.objects.create_user(f"of-{channel}", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name="merchandiser"))
    ChannelMember.objects.create(user=user, channel=SalesChannel.objects.get(code=channel))
    client = Client()
    client.force_login(user)
    return client


def rule_page(code: str) -> str:
    return reverse("admin:stock_protectionrule_change", args=[ProtectionRule.objects.get(code=code).pk])


def test_the_page_of_a_level(level: StockLevel) -> None:
    address = reverse("admin:stock_stocklevel_change", args=[level.pk])
    everything = signed_in("merchandiser").get(address).context["page"]
    assert [link.rule.code for link in everything.chain] == ["for-all", "for-tills", "for-web"]
    assert ([channel.code for channel, _ in everything.channels], len(everything.reservations)) == (["tills", "web"], 2)
    answer = bound_to("tills").get(address)
    told = answer.context["page"]
    assert [link.rule.code for link in told.chain] == ["for-all", "for-tills"]
    assert [channel.code for channel, _ in told.channels] == ["tills"]
    assert [held.reservation.owner for held in told.reservations] == ["buyer-tills:1"]
    assert "for-web" not in answer.content.decode()
    # What is taken is taken, whoever took it.
    assert (told.waterfall.on_hand, told.waterfall.reserved) == (20, 5)


def test_the_list_of_rules_and_the_page_of_one(level: StockLevel) -> None:
    tills = bound_to("tills")
    listed = tills.get(reverse("admin:stock_protectionrule_changelist")).context["cl"].result_list
    assert [rule.code for rule in listed] == ["for-all", "for-tills"]
    assert [tills.get(rule_page(code)).status_code for code in ("for-all", "for-tills", "for-web")] == [200, 200, 404]


def test_rules_for_all_are_read_and_not_changed(level: StockLevel) -> None:
    tills = bound_to("tills")
    assert tills.post(rule_page("for-all"), {"code": "for-all", "quantity": "9"}).status_code == 403
    assert "for-all" in tills.get(rule_page("for-all")).content.decode()
    answer = tills.post(reverse("admin:stock_protectionrule_add"), {"code": "mine", "quantity": "9"})
    assert answer.context["adminform"].form.errors.keys() == {"channel"}
    web = str(SalesChannel.objects.get(code="web").pk)
    answer = tills.post(reverse("admin:stock_protectionrule_add"), {"code": "mine", "quantity": "9", "channel": web})
    assert answer.context["adminform"].form.errors.keys() == {"channel"}
    own = str(SalesChannel.objects.get(code="tills").pk)
    answer = tills.post(reverse("admin:stock_protectionrule_add"), {"code": "mine", "quantity": "9", "channel": own})
    assert "preview" in answer.context
    assert set(ProtectionRule.objects.values_list("code", "quantity")) == {
        ("for-all", 1),
        ("for-web", 2),
        ("for-tills", 3),
    }
