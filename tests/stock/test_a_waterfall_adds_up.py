"""Where more is kept back, promised or set aside than there is, the page's figures still add up."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from stock.models import ProtectionRule, StockLevel
from stock.queries.availability import Waterfall
from stock.services.protecting import apply_pending_protection
from stock.services.protection_rules import save_rule
from tests.admin.people import signed_in
from tests.stock.making import make_point, make_variant, receive


@pytest.mark.parametrize(
    ("figures", "kept_back", "missing"),
    [
        ((10, 2, 1, 3), 3, 0),
        ((1, 0, 0, 3), 1, 0),
        ((5, 3, 1, 3), 1, 0),
        ((6, 0, 99, 3), 0, 93),
        ((2, 3, 0, 0), 0, 1),
        ((-2, 0, 0, 3), 0, 2),
        ((0, 0, 0, 0), 0, 0),
    ],
)
def test_what_is_kept_back_is_no_more_than_there_is(
    figures: tuple[int, int, int, int], kept_back: int, missing: int
) -> None:
    waterfall = Waterfall(*figures)
    assert (waterfall.kept_back, waterfall.missing) == (kept_back, missing)
    taken = waterfall.reserved + waterfall.unavailable + waterfall.kept_back
    assert waterfall.on_hand - taken + waterfall.missing == waterfall.available


@pytest.mark.django_db
def test_the_page_says_how_much_was_to_be_kept_back() -> None:
    level = receive(make_variant("SHIRT"), make_point("PARIS"), 1)
    save_rule(rule=ProtectionRule(code="three", quantity=3))
    apply_pending_protection()
    merchandiser, address = signed_in("merchandiser"), reverse("admin:stock_stocklevel_change", args=[level.pk])
    page = merchandiser.get(address).content.decode()
    assert figures_shown(page) == [1, 0, 0, 1, 0]
    assert "(3 to be kept back, 1 left there)" in page
    StockLevel.objects.update(reserved=2)
    page = merchandiser.get(address).content.decode()
    assert figures_shown(page) == [1, 2, 0, 0, 1, 0]
    assert "(3 to be kept back, 0 left there)" in page


def figures_shown(page: str) -> list[int]:
    (table,) = re.findall(r'<table class="halles-waterfall halles-falls">.*?</table>', page, re.DOTALL)
    return [int(figure) for figure in re.findall(r"</th><td>(\d+)</td>", table)]
