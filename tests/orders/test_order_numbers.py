from __future__ import annotations

from datetime import UTC, datetime

from orders.services.numbering import is_order_number, new_order_number, normalised

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_a_number_tells_its_month_and_nothing_else() -> None:
    numbers = {new_order_number(NOON) for _ in range(1000)}
    assert len(numbers) == 1000
    assert {number[:5] for number in numbers} == {"H2611"}
    assert {len(number) for number in numbers} == {14}
    assert all(is_order_number(number) for number in numbers)


def test_one_wrong_character_is_noticed_wherever_it_is() -> None:
    number = new_order_number(NOON)
    for place in range(1, len(number)):
        for sign in "0123456789ABCDEFGHJKMNPQRSTVWXYZ":
            wrong = number[:place] + sign + number[place + 1 :]
            assert is_order_number(wrong) == (wrong == number)


def test_neighbours_swapped_are_noticed() -> None:
    number = "H2611" + "K7Q2XD4M"
    number = next(number + sign for sign in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" if is_order_number(number + sign))
    for place in range(5, len(number) - 1):
        swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        assert not is_order_number(swapped)


def test_what_is_read_aloud_is_put_right() -> None:
    assert normalised(" h2611-oil1-abcd 9 ") == "H26110111ABCD9"
