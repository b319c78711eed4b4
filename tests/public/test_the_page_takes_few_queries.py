"""As many for a large order as for a small one."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from orders.queries.tracking_links import tracking_token
from tests.factories.retailer import Retailer
from tests.public.reading import placed

pytestmark = pytest.mark.django_db

QUERIES = 9


def test_whatever_the_order_holds(retailer: Retailer, django_assert_num_queries: Any) -> None:
    small = placed(retailer, {"shirt": 1})
    retailer.ship(retailer.one_work(small))
    large = placed(retailer, {"shirt": 3, "hat": 2, "coat": 1})
    retailer.ship(retailer.one_work(large))
    for number in (small, large):
        path = f"/order/{tracking_token(number)}/"
        with django_assert_num_queries(QUERIES):
            assert Client().get(path).status_code == 200
