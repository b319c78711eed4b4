"""Rounding and sharing money. Amounts are `Decimal`; a currency is its ISO 4217 code."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from babel.numbers import format_currency
from django.utils.translation import get_language

from oms.core.amounts import with_minus

# ISO 4217: currencies whose smallest unit is not a hundredth.
_NO_DECIMALS = {
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG",
    "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF",
}  # fmt: skip
_DECIMALS = {
    **dict.fromkeys(_NO_DECIMALS, 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}


def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency: `Decimal("0.01")` for EUR, `Decimal("1")` for JPY."""
    return Decimal(1).scaleb(-_DECIMALS.get(currency.upper(), 2))


def quantise(amount: Decimal, currency: str) -> Decimal:
    """The amount in whole minor units, halves rounded away from zero as invoices are."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)


def apportion(total: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Share `total` by weight (largest remainder): the parts add up to `quantise(total)` exactly.

    Each part is within one minor unit of its exact share; ties go to the earlier part. When all
    weights are zero the shares are equal. A negative total gives negative parts.
    """
    unit = minor_unit(currency)
    whole = quantise(total, currency)
    if not weights:
        if whole:
            raise ValueError(f"{whole} {currency} cannot be shared over nothing.")
        return []
    if any(weight < 0 for weight in weights):
        raise ValueError("A weight cannot be negative.")
    sign = -1 if whole < 0 else 1
    units = int(abs(whole) / unit)
    exact = _exact_shares(units, weights)
    shares = [int(share) for share in exact]
    by_remainder = sorted(range(len(exact)), key=lambda index: (shares[index] - exact[index], index))
    for index in by_remainder[: units - sum(shares)]:
        shares[index] += 1
    return [sign * share * unit for share in shares]


def _exact_shares(units: int, weights: Sequence[Decimal]) -> list[Fraction]:
    """Fractions, because a rounded quotient could give one unit too many."""
    of_all = sum((Fraction(weight) for weight in weights), Fraction(0))
    if not of_all:
        return [Fraction(units, len(weights))] * len(weights)
    return [units * Fraction(weight) / of_all for weight in weights]


def money_text(amount: Decimal, currency: str) -> str:
    """The amount as people write it in the language of the moment: `€12.50`, `12,50 €`."""
    language = get_language() or "en"
    # English is British here, dates too (oms.formats.en).
    locale = "en_GB" if language == "en" else language.replace("-", "_")
    return with_minus(str(format_currency(quantise(amount, currency), currency, locale=locale)))
