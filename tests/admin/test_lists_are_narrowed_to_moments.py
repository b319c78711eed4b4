"""What is typed into a list's dates is read as its reader writes them, in the zone that the list shows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from stock.models import StockImport, StockSource
from tests.admin.people import signed_in
from tests.stock.making import expect, make_point, make_variant

pytestmark = pytest.mark.django_db

IMPORTS = reverse("admin:stock_stockimport_changelist")
EXPECTED = reverse("admin:stock_expectedreceipt_changelist")
# 23:30 of the 4th in Paris; 5 November, and the 11th of May, would be other days.
EVENING = datetime(2026, 11, 4, 22, 30, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _one_import() -> None:
    source = StockSource.objects.create(name="erp")
    StockImport.objects.create(
        source=source, kind="delta", basis="physical", as_of=EVENING, created_at=EVENING, created_by="erp"
    )


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ({"from_0": "04/11/2026"}, True),
        ({"from_0": "04/11/2026", "from_1": "23:30"}, True),
        ({"from_0": "04/11/2026", "from_1": "23:31"}, False),
        ({"from_0": "05/11/2026"}, False),
        ({"from_0": "2026-11-05", "from_1": "00:00:00"}, False),
        ({"to_0": "04/11/2026"}, True),
        ({"to_0": "03/11/2026"}, False),
        ({"to_0": "04/11/2026", "to_1": "23:30"}, True),
        ({"to_0": "04/11/2026", "to_1": "23:29"}, False),
        ({"to_0": "04/11/2026", "to_1": "23:30:29"}, False),
        ({"from_0": "30/10/2026", "to_0": "30/11/2026"}, True),
    ],
)
def test_days_and_times_as_they_are_written_here(language: str, typed: dict[str, str], is_found: bool) -> None:
    parameters = {f"created_at_{name}": value for name, value in typed.items()}
    found = signed_in("head_office", language=language).get(IMPORTS, parameters).context["cl"]
    assert found.result_count == int(is_found)


def test_says_that_it_could_not_read_a_date() -> None:
    answer = signed_in("head_office").get(IMPORTS, {"created_at_from_0": "yesterday"})
    assert answer.context["cl"].result_count == 1
    assert [str(message) for message in get_messages(answer.wsgi_request)] == [
        "The list is not narrowed by “yesterday”: that is no date."
    ]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    ("typed", "is_found"),
    [
        ({"from": "04/11/2026", "to": "04/11/2026"}, True),
        ({"from": "05/11/2026"}, False),
        ({"to": "03/11/2026"}, False),
        ({"from": "30/10/2026"}, True),
    ],
)
def test_days_of_goods_to_come(language: str, typed: dict[str, str], is_found: bool) -> None:
    expect(make_variant(), make_point(), 3, expected_on=EVENING.date())
    parameters = {f"expected_on_{name}": value for name, value in typed.items()}
    found = signed_in("head_office", language=language).get(EXPECTED, parameters).context["cl"]
    assert found.result_count == int(is_found)
