from tests.support.ordering import longest_first

SHORT = [f"tests/stock/test_{number}.py::test" for number in range(6)]
NAMES = [*SHORT, "tests/faults/a", "tests/browser/a", "tests/browser/test_the_admin", "tests/histories/a"]


def in_order(processes: int) -> list[str]:
    return [NAMES[at] for at in longest_first(NAMES, processes)]


def test_every_process_begins_with_long_ones_of_one_kind() -> None:
    assert in_order(3) == [
        *("tests/browser/test_the_admin", "tests/browser/a", SHORT[0]),
        *("tests/faults/a", SHORT[1], SHORT[2]),
        *("tests/histories/a", SHORT[3], SHORT[4], SHORT[5]),
    ]


def test_with_fewer_processes_one_begins_with_two_kinds() -> None:
    assert in_order(2)[:3] == ["tests/browser/test_the_admin", "tests/browser/a", "tests/histories/a"]
    assert in_order(2)[5] == "tests/faults/a"


def test_none_is_left_out_where_there_are_more_long_ones_than_a_part_holds() -> None:
    for processes in range(1, 13):
        assert sorted(in_order(processes)) == sorted(NAMES)
