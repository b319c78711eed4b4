"""The simulator in the admin tells options, and why the other modes failed."""

import pytest
from django.test import Client
from django.urls import reverse

from oms.core import clock
from oms.core.models import User
from tests.orchestration.builders import a_channel, a_point, a_variant, lies
from tests.stock.making import expect

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


@pytest.fixture
def office() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("office", "office@example.org", "secret"))
    return client


def test_options_and_the_reasons_against_the_others_are_told(office: Client) -> None:
    shop = a_point("shop", kind="store", offers_reservation=False)
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, shop, 1)
    asked = {"channel": channel.pk, "sku": "shirt", "quantity": 1, "country": "FR", "postcode": "75001"}
    page = office.get(reverse("admin:promise-simulator"), asked | {"pickup_point": shop.pk})
    simulation = page.context["simulation"]
    assert {option.mode for option in simulation.options} >= {"home", "pickup"}
    assert [failed.mode for failed in simulation.failed] == ["e_reservation"]
    assert [(each.count, each.named) for each in simulation.failed[0].verdicts] == [(1, ("shop",))]
    assert "no reservation" in page.content.decode()


def test_it_asks_before_it_answers_and_says_what_is_missing(office: Client) -> None:
    channel = a_channel()
    assert office.get(reverse("admin:promise-simulator")).context["simulation"] is None
    page = office.get(reverse("admin:promise-simulator"), {"channel": channel.pk, "sku": "nothing", "quantity": 1})
    assert page.context["simulation"] is None
    assert "sku" in page.context["form"].errors


def test_what_has_still_to_come_is_told_as_such_and_not_refused(office: Client) -> None:
    point, channel, shirt = a_point("warehouse"), a_channel(allows_preorders=True), a_variant("shirt")
    expect(shirt, point, 3)
    asked = {"channel": channel.pk, "sku": "shirt", "quantity": 1, "country": "FR", "postcode": "75001"}
    page = office.get(reverse("admin:promise-simulator"), asked)
    text = page.content.decode()
    assert {option.choice for option in page.context["simulation"].options} == {"now_and_later"}
    assert "once it has come" in text
    assert "now what is there" not in text  # nothing is
    assert "1 of shirt cannot be had from what is in stock." in text
    assert "cannot be promised" not in text  # it is, for later


def test_it_is_closed_to_who_may_not_see_decisions() -> None:
    client = Client()
    client.force_login(User.objects.create_user("clerk", "clerk@example.org", "secret", is_staff=True))
    assert client.get(reverse("admin:promise-simulator")).status_code == 403


def test_a_moment_is_asked_for_in_the_zone_of_whoever_asks(office: Client) -> None:
    shop = a_point("shop", kind="store")
    channel, shirt = a_channel(), a_variant("shirt")
    lies(shirt, shop, 1)
    asked = {"channel": channel.pk, "sku": "shirt", "quantity": 1, "country": "FR", "postcode": "75001"}
    page = office.get(reverse("admin:promise-simulator"), asked | {"at": clock.now().strftime("%Y-%m-%dT%H:%M")})
    assert page.context["simulation"].options
