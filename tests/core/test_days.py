"""Days as they are written: French numbers the first of a month as such."""

from datetime import date, datetime

import pytest
from django.template import Context, Template
from django.utils import translation

from oms.core.days import day_text


def rendered(template: str, day: date) -> str:
    return Template(template).render(Context({"day": day}))


@pytest.mark.parametrize(
    ("language", "day", "form", "told"),
    [
        ("fr", date(2026, 12, 1), "DATE_FORMAT", "1er décembre 2026"),
        ("fr", date(2026, 12, 1), "l j F", "mardi 1er décembre"),
        ("fr", date(2026, 12, 1), "SHORT_DATE_FORMAT", "01/12/2026"),
        ("fr", date(2026, 12, 21), "j F", "21 décembre"),
        ("en", date(2026, 12, 1), "DATE_FORMAT", "1 December 2026"),
    ],
)
def test_a_day_in_a_sentence_and_in_a_template(language: str, day: date, form: str, told: str) -> None:
    with translation.override(language):
        assert day_text(day, form) == told
        assert rendered(f'{{{{ day|date:"{form}" }}}}', day) == told


def test_the_template_of_a_moment_is_in_local_time() -> None:
    with translation.override("fr"):
        at = datetime.fromisoformat("2026-11-30T23:30:00+00:00")
        assert rendered('{{ day|date:"j F H:i" }}', at) == "1er décembre 00:30"
