"""The nightly reconciliation tells which levels do not say what proves them, and changes none of them."""

import html
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from oms.core import clock
from oms.core.errors import StateConflict
from oms.core.models import AuditEntry
from oms.core.queries.references import Reference, named_references
from stock.admin.articles import level_address
from stock.models import LevelDifference, StockLevel
from stock.services.correcting import Unsellable, mark_all_unavailable, mark_unavailable
from stock.services.reconciling import reconcile_nightly, reconcile_stock, repair_difference
from stock.services.reserving import reserve_stock
from tests.admin.people import signed_in
from tests.stock.making import figures, make_channel, make_point, make_variant, receive, want
from tests.support.holding import assert_invariants_hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    """Ten in Paris, two of them reserved; all is well."""
    paris, shirt = make_point("PARIS"), make_variant("SHIRT")
    receive(shirt, paris, 10)
    reserve_stock(owner="buyer:1", channel_id=make_channel().pk, wants=[want(shirt, paris, 2)])
    return paris, shirt


def differences() -> list[tuple[str, int, int, bool]]:
    """(figure, kept, proven, is open)."""
    rows = LevelDifference.objects.order_by("figure", "pk")
    return [(row.figure, row.kept, row.proven, row.ended_at is None) for row in rows]


def test_where_all_is_well_it_finds_nothing(world):
    assert (reconcile_stock(), differences()) == (0, [])


def test_it_reports_and_mends_nothing(world):
    paris, shirt = world
    StockLevel.objects.update(on_hand=13, reserved=1)
    assert reconcile_stock() == 2
    assert differences() == [("on_hand", 13, 10, True), ("reserved", 1, 2, True)]
    assert figures(shirt, paris) == (13, 1, 0)
    assert reconcile_stock() == 2
    assert len(differences()) == 2
    with pytest.raises(SystemExit):
        call_command("reconcile_stock")


def mark(variant, point, quantity: int, reason: str, reference: str) -> None:
    mark_unavailable(
        variant_id=variant.pk, stock_point_id=point.pk, quantity=quantity, reason=reason, reference=reference
    )


def test_units_that_nobody_set_aside_are_reported_and_mended(world):
    paris, shirt = world
    mark(shirt, paris, 3, "damaged", "a")
    StockLevel.objects.update(unavailable=7)
    assert (reconcile_stock(), differences()) == (1, [("unavailable", 7, 3, True)])
    assert repair_difference(difference=LevelDifference.objects.get()) == (7, 3)
    assert figures(shirt, paris) == (10, 2, 3)
    assert AuditEntry.objects.get(action="stock_level.repaired").changes == {"unavailable": {"from": 7, "to": 3}}
    assert_invariants_hold()


def test_what_was_cut_off_at_zero_is_no_difference(world):
    """A file has said that nothing is unavailable; then what it did not know of was given back."""
    paris, shirt = world
    mark(shirt, paris, 2, "to_inspect", "return:1")
    mark(shirt, paris, -2, "other", "import:1")
    settled = [
        Unsellable(shirt.pk, paris.pk, -2, "to_inspect"),
        Unsellable(shirt.pk, paris.pk, 1, "to_repair"),
    ]
    mark_all_unavailable(entries=settled, reference="return:1:settled")
    assert figures(shirt, paris) == (10, 2, 1)
    assert reconcile_stock() == 0
    mark(shirt, paris, -4, "other", "b")
    mark(shirt, paris, 1, "damaged", "c")
    assert figures(shirt, paris) == (10, 2, 1)
    assert reconcile_stock() == 0
    assert_invariants_hold()


def test_what_is_gone_is_closed_and_may_come_again(world):
    StockLevel.objects.update(on_hand=13)
    reconcile_stock()
    StockLevel.objects.update(on_hand=10)
    assert reconcile_stock() == 0
    assert differences() == [("on_hand", 13, 10, False)]
    StockLevel.objects.update(on_hand=12)
    reconcile_stock()
    assert differences() == [("on_hand", 13, 10, False), ("on_hand", 12, 10, True)]


def test_a_level_is_mended_to_what_proves_it_then_and_it_stands_in_the_audit(world):
    paris, shirt = world
    StockLevel.objects.update(on_hand=13)
    reconcile_stock()
    receive(shirt, paris, 5)  # meanwhile
    difference = LevelDifference.objects.get()
    assert repair_difference(difference=difference) == (18, 15)
    assert figures(shirt, paris) == (15, 2, 0)
    entry = AuditEntry.objects.get(action="stock_level.repaired")
    assert entry.changes == {"on_hand": {"from": 18, "to": 15}}
    with pytest.raises(StateConflict):
        repair_difference(difference=difference)
    assert_invariants_hold()


def test_whoever_may_repairs_in_the_admin_and_others_do_not(world):
    paris, shirt = world
    StockLevel.objects.update(reserved=5)
    reconcile_stock()
    chosen = {"action": "repair", "_selected_action": [LevelDifference.objects.get().pk]}
    page = reverse("admin:stock_leveldifference_changelist")
    signed_in("merchandiser").post(page, chosen)
    assert figures(shirt, paris) == (10, 5, 0)
    signed_in("head_office").post(page, chosen)
    assert figures(shirt, paris) == (10, 2, 0)
    assert LevelDifference.objects.get().ended_by == AuditEntry.objects.get(action="stock_level.repaired").actor


def test_its_page_has_the_button_for_whoever_may_and_as_long_as_it_differs(world):
    StockLevel.objects.update(reserved=5)
    reconcile_stock()
    page = reverse("admin:stock_leveldifference_change", args=[LevelDifference.objects.get().pk])
    button = 'name="action" value="repair"'
    assert button not in signed_in("merchandiser").get(page).content.decode()
    office = signed_in("head_office")
    before, form, _ = office.get(page).content.decode().partition('id="leveldifference_form"')
    assert button in before and form, "a form within a form is none"
    repair_difference(difference=LevelDifference.objects.get())
    assert button not in office.get(page).content.decode()


def test_its_page_says_that_it_is_open_and_leads_to_the_level(world):
    paris, shirt = world
    StockLevel.objects.update(reserved=5)
    reconcile_stock()
    difference = LevelDifference.objects.get()
    page, office = reverse("admin:stock_leveldifference_change", args=[difference.pk]), signed_in("head_office")
    told = office.get(page).content.decode()
    assert "open: it differs" in told and level_address(shirt.sku, paris.code) in html.unescape(told)
    assert "Repaired by" not in told and "Empty: it was gone." not in told
    repair_difference(difference=difference)
    told = office.get(page).content.decode()
    assert "open: it differs" not in told and "Repaired by" in told


def test_the_audit_names_the_level_and_leads_to_it(world):
    StockLevel.objects.update(reserved=5)
    reconcile_stock()
    repair_difference(difference=LevelDifference.objects.get())
    level = StockLevel.objects.get()
    named = named_references([f"stock_level:{level.pk}", "stock_level:0"])
    page = reverse("admin:stock_stocklevel_change", args=[level.pk])
    assert named == {
        f"stock_level:{level.pk}": Reference("SHIRT @ PARIS", page),
        "stock_level:0": Reference("stock_level:0"),
    }
    told = signed_in("head_office").get(reverse("admin:core_auditentry_changelist")).content.decode()
    assert f'href="{page}">SHIRT @ PARIS</a>' in told


def test_two_schedulers_reconcile_once_a_night_and_a_missed_night_is_made_up_for(world):
    assert (reconcile_nightly(), reconcile_nightly()) == (0, None)
    with clock.set_clock(clock.now() + timedelta(days=3)):
        assert (reconcile_nightly(), reconcile_nightly()) == (0, None)
