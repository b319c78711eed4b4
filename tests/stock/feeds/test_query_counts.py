"""An import sends the same number of statements to the database, however many rows it has."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.stock.feeds.feeding import HOUR, counters, feed, file_of
from tests.stock.making import NOON, make_point, make_variant

pytestmark = pytest.mark.django_db


def statements(call: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


@pytest.mark.parametrize("kind", ["snapshot", "delta"])
def test_does_not_depend_on_the_number_of_rows(kind: str) -> None:
    skus = [make_variant().sku for _ in range(60)]

    def imports(chosen: list[str], source: str) -> tuple[int, int]:
        # Each at a stock point of its own: to leave another source's levels alone takes a statement more.
        point, many = make_point(source).code, len(chosen)
        bad = [f"UNKNOWN-{n},{point},1" for n in range(many)] + [f"{skus[-1]},{point},-{n + 1}" for n in range(many)]
        new = file_of(*(f"{sku},{point},5" for sku in chosen), *bad)
        changed = file_of(*(f"{sku},{point},6" for sku in chosen), *bad)
        first = statements(lambda: feed(new, kind=kind, source=source))
        return first, statements(lambda: feed(changed, kind=kind, source=source, as_of=NOON + HOUR))

    assert imports(skus[:2], "few") == imports(skus[2:52], "many")


def test_all_rows_of_such_a_file_are_dealt_with() -> None:
    make_point("paris")
    skus = [make_variant().sku for _ in range(50)]
    assert counters(feed(file_of(*(f"{sku},paris,5" for sku in skus))))["applied"] == 50
