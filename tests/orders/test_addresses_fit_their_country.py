from __future__ import annotations

import pytest

from orders.errors import BadAddress
from orders.services.addresses import check_address, postcode_fits
from orders.services.requests import Address


@pytest.mark.parametrize(
    ("country", "postcode"),
    [
        ("FR", "75004"),
        ("FR", "59 800"),
        ("BE", "1000"),
        ("BE", "B-1000"),
        ("DE", "D-10115"),
        ("GB", "SW1A 1AA"),
        ("GB", "m11ae"),
        ("NL", "1012 AB"),
        ("PT", "1000-001"),
        ("PL", "00-950"),
        ("US", "94103-1234"),
        ("CA", "K1A 0B1"),
        ("BR", "01310-100"),
        ("IE", "D02 AF30"),
        ("AD", "AD500"),
        ("SE", "111 22"),
        ("LU", "L-1234"),
        ("HK", ""),
        ("AE", "anything"),
    ],
)
def test_postcodes_as_people_write_them_fit(country: str, postcode: str) -> None:
    assert postcode_fits(country, postcode)


@pytest.mark.parametrize(
    ("country", "postcode"),
    [
        ("FR", ""),
        ("FR", "7500"),
        ("FR", "ABCDE"),
        ("FR", "٧٥٠٠٤"),
        ("BE", "10000"),
        ("GB", "12345"),
        ("NL", "1012"),
        ("US", "9410"),
        ("CA", "123 456"),
    ],
)
def test_postcodes_of_another_country_do_not(country: str, postcode: str) -> None:
    assert not postcode_fits(country, postcode)


def test_every_missing_field_is_named() -> None:
    with pytest.raises(BadAddress) as refused:
        check_address(Address(line1=" ", city="", country="FR", postcode="1"))
    assert refused.value.code == "bad_address"
    assert refused.value.errors == {
        "shipping_address": {
            "line1": ["Needed to deliver."],
            "city": ["Needed to deliver."],
            "postcode": ["1 is not a postcode of FR."],
        }
    }


@pytest.mark.parametrize("country", ["F", "fr", "F1", "FRA"])
def test_a_country_is_two_capital_letters(country: str) -> None:
    with pytest.raises(BadAddress) as refused:
        check_address(Address(line1="1 rue", city="Paris", country=country, postcode="75004"))
    assert list(refused.value.errors["shipping_address"]) == ["country"]
