"""A level that a feed creates is protected from its first moment."""

import pytest

from stock.models import ProtectionRule
from tests.stock.feeds.feeding import feed, file_of, make_network
from tests.stock.making import level_of

pytestmark = pytest.mark.django_db


def test_by_the_rules_in_force() -> None:
    (a, *_), (paris, lyon) = make_network()
    ProtectionRule.objects.create(code="two-in-paris", quantity=2, stock_point=paris, is_applied=True)
    feed(file_of("A,paris,5", "A,lyon,5"))
    assert (level_of(a, paris).protected, level_of(a, lyon).protected) == (2, 0)
