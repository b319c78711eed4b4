"""What the database would refuse is said once, in words, and never by a constraint's name."""

from __future__ import annotations

import pytest
from django.urls import reverse

from stock.models import ChannelAllotment
from tests.admin.people import signed_in
from tests.stock.making import make_channel, make_variant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"percent": "140"}, "Give either units or a percentage from 0 to 100."),
        ({"quantity": "5", "percent": "10"}, "Give either units or a percentage from 0 to 100."),
        ({}, "Give either units or a percentage from 0 to 100."),
        ({"quantity": "5", "variant": ""}, "Choose one variant or one category."),
        ({"quantity": "5", "category": "tops"}, "Choose one variant or one category."),
        ({"quantity": "5", "variant": "", "category": "Nope"}, "No article is of this category."),
        (
            {"quantity": "5", "starts_at_0": "2026-05-05", "starts_at_1": "10:00:00"}
            | {"ends_at_0": "2026-05-04", "ends_at_1": "10:00:00"},
            "An allotment ends after it has started.",
        ),
    ],
)
def test_it_is_told_what_to_give(typed: dict[str, str], told: str) -> None:
    variant = make_variant(category="tops")
    values = {"channel": make_channel().pk, "variant": variant.pk, "quantity": "", "percent": "", "category": ""}
    answer = signed_in("merchandiser").post(reverse("admin:stock_channelallotment_add"), values | typed)
    errors = answer.context["adminform"].form.errors
    assert told in [message for messages in errors.values() for message in messages]
    assert not ChannelAllotment.objects.exists()


def test_a_negative_number_is_told_at_its_field() -> None:
    values = {"channel": make_channel().pk, "variant": make_variant().pk, "quantity": "-5", "percent": ""}
    answer = signed_in("merchandiser").post(reverse("admin:stock_channelallotment_add"), values)
    assert list(answer.context["adminform"].form.errors) == ["quantity"]


def test_a_right_one_is_saved() -> None:
    values = {"channel": make_channel().pk, "variant": make_variant().pk, "quantity": "", "percent": "10"}
    assert signed_in("merchandiser").post(reverse("admin:stock_channelallotment_add"), values).status_code == 302
    assert ChannelAllotment.objects.get().percent == 10
