"""What is only put aside was never charged, and says where it is paid."""

from __future__ import annotations

import pytest

from orders.services.uncollecting import put_back_uncollected
from tests.factories.retailer import Json, Retailer
from tests.public.reading import page, placed

pytestmark = pytest.mark.django_db


def put_aside(retailer: Retailer) -> tuple[str, Json]:
    number = placed(retailer, {"shirt": 2}, mode="e_reservation", pickup_point="paris", payments=[])
    return number, retailer.pick(retailer.accept(retailer.one_work(number)))


def test_until_it_is_collected_and_then(retailer: Retailer) -> None:
    number, ready = put_aside(retailer)
    assert "Total, to be paid in the store €20.00" in page(number)
    retailer.move(ready, "collect", {"code": retailer.code_for(ready)})
    assert "Total, paid in the store €20.00" in page(number)


def test_one_that_nobody_came_for_gives_nothing_back(retailer: Retailer) -> None:
    number, ready = put_aside(retailer)
    put_back_uncollected(fulfilment_id=ready["id"])
    told = page(number)
    assert "This reservation is over Its articles are no longer put aside. Nothing was charged." in told
    assert "given back" not in told
    assert "What it costs" not in told
