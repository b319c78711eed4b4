"""The longest tests begin first, so that no process is left alone with one of them at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")

# A row for each process, as far as there are as many: one starts browsers, one starts whole stacks, and each of them
# once. Within a row the longest first; what a name begins with is enough.
LONGEST = (
    ("tests/browser/test_the_admin", "tests/browser/"),
    ("tests/faults/", "tests/setup/"),
    ("tests/histories/", "tests/admin/test_lists_take_few_queries.py", "tests/execution/test_a_storm"),
)


def longest_first(names: Sequence[str], processes: int) -> list[int]:
    """The order in which to run, as positions in `names`.

    With `--dist worksteal` each process gets a part of equal length, one after the other; whoever is done takes
    from the end of the others' parts.
    """
    heads: list[list[int]] = [[] for _ in range(processes)]
    for row, prefixes in enumerate(LONGEST):
        for prefix in prefixes:
            head = heads[row % processes]
            head += [at for at, name in enumerate(names) if name.startswith(prefix) and at not in head]
    first = {at for head in heads for at in head}
    rest = [at for at in range(len(names)) if at not in first]
    order: list[int] = []
    for turn, head in enumerate(heads):
        size = (len(names) - len(order)) // (processes - turn)
        order += head + rest[: max(0, size - len(head))]
        rest = rest[max(0, size - len(head)) :]
    return order
