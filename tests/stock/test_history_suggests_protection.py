"""What history suggests to keep back: by hand-worked figures, with its evidence, and never applied by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from oms.core import clock
from oms.core.bulk import Row
from oms.replenishment.protecting import Experience, suggested_protection
from stock.models import ExpectedReceipt, ProtectionRule, StockLevel
from stock.queries import protection_suggestions
from stock.queries.protection_suggestions import suggested_for, suggested_for_level, suggested_for_rule
from stock.services.counting import approve_count, open_count, submit_count, write_counted
from stock.services.moving import correct_not_found
from stock.services.protecting import apply_pending_protection
from stock.services.protection_rules import save_rule
from tests.admin.people import signed_in
from tests.factories.clients import api_client
from tests.stock.making import arrive, expect, level_of, make_point, make_variant, receive

pytestmark = pytest.mark.django_db


def test_demand_until_the_order_is_picked_with_its_safety():
    told = suggested_protection(Experience(on_hand=20, per_day=1.0), answer_days=1, factor=1.64)
    # 1 + 1.64 × √1
    assert (told.for_demand, told.for_missing, told.units) == (3, 0, 3)


def test_late_receipts_make_the_shop_last_longer():
    told = suggested_protection(
        Experience(on_hand=20, per_day=1.0, late_days=2.0, late_spread_days=1.0), answer_days=1, factor=1.64
    )
    # 3 + 1.64 × √(3 + 1)
    assert told.units == 7


def test_what_is_missing_elsewhere_is_missing_here_too():
    told = suggested_protection(Experience(on_hand=30, per_day=0.0, missing_share=0.1), answer_days=1, factor=1.64)
    assert (told.for_demand, told.for_missing) == (0, 3)


@pytest.fixture
def paris():
    return make_point("PARIS")


def sold(variant, point, units, *, left):
    receive(variant, point, units + left, occurred_at=clock.now() - timedelta(days=40))
    receive(variant, point, -units, kind="sale", occurred_at=clock.now() - timedelta(days=2))


def counted(point, variant, found):
    count = open_count(reference=f"C-{variant.sku}", stock_point=point)
    write_counted(stock_count=count, rows=[Row(0, {"sku": variant.sku, "counted": found})])
    submit_count(stock_count=count)
    approve_count(stock_count=count)


def test_sales_counts_declines_and_late_receipts_are_its_evidence(paris):
    shirt, hat = make_variant("SHIRT"), make_variant("HAT")
    sold(shirt, paris, 28, left=20)
    receive(hat, paris, 45)
    counted(paris, hat, 42)
    correct_not_found(variant_id=hat.pk, stock_point_id=paris.pk, units_known=40, reference="reservation:1")
    # A decline corrects the record; an adjustment somebody reported is no decline.
    receive(hat, paris, -10, kind="adjustment", reference="theft")
    for number in range(3):
        expect(hat, paris, 1, reference=f"PO-{number}", days=-2)
        arrive(hat, paris, 1, reference=f"PO-{number}")
    told = suggested_for_level(level_of(shirt, paris))
    assert (told.sold, told.sold_days, told.protected) == (28, 28, 0)
    assert (told.missing, told.looked_for) == (5, 47)
    assert told.receipts == 3 and told.experience.late_days == 2.0
    # 1 a day × (1 + 2) days + 1.64 × √3 = 5.8; a tenth and a bit of 20 is missing.
    assert (told.suggestion.for_demand, told.suggestion.for_missing, told.suggested) == (6, 3, 9)
    assert level_of(shirt, paris).protected == 0
    assert ExpectedReceipt.objects.count() == 3


def test_too_little_evidence_tells_nothing(paris):
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 10)
    counted(paris, shirt, 5)
    told = suggested_for_level(level_of(shirt, paris))
    assert (told.missing, told.looked_for, told.experience.missing_share, told.suggested) == (5, 10, 0.0, 0)


def test_sales_of_a_shelf_that_ran_out_are_those_before_it_did(paris):
    shirt = make_variant("SHIRT")
    receive(shirt, paris, 28, occurred_at=clock.now() - timedelta(days=90))
    receive(shirt, paris, -28, kind="sale", occurred_at=clock.now() - timedelta(days=70))
    assert suggested_for_level(level_of(shirt, paris)).sold == 28


def test_many_levels_take_as_many_queries_as_one(paris):
    for _ in range(5):
        receive(make_variant(), paris, 3)
    ids = list(StockLevel.objects.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as caught:
        assert len(suggested_for(ids)) == 5
    assert len(caught) == 3


def test_it_is_shown_beside_what_is_kept_now_in_the_admin_and_the_api(paris):
    shirt = make_variant("SHIRT")
    sold(shirt, paris, 28, left=20)
    rule = ProtectionRule(code="keep", quantity=1, stock_point=paris)
    save_rule(rule=rule)
    apply_pending_protection()
    merchandiser = signed_in("merchandiser")
    level = merchandiser.get(reverse("admin:stock_stocklevel_change", args=[level_of(shirt, paris).pk]))
    assert "Kept back now: <strong>1</strong>. Suggested: <strong>3</strong>." in level.content.decode()
    page = merchandiser.get(reverse("admin:stock_protectionrule_change", args=[rule.pk])).content.decode()
    assert "1 levels keep 1 units back; history suggests 3, in the middle 3 a level" in page
    (told,) = api_client("stock:read").get("/protection-suggestions/", sku="SHIRT").json()["results"]
    assert (told["protected"], told["suggested"], told["sold"], told["late_days"]) == (1, 3, 28, 0.0)
    assert level_of(shirt, paris).protected == 1


def stores_of_which_the_last_sell(count: int, *, selling: int) -> ProtectionRule:
    """So many stores with one article; only the last of them sell it, 28 in 28 days."""
    shirt = make_variant("SHIRT")
    for number in range(count):
        point = make_point(f"STORE-{number:02}")
        if number < count - selling:
            receive(shirt, point, 5)
        else:
            sold(shirt, point, 28, left=20)
    rule = ProtectionRule(code="keep", quantity=1, kind="store")
    save_rule(rule=rule)
    apply_pending_protection()
    return rule


@pytest.mark.parametrize("listed_at_most", [100, 15])
def test_of_many_levels_a_sample_of_all_is_told_and_not_the_first(monkeypatch, listed_at_most):
    """Half of twenty stores sell, the later ones: the first ten would suggest nothing."""
    rule = stores_of_which_the_last_sell(20, selling=10)
    monkeypatch.setattr(protection_suggestions, "LEVELS_AT_MOST", 10)
    monkeypatch.setattr(protection_suggestions, "LISTED_AT_MOST", listed_at_most)
    told = suggested_for_rule(rule)
    assert (told.levels, told.is_sample, told.protected_each) == (10, True, 1.0)
    assert 6 <= told.suggested <= 24
    assert told.suggested % 3 == 0
    page = signed_in("merchandiser").get(reverse("admin:stock_protectionrule_change", args=[rule.pk]))
    assert "A sample of 10 levels, spread over all it covers, keeps 1.00 units back a level" in page.content.decode()


def test_of_few_levels_all_are_told(paris):
    rule = stores_of_which_the_last_sell(4, selling=2)
    told = suggested_for_rule(rule)
    assert (told.levels, told.is_sample, told.protected, told.suggested) == (4, False, 4, 6)
