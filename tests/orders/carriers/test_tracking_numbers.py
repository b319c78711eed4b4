from itertools import combinations
from string import ascii_uppercase, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.carriers.house import LARGEST_SERIAL, is_valid_tracking_number, tracking_number

SERIALS = st.integers(1, LARGEST_SERIAL)


def test_a_number_is_the_prefix_the_serial_and_two_check_digits():
    assert tracking_number(4217) == "HA00000000421725"
    assert tracking_number(LARGEST_SERIAL)[:14] == "HA999999999999"


@given(SERIALS)
def test_check_digits_make_the_number_one_modulo_97(serial):
    letters_as_numbers = "".join(str(int(character, 36)) for character in tracking_number(serial))
    assert int(letters_as_numbers) % 97 == 1


@given(SERIALS)
def test_every_number_given_out_is_valid(serial):
    assert is_valid_tracking_number(tracking_number(serial))


@given(SERIALS)
def test_every_single_wrong_character_is_detected(serial):
    number = tracking_number(serial)
    for position in range(len(number)):
        for wrong in (digits + ascii_uppercase).replace(number[position], ""):
            assert not is_valid_tracking_number(number[:position] + wrong + number[position + 1 :])


@given(SERIALS)
def test_every_exchange_of_two_characters_is_detected(serial):
    number = tracking_number(serial)
    for first, second in combinations(range(len(number)), 2):
        if number[first] == number[second]:
            continue
        swapped = list(number)
        swapped[first], swapped[second] = swapped[second], swapped[first]
        assert not is_valid_tracking_number("".join(swapped))


@pytest.mark.parametrize("serial", [0, -1, LARGEST_SERIAL + 1])
def test_refuses_a_serial_that_has_no_number(serial):
    with pytest.raises(ValueError, match="A serial is between 1 and 999999999999"):
        tracking_number(serial)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "HA",
        "ha00000000421725",
        "HA 0000 0000 4217 25",
        "HA00000000421725\n",
        "HA0000000042172٥",
        "HA000000004217²5",
        "HB00000000421725",
        "HA0000000000421725",
        "HA00000000000062",
    ],
)
def test_only_the_canonical_form_is_valid(text):
    assert not is_valid_tracking_number(text)


def test_check_digits_with_the_same_remainder_are_not_taken_for_ours():
    """Of 01 and 98, 00 and 97, 99 and 02 both satisfy the modulus; only 02 … 98 are ever computed."""
    ending_98 = next(number for number in map(tracking_number, range(1, 500)) if number.endswith("98"))
    assert not is_valid_tracking_number(ending_98[:-2] + "01")
