from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.core.errors import Invalid
from orders.errors import WrongTotal
from orders.services.pricing import PricedOrder, cumulative_share, payment_amounts, price_order
from orders.services.requests import RequestedLine, RequestedPayment


def priced(*lines: RequestedLine, shipping: str = "0", country: str = "FR", currency: str = "EUR") -> PricedOrder:
    return price_order(
        lines=lines,
        variant_prices={"A": Decimal("19.99"), "B": Decimal("5.00")},
        shipping_price=Decimal(shipping),
        country=country,
        currency=currency,
    )


def test_the_total_is_lines_less_discounts_plus_shipping() -> None:
    order = priced(
        RequestedLine("A", 3, discount=Decimal("10.00")),
        RequestedLine("B", 2, unit_price=Decimal("4.50")),
        shipping="5.90",
    )
    assert [line.total for line in order.lines] == [Decimal("49.97"), Decimal("9.00")]
    assert (order.subtotal, order.shipping, order.total) == (Decimal("58.97"), Decimal("5.90"), Decimal("64.87"))


def test_tax_is_the_part_contained_at_the_rate_of_the_destination() -> None:
    assert priced(RequestedLine("A", 1)).tax == Decimal("3.33")
    assert priced(RequestedLine("A", 1), country="BE").tax == Decimal("3.47")
    assert priced(RequestedLine("A", 1), shipping="12.00").tax == Decimal("5.33")


@pytest.mark.parametrize(
    "line",
    [
        RequestedLine("A", 1, discount=Decimal("20.00")),
        RequestedLine("A", 1, unit_price=Decimal("1.234")),
    ],
)
def test_amounts_that_cannot_be_paid_are_refused(line: RequestedLine) -> None:
    with pytest.raises(Invalid):
        priced(line)


def test_a_currency_without_cents_has_none() -> None:
    with pytest.raises(Invalid):
        priced(RequestedLine("A", 1), currency="JPY")


def paying(*amounts: str | None) -> list[Decimal]:
    payments = [
        RequestedPayment("simulated", "card", amount=None if amount is None else Decimal(amount)) for amount in amounts
    ]
    return payment_amounts(payments, total=Decimal("30.00"), currency="EUR")


def test_a_payment_without_amount_takes_what_the_others_leave() -> None:
    assert paying(None) == [Decimal("30.00")]
    assert paying("10.00", None) == [Decimal("10.00"), Decimal("20.00")]
    assert paying("10.00", "20.00") == [Decimal("10.00"), Decimal("20.00")]
    assert paying() == []


@pytest.mark.parametrize(
    "amounts", [["29.99"], ["30.01"], ["10.00", "10.00"], [None, None], ["30.00", None], ["31", None]]
)
def test_amounts_that_do_not_add_up_are_a_wrong_total(amounts: list[str | None]) -> None:
    with pytest.raises(WrongTotal) as refused:
        paying(*amounts)
    assert refused.value.data is not None
    assert refused.value.data["total"] == "30.00"


@given(
    total=st.decimals(min_value=0, max_value=10_000, places=2),
    parts=st.lists(st.integers(1, 9), min_size=1, max_size=8),
)
def test_shares_of_parcels_add_up_to_the_line_whatever_the_parcels(total: Decimal, parts: list[int]) -> None:
    of_units = sum(parts)
    shares, units = [], 0
    for part in parts:
        before = cumulative_share(total, units, of_units, "EUR")
        units += part
        shares.append(cumulative_share(total, units, of_units, "EUR") - before)
    assert sum(shares) == total
    assert min(shares) >= 0


@pytest.mark.parametrize(
    "lines",
    [
        [RequestedLine("A", 100_000, unit_price=Decimal("100000.00"))],
        [RequestedLine("A", 1, unit_price=Decimal("6000000000.00"))] * 2,
    ],
)
def test_more_than_an_amount_can_hold_is_refused(lines: list[RequestedLine]) -> None:
    with pytest.raises(Invalid):
        priced(*lines)
    assert priced(RequestedLine("A", 1, unit_price=Decimal("9999999999.99"))).total == Decimal("9999999999.99")


def test_shipping_counts_in_what_an_amount_can_hold() -> None:
    with pytest.raises(Invalid):
        priced(RequestedLine("A", 1, unit_price=Decimal("9999999999.99")), shipping="0.01")
