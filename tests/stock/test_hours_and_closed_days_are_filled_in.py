"""Opening hours and closed days are filled in, day by day, in the admin; what is stored is as `api.md` says."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from stock.models import StockPoint, StockPointMember
from tests.admin.people import signed_in
from tests.stock.making import make_point
from tests.support.forms import form_values

pytestmark = pytest.mark.django_db
HOURS = {"mon": [["10:00", "12:30"], ["14:00", "19:00"]], "sat": [["09:00", "24:00"]]}


def address(point: StockPoint) -> str:
    return reverse("admin:stock_stockpoint_change", args=[point.pk])


def posted(client: Client, point: StockPoint, **changed: Any) -> HttpResponse:
    """The page as it came, with some of its values changed, sent back."""
    values = form_values(client.get(address(point)).content.decode())
    answer = client.post(address(point), values | changed)
    point.refresh_from_db()
    return answer  # type: ignore[return-value]


def day(*pairs: tuple[str, str], of: str) -> dict[str, list[str]]:
    return {
        f"opening_hours-{of}-from": [begin for begin, _ in pairs],
        f"opening_hours-{of}-to": [end for _, end in pairs],
    }


@pytest.mark.parametrize(
    "hours",
    [
        {},
        HOURS,
        {"sun": [["14:00", "19:00"], ["9:00", "12:00"]], "mon": []},
        {"mon": []},
        {"tue": [["00:00", "24:00"]]},
        {"wed": [["08:00", "09:00"], ["10:00", "11:00"], ["12:00", "13:00"], ["14:00", "15:00"]]},
        {name: [["10:00", "19:00"]] for name in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")},
    ],
    ids=["always", "usual", "in any order", "never", "all day", "four times", "every day"],
)
def test_a_page_that_is_saved_as_it_came_changes_nothing(hours: dict[str, Any]) -> None:
    point = make_point("LILLE", opening_hours=hours, closed_on=[date(2031, 12, 25), date(2001, 5, 1)])
    assert posted(signed_in("head_office"), point, name=["Lille"]).status_code == 302
    assert (point.name, point.opening_hours) == ("Lille", hours)
    assert point.closed_on == [date(2031, 12, 25), date(2001, 5, 1)]


def test_hours_are_stored_in_order_and_midnight_ends_the_day() -> None:
    point = make_point("LILLE")
    week = {"opening_hours-when": "week"}
    monday, friday = day(("14:00", "19:00"), ("10:00", "12:30"), of="mon"), day(("18:00", "00:00"), of="fri")
    assert posted(signed_in("head_office"), point, **week, **monday, **friday).status_code == 302
    assert point.opening_hours == {"mon": [["10:00", "12:30"], ["14:00", "19:00"]], "fri": [["18:00", "24:00"]]}


def test_always_open_forgets_the_hours() -> None:
    point = make_point("LILLE", opening_hours=HOURS)
    assert posted(signed_in("head_office"), point, **{"opening_hours-when": "always"}).status_code == 302
    assert point.opening_hours == {}


@pytest.mark.parametrize(
    ("pairs", "english", "french"),
    [
        (
            [("19:00", "10:00")],
            "Monday: 19:00 – 10:00 ends before it begins.",
            "Lundi\u00a0: 19:00 – 10:00 finit avant",
        ),
        ([("10:00", "")], "Monday: from and to belong together.", "Lundi\u00a0: le début et la fin vont ensemble."),
        (
            [("10:00", "14:00"), ("13:00", "19:00")],
            "Monday: the hours until 14:00 and from 13:00 overlap.",
            "Lundi\u00a0: ",
        ),
        (
            [("ten", "14:00")],
            "Monday: “ten” is not a time of day, like 09:30.",
            "Lundi\u00a0: «\u00a0ten\u00a0» n’est pas une heure",
        ),
        ([("", "")], "Write the hours of at least one day", "Indiquez les horaires d’au moins un jour"),
    ],
    ids=["backwards", "half", "overlap", "no time", "no day"],
)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_wrong_hours_are_told_by_day_and_nothing_moves(
    pairs: list[tuple[str, str]], english: str, french: str, language: str
) -> None:
    point = make_point("LILLE", opening_hours={"mon": [["09:00", "18:00"]]})
    answer = posted(signed_in("head_office", language=language), point, **day(*pairs, of="mon"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert {"en": english, "fr": french}[language] in page
    assert all(f'value="{text}"' in page for pair in pairs for text in pair if text)
    assert point.opening_hours == {"mon": [["09:00", "18:00"]]}


def test_closed_days_are_added_and_taken_away_one_by_one() -> None:
    point = make_point("LILLE", closed_on=[date(2031, 12, 25)])
    office = signed_in("head_office")
    assert posted(office, point, closed_on=["2031-12-25", "2031-05-01", "2031-05-01", ""]).status_code == 302
    assert point.closed_on == [date(2031, 5, 1), date(2031, 12, 25)]
    assert posted(office, point, closed_on=["", ""]).status_code == 302
    assert point.closed_on == []


def test_a_day_that_does_not_exist_is_told() -> None:
    point = make_point("LILLE", closed_on=[date(2031, 12, 25)])
    answer = posted(signed_in("head_office"), point, closed_on=["2031-02-30"])
    assert "“2031-02-30” is not a date." in answer.content.decode()
    assert point.closed_on == [date(2031, 12, 25)]


def test_who_may_only_read_is_told_the_hours_in_words() -> None:
    point = make_point("LILLE", opening_hours=HOURS, closed_on=[date(2031, 12, 25)])
    reader = signed_in("merchandiser", store=None)
    page = reader.get(address(point)).content.decode()
    assert "Monday: 10:00 – 12:30, 14:00 – 19:00" in page
    assert "[[" not in page
    assert StockPointMember.objects.count() == 0
