"""The most specific rule of a level wins; between equals the larger quantity."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from oms.core import clock
from stock.models import LevelProtection, PendingProtection, ProtectionRule, StockLevel, StockPointGroup
from stock.queries import protection_preview
from stock.queries.availability import available_by_point
from stock.services.protecting import apply_pending_protection
from tests.stock.calling import Caller
from tests.stock.making import NOON, level_of, make_channel, make_point, make_variant, receive
from tests.support.concurrently import Elsewhere
from tests.support.holding import assert_invariants_hold
from tests.support.horizon import wait_for_foreign_transactions

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp():
    return Caller()


@pytest.fixture
def paris():
    south = StockPointGroup.objects.create(code="south")
    point = make_point("PARIS", kind="store")
    point.groups.add(south)
    return point


@pytest.fixture
def shirt(paris):
    variant = make_variant("SHIRT", category="tops")
    receive(variant, paris, 20)
    return variant


def save(erp: Caller, *rows: dict) -> None:
    status, answer = erp.put("/protection-rules/", list(rows))
    assert (status, answer["errors"]) == (200, [])


def protected(variant, point, channel) -> int:
    return available_by_point(channel_id=channel.pk, variant_ids=[variant.pk])[variant.pk, point.pk].protected


ARTICLES = [{}, {"category": "tops"}, {"product": "P-SHIRT"}, {"sku": "SHIRT"}]
PLACES = [{}, {"kind": "store"}, {"group": "south"}, {"stock_point": "PARIS"}]
CHANNELS = [{}, {"channel": "web"}]
SCOPES = [(article, place, channel) for article in range(4) for place in range(4) for channel in range(2)]


def rule_of(scope: tuple[int, int, int], **figure: object) -> dict:
    article, place, channel = scope
    return {"code": "-".join(map(str, scope)), **ARTICLES[article], **PLACES[place], **CHANNELS[channel], **figure}


@pytest.mark.parametrize("weaker", range(len(SCOPES) - 1))
def test_each_scope_is_overruled_by_the_next_more_specific_one(erp, paris, shirt, weaker):
    """Article before place before channel; the weaker rule asks for more, so that it is not the figure that wins."""
    web = make_channel("web")
    save(erp, rule_of(SCOPES[weaker], quantity=9), rule_of(SCOPES[weaker + 1], quantity=2))
    assert protected(shirt, paris, web) == 2


def test_between_equals_the_larger_quantity_wins_units_or_share(erp, paris, shirt):
    web = make_channel("web")
    save(
        erp,
        {"code": "a", "category": "tops", "quantity": 3},
        {"code": "b", "category": "tops", "quantity": 5},
        {"code": "c", "category": "tops", "percent": "10.0"},
    )
    assert protected(shirt, paris, web) == 5
    receive(shirt, paris, 80)
    assert protected(shirt, paris, web) == 10


def test_a_rule_for_a_channel_leaves_the_others_under_the_general_one(erp, paris, shirt):
    web, market = make_channel("web"), make_channel("market")
    save(erp, {"code": "all", "quantity": 2}, {"code": "market", "channel": "market", "quantity": 7})
    assert (protected(shirt, paris, web), protected(shirt, paris, market)) == (2, 7)


def test_a_rule_of_nothing_frees_an_article_for_a_channel(erp, paris, shirt):
    web, market = make_channel("web"), make_channel("market")
    save(erp, {"code": "all", "quantity": 5}, {"code": "free", "channel": "web", "sku": "SHIRT", "quantity": 0})
    assert (protected(shirt, paris, web), protected(shirt, paris, market)) == (0, 5)


def test_a_rule_covers_only_its_place_and_article(erp, paris, shirt):
    web, lyon, shoe = make_channel("web"), make_point("LYON", kind="warehouse"), make_variant("SHOE", category="shoes")
    receive(shirt, lyon, 20)
    receive(shoe, paris, 20)
    save(erp, {"code": "tops-in-stores", "category": "tops", "kind": "store", "quantity": 4})
    assert protected(shirt, paris, web) == 4
    assert protected(shirt, lyon, web) == 0
    assert protected(shoe, paris, web) == 0


def test_a_changed_rule_gives_back_what_it_no_longer_covers(erp, paris, shirt):
    web, shoe = make_channel("web"), make_variant("SHOE", category="shoes")
    receive(shoe, paris, 20)
    save(erp, {"code": "r", "sku": "SHIRT", "quantity": 4})
    assert (protected(shirt, paris, web), protected(shoe, paris, web)) == (4, 0)
    save(erp, {"code": "r", "sku": "SHOE"})
    assert (protected(shirt, paris, web), protected(shoe, paris, web)) == (0, 4)
    save(erp, {"code": "r", "category": "tops", "percent": "50"})
    assert (protected(shirt, paris, web), protected(shoe, paris, web)) == (10, 0)
    rule = ProtectionRule.objects.get()
    assert (rule.quantity, rule.percent, rule.variant, rule.category) == (None, Decimal("50.00"), None, "tops")


def test_a_rule_starts_and_ends_at_its_times(erp, paris, shirt):
    web = make_channel("web")
    with clock.set_clock(NOON) as time:
        starts_at, ends_at = (NOON + timedelta(hours=hours) for hours in (1, 2))
        save(
            erp,
            {"code": "r", "quantity": 4, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat()},
        )
        assert protected(shirt, paris, web) == 0
        time.advance(timedelta(minutes=59))
        apply_pending_protection()
        assert protected(shirt, paris, web) == 0
        time.move_to(starts_at)
        apply_pending_protection()
        assert protected(shirt, paris, web) == 4
        time.move_to(ends_at)
        apply_pending_protection()
        assert protected(shirt, paris, web) == 0


def test_nothing_due_asks_two_questions_and_writes_nothing(erp, paris, shirt, django_assert_max_num_queries):
    save(erp, {"code": "r", "quantity": 4})
    apply_pending_protection()
    PendingProtection.objects.all().delete()
    # Two savepoints, the rules that are due, the scopes that wait.
    with django_assert_max_num_queries(8) as captured:
        assert apply_pending_protection() == 0
    assert not [query["sql"] for query in captured if query["sql"].startswith(("UPDATE", "INSERT", "DELETE"))]


def test_a_level_born_later_is_protected_from_its_first_moment(erp, paris, shirt):
    web = make_channel("web")
    save(erp, {"code": "r", "category": "tops", "quantity": 4}, {"code": "w", "channel": "web", "quantity": 1})
    blouse, hat = make_variant("BLOUSE", category="tops"), make_variant("HAT", category="hats")
    receive(blouse, paris, 6)
    receive(hat, paris, 6)
    assert level_of(blouse, paris).protected == 4
    assert protected(blouse, paris, web) == 4
    assert protected(hat, paris, web) == 1


def test_a_point_that_changes_groups_or_kind_and_an_article_that_changes_category_come_under_other_rules(
    erp, paris, shirt
):
    web = make_channel("web")
    save(
        erp,
        {"code": "north", "group": "south", "quantity": 3},
        {"code": "depots", "kind": "warehouse", "quantity": 5},
        {"code": "shoes", "category": "shoes", "quantity": 8},
    )
    assert protected(shirt, paris, web) == 3
    erp.put("/stock-points/", [{"code": "PARIS", "groups": []}])
    assert protected(shirt, paris, web) == 0
    erp.put("/stock-points/", [{"code": "PARIS", "kind": "warehouse"}])
    assert protected(shirt, paris, web) == 5
    erp.put("/variants/", [{"sku": "SHIRT", "product": {"code": "P-SHIRT", "category": "shoes"}}])
    assert protected(shirt, paris, web) == 8
    erp.put("/variants/", [{"sku": "SHIRT", "product": {"code": "OTHER", "name": "Other", "category": "hats"}}])
    assert protected(shirt, paris, web) == 5
    assert_invariants_hold()


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"code": "r"}, "invalid"),
        ({"code": "r", "quantity": 1, "percent": "5"}, "invalid"),
        ({"code": "r", "percent": "101"}, "invalid"),
        ({"code": "r", "quantity": -1}, "invalid"),
        ({"code": "r", "quantity": 1, "stock_point": "PARIS", "kind": "store"}, "invalid"),
        ({"code": "r", "quantity": 1, "sku": "SHIRT", "category": "tops"}, "invalid"),
        ({"code": "r", "quantity": 1, "stock_point": "NOPE"}, "unknown_stock_point"),
        ({"code": "r", "quantity": 1, "sku": "NOPE"}, "unknown_sku"),
        ({"code": "r", "quantity": 1, "channel": "NOPE"}, "unknown_channel"),
        ({"code": "r", "quantity": 1, "group": "NOPE"}, "unknown_group"),
        ({"code": "r", "quantity": 1, "product": "NOPE"}, "unknown_product"),
        (
            {"code": "r", "quantity": 1, "starts_at": "2026-01-02T00:00:00Z", "ends_at": "2026-01-01T00:00:00Z"},
            "invalid",
        ),
    ],
)
def test_a_wrong_rule_is_refused_and_protects_nothing(erp, paris, shirt, row, code):
    answer = erp.put("/protection-rules/", [row])[1]
    assert [error["code"] for error in answer["errors"]] == [code]
    assert not ProtectionRule.objects.exists()
    assert level_of(shirt, paris).protected == 0


def test_a_bound_key_rules_over_its_own_stock_points_only(erp, paris, shirt):
    make_point("LYON")
    store = Caller("store", stock_points=["LYON"])
    rows = [
        {"code": "a", "quantity": 1},
        {"code": "b", "quantity": 1, "stock_point": "PARIS"},
        {"code": "c", "quantity": 1, "stock_point": "LYON"},
    ]
    answer = store.put("/protection-rules/", rows)[1]
    assert [(error["index"], error["code"]) for error in answer["errors"]] == [
        (0, "unknown_stock_point"),
        (1, "unknown_stock_point"),
    ]
    save(erp, {"code": "theirs", "quantity": 1, "stock_point": "PARIS"})
    answer = store.put("/protection-rules/", [{"code": "theirs", "stock_point": "LYON"}])[1]
    assert answer["errors"][0]["code"] == "unknown_stock_point"


def test_a_preview_tells_what_would_be_hidden_and_saves_nothing(erp, paris, shirt):
    make_channel("web")
    lyon, shoe, hat = make_point("LYON"), make_variant("SHOE"), make_variant("HAT")
    receive(shirt, lyon, 3)
    receive(shoe, paris, 2)
    receive(hat, paris, 0)
    status, answer = erp.post("/protection-rules/preview/", {"code": "r", "quantity": 5, "kind": "store"})
    assert status == 200
    assert answer == {
        "hidden_units": 10,
        "hidden_skus": 2,
        "skus_to_zero": 1,
        "top": [
            {"sku": "SHIRT", "stock_point": "PARIS", "before": 20, "after": 15},
            {"sku": "SHIRT", "stock_point": "LYON", "before": 3, "after": 0},
            {"sku": "SHOE", "stock_point": "PARIS", "before": 2, "after": 0},
        ],
    }
    assert not ProtectionRule.objects.exists()
    assert not PendingProtection.objects.exists()
    assert level_of(shirt, paris).protected == 0


def test_a_preview_that_takes_too_long_is_given_up_and_says_what_to_do(erp, paris, shirt, settings, monkeypatch):
    settings.PROTECTION_PREVIEW_MS = 50
    slow = protection_preview._SUMMARY.replace(
        "SELECT coalesce(sum(hidden)", "SELECT pg_sleep(5), coalesce(sum(hidden)"
    )
    monkeypatch.setattr(protection_preview, "_SUMMARY", slow)
    status, answer = erp.post("/protection-rules/preview/", {"quantity": 1})
    assert (status, answer["code"], answer["data"]) == (422, "preview_too_large", {"waited_ms": 50})
    monkeypatch.undo()
    assert erp.post("/protection-rules/preview/", {"quantity": 1})[0] == 200


def test_a_preview_of_a_rule_that_exists_changes_what_it_names_and_keeps_nothing(erp, paris, shirt):
    save(erp, {"code": "few", "sku": "SHIRT", "quantity": 1})
    pending = PendingProtection.objects.count()
    answer = erp.post("/protection-rules/preview/", {"code": "few", "quantity": 4})[1]
    assert answer["top"] == [{"sku": "SHIRT", "stock_point": "PARIS", "before": 19, "after": 16}]
    assert ProtectionRule.objects.get().quantity == 1
    assert PendingProtection.objects.count() == pending


def test_a_preview_counts_a_sku_as_gone_only_where_no_other_point_has_any(erp, paris, shirt):
    make_channel("web")
    receive(shirt, make_point("DEPOT", kind="warehouse"), 1)
    rule = {"quantity": 50, "kind": "store"}
    assert erp.post("/protection-rules/preview/", rule)[1]["skus_to_zero"] == 0
    assert erp.post("/protection-rules/preview/", {"quantity": 50})[1]["skus_to_zero"] == 1


def test_a_preview_of_a_channels_rule_looks_at_the_points_that_feed_it(erp, paris, shirt):
    lyon = make_point("LYON")
    receive(shirt, lyon, 10)
    make_channel("market", points=[lyon])
    answer = erp.post("/protection-rules/preview/", {"percent": "25.0", "channel": "market"})[1]
    assert answer["top"] == [{"sku": "SHIRT", "stock_point": "LYON", "before": 10, "after": 7}]
    assert answer["hidden_units"] == 3


def test_a_preview_of_a_weaker_rule_hides_nothing(erp, paris, shirt):
    save(erp, {"code": "strong", "sku": "SHIRT", "quantity": 1})
    assert erp.post("/protection-rules/preview/", {"quantity": 10})[1]["hidden_units"] == 0


@pytest.mark.django_db(transaction=True)
def test_a_level_created_while_a_rule_is_applied_gets_it_on_the_second_walk():
    erp, paris, shirt = Caller(), make_point("PARIS"), make_variant("SHIRT")

    def save_rule() -> None:
        save(erp, {"code": "r", "quantity": 4})
        assert apply_pending_protection() == 0

    with transaction.atomic():
        receive(shirt, paris, 10)
        with Elsewhere(save_rule) as other:
            other.result()
    assert level_of(shirt, paris).protected == 0
    assert PendingProtection.objects.count() == 1
    wait_for_foreign_transactions()
    assert apply_pending_protection() == 1
    assert level_of(shirt, paris).protected == 4
    assert not PendingProtection.objects.exists()
    assert_invariants_hold()


def test_rules_over_many_levels_are_applied_in_few_statements(erp, paris, django_assert_max_num_queries):
    variants = [make_variant(category="tops") for _ in range(200)]
    StockLevel.objects.bulk_create(StockLevel(variant=variant, stock_point=paris) for variant in variants)
    with django_assert_max_num_queries(40):
        save(erp, {"code": "a", "category": "tops", "quantity": 4}, {"code": "b", "kind": "store", "quantity": 1})
    assert StockLevel.objects.filter(protected=4).count() == 200
    assert not LevelProtection.objects.exists()
