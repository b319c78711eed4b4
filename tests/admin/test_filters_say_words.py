"""What the tables hold as codes is told in words, in the filters too."""

from __future__ import annotations

import pytest
from django.template import Context, Template
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override

from oms.core import clock
from oms.orchestration.models import LearnedTransit
from tests.admin.people import signed_in
from tests.stock.making import NOON

pytestmark = pytest.mark.django_db


def test_the_built_in_carriers_service_is_called_standard() -> None:
    LearnedTransit.objects.create(service="house", zone="100 km", days=1, cases=1, evidence=1, refreshed_at=clock.now())
    answer = signed_in("head_office").get(reverse("admin:orchestration_learnedtransit_changelist"))
    (choices,) = [spec.choices(answer.context["cl"]) for spec in answer.context["cl"].filter_specs[:1]]
    assert [choice["display"] for choice in choices][1:] == ["Standard"]
    assert ">house<" not in answer.content.decode()


@pytest.mark.parametrize(
    ("language", "told"), [("en", "Home delivery · Standard · Velo"), ("fr", "Livraison à domicile · Standard · Velo")]
)
def test_ways_and_services_in_the_readers_language(language: str, told: str) -> None:
    words = '{{ "home"|mode_words }} · {{ "house"|service_words }} · {{ "velo"|service_words }}'
    with override(language):
        assert Template("{% load orchestration_words %}" + words).render(Context()) == told


def test_french_months_begin_with_a_small_letter() -> None:
    with override("fr"):
        assert date_format(NOON.replace(month=11), "DATETIME_FORMAT") == "04 nov. 2026 12:00"
