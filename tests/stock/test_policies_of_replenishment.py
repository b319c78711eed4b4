"""What people decide about replenishing: the most specific policy that says something of a value decides it."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.urls import reverse

from oms.core.models import AuditEntry
from stock.admin.replenishment_policies import ReplenishmentPolicyForm
from stock.models import Banner, ReplenishmentPolicy, StockPointGroup, Transfer
from stock.queries.replenishment_policies import decided_for, told
from stock.services.replenishing import replenish_stock
from tests.stock.making import expect, make_point
from tests.stock.test_transfers_are_proposed_accepted_and_received import Network

pytestmark = pytest.mark.django_db


def policy(**values) -> ReplenishmentPolicy:
    return ReplenishmentPolicy.objects.create(**values)


@pytest.fixture
def paris():
    banner = Banner.objects.create(code="ATELIER", name="Atelier", currency="EUR")
    point = make_point("PARIS", banner=banner)
    point.groups.set(StockPointGroup.objects.create(code=code, name=code) for code in ("B-CENTRE", "A-LARGE"))
    return point


def test_each_value_is_decided_by_the_most_specific_that_says_it(paris):
    policy(cover_days=1, safety_days=1, keeps=1, sends_at_most=1, gives_returned=True, gives_slow=False)
    policy(banner=paris.banner, cover_days=2, safety_days=2, keeps=2, sends_at_most=2)
    for group in paris.groups.all():
        number = 3 if group.code == "A-LARGE" else 9
        policy(group=group, cover_days=number, safety_days=number, keeps=number)
    policy(stock_point=paris, cover_days=0)
    policy(stock_point=make_point("LYON"), cover_days=77)
    found = decided_for([paris])[paris.pk]
    terms = found.terms
    assert (terms.cover_days, terms.safety_days, terms.keeps, terms.sends_at_most) == (0, 3, 3, 2)
    assert (terms.gives_returned, terms.gives_slow) == (True, False)
    assert found.said_by == {
        "cover_days": ("stock_point", "PARIS"),
        "safety_days": ("group", "A-LARGE"),
        "keeps": ("group", "A-LARGE"),
        "sends_at_most": ("banner", "ATELIER"),
        "gives_returned": ("network", ""),
        "gives_slow": ("network", ""),
    }


def test_where_nobody_says_anything_the_settings_decide(paris, settings):
    settings.REPLENISHMENT_COVER_DAYS = 21
    found = decided_for([paris])[paris.pk]
    assert found.figures(["cover_days", "keeps"]) == {
        "cover_days": [21, "settings", ""],
        "keeps": [None, "settings", ""],
    }


def test_it_takes_three_queries_for_any_number_of_stock_points(paris, django_assert_num_queries):
    policy(keeps=1)
    points = [paris, *(make_point() for _ in range(20))]
    with django_assert_num_queries(3):
        assert {each.terms.keeps for each in decided_for(points).values()} == {1}


def test_a_proposal_follows_the_policy_and_says_so(admin_client):
    network = Network()
    policy(cover_days=30)
    policy(stock_point=network.warehouse, keeps=20, sends_at_most=25)
    replenish_stock()
    transfer = Transfer.objects.proposed().get()
    # It needs 36; the warehouse could spare 30 of its 50, and sends 25.
    assert (transfer.figures["need"], transfer.quantity) == (36, 25)
    assert (transfer.figures["lasts_days"], transfer.figures["giver_keeps"]) == (33, 25)
    page = admin_client.get(reverse("admin:stock_transfer_change", args=[transfer.pk])).content.decode()
    assert "days of cover wanted: 30 (the whole network) · safety days: 0 (settings)" in page
    assert "least to keep: 20 (stock point DEPOT) · most to send: 25 (stock point DEPOT)" in page


def test_a_store_whose_cover_is_short_does_not_wait_for_what_comes_later():
    network = Network()
    expect(network.shirt, network.paris, 20, days=10)
    replenish_stock()
    assert Transfer.objects.proposed().count() == 0
    policy(stock_point=network.paris, cover_days=2)
    replenish_stock()
    assert Transfer.objects.proposed().get().quantity == 8


def test_what_is_told_is_words_and_figures():
    figures = {"gives_slow": [False, "group", "CENTRE"], "sends_at_most": [None, "settings", ""]}
    assert told(figures) == ["most to send: not said (settings)", "gives slow stock: no (group CENTRE)"]


def test_there_is_one_policy_for_a_scope_and_one_scope_for_a_policy(paris):
    policy(keeps=1)
    with pytest.raises(ValidationError, match="already"):
        form = ReplenishmentPolicyForm({"keeps": 2})
        form.is_valid()
        raise ValidationError(form.non_field_errors())
    form = ReplenishmentPolicyForm({"stock_point": paris.pk, "banner": paris.banner.pk})
    assert not form.is_valid()
    with pytest.raises(IntegrityError):
        policy(stock_point=paris, banner=paris.banner)


def test_it_is_written_in_the_admin_with_its_audit(admin_client, paris):
    add = reverse("admin:stock_replenishmentpolicy_add")
    sent = admin_client.post(add, {"stock_point": paris.pk, "cover_days": 9, "gives_slow": "false"})
    assert sent.status_code == 302, sent.context["adminform"].form.errors
    made = ReplenishmentPolicy.objects.get()
    assert (made.stock_point, made.cover_days, made.gives_slow, made.gives_returned) == (paris, 9, False, None)
    assert AuditEntry.objects.get(action="replenishment_policy.saved").changes["cover_days"] == 9
    listed = admin_client.get(reverse("admin:stock_replenishmentpolicy_changelist")).content.decode()
    assert "PARIS" in listed
    assert "as the wider policy says" in listed
    page = reverse("admin:stock_replenishmentpolicy_change", args=[made.pk])
    form = admin_client.get(page).context["adminform"].form
    assert (form["gives_slow"].value(), form["gives_returned"].value()) == ("false", "")
    assert admin_client.post(page, {"cover_days": 9, "gives_returned": "true", "gives_slow": ""}).status_code == 302
    made.refresh_from_db()
    assert (made.gives_slow, made.gives_returned) == (None, True)
    gone = admin_client.post(reverse("admin:stock_replenishmentpolicy_delete", args=[made.pk]), {"post": "yes"})
    assert (gone.status_code, ReplenishmentPolicy.objects.count()) == (302, 0)
    assert AuditEntry.objects.filter(action="replenishment_policy.deleted").count() == 1
