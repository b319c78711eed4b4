"""Shares of money add up to what was shared, to the last cent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oms.core.money import apportion, minor_unit, quantise

D = Decimal
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])
AMOUNTS = st.decimals(min_value=-(10**9), max_value=10**9, places=4)
WEIGHTS = st.lists(st.decimals(min_value=0, max_value=10**7, places=6), min_size=1, max_size=30)


@given(total=AMOUNTS, weights=WEIGHTS, currency=CURRENCIES)
def test_the_parts_add_up_exactly(total, weights, currency):
    assert sum(apportion(total, weights, currency)) == quantise(total, currency)


@given(total=AMOUNTS, weights=WEIGHTS, currency=CURRENCIES)
def test_each_part_is_within_one_unit_of_its_exact_share(total, weights, currency):
    from fractions import Fraction

    whole, unit = Fraction(quantise(total, currency)), Fraction(minor_unit(currency))
    of_all = sum(map(Fraction, weights))
    for part, weight in zip(apportion(total, weights, currency), weights, strict=True):
        share = whole * Fraction(weight) / of_all if of_all else whole / len(weights)
        assert abs(Fraction(part) - share) < unit


@given(total=AMOUNTS, weights=WEIGHTS, currency=CURRENCIES)
def test_a_refund_is_shared_as_its_payment_was(total, weights, currency):
    assert apportion(-total, weights, currency) == [-part for part in apportion(total, weights, currency)]


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        ("10.00", ["1", "1", "1"], ["3.34", "3.33", "3.33"]),
        ("0.01", ["1", "1"], ["0.01", "0.00"]),
        ("-0.05", ["2", "1"], ["-0.03", "-0.02"]),
        ("100", ["0", "0"], ["50.00", "50.00"]),
        ("9.99", ["0", "5"], ["0.00", "9.99"]),
        ("0", ["3", "4"], ["0.00", "0.00"]),
    ],
)
def test_the_largest_remainder_takes_the_odd_cent(total, weights, parts):
    assert apportion(D(total), [D(weight) for weight in weights], "EUR") == [D(part) for part in parts]


def test_a_share_that_rounding_would_lift_does_not_take_a_unit_too_many():
    weights = [D("0.333333333333333333333333333333"), D("0.333333333333333333333333333333"), D(1)]
    assert sum(apportion(D("1e6"), weights, "EUR")) == D("1e6")


def test_nothing_is_shared_over_nobody():
    assert apportion(D(0), [], "EUR") == []
    with pytest.raises(ValueError, match=r"1\.00 EUR cannot be shared over nothing"):
        apportion(D(1), [], "EUR")


def test_a_negative_weight_is_refused():
    with pytest.raises(ValueError, match="cannot be negative"):
        apportion(D(1), [D(2), D(-1)], "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "rounded"),
    [("2.005", "EUR", "2.01"), ("-2.005", "EUR", "-2.01"), ("2.5", "JPY", "3"), ("2.0005", "KWD", "2.001")],
)
def test_halves_are_rounded_away_from_zero_to_the_currencys_unit(amount, currency, rounded):
    assert str(quantise(D(amount), currency)) == rounded
