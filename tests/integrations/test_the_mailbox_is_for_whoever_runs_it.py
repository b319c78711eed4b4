"""/mailbox/: only where mails are kept, for superusers, and while developing for whoever sits at the machine."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from oms.core.models import User
from oms.integrations.models import KeptMail
from tests.factories.retailer import Retailer

pytestmark = pytest.mark.django_db

HERE, THERE = "127.0.0.1", "192.0.2.7"


@pytest.fixture
def kept(retailer: Retailer, settings: Any) -> KeptMail:
    """The mail with the pickup code of an order, kept as it would have been sent."""
    settings.EMAIL_BACKEND = "oms.integrations.mailbox.MailboxBackend"
    number = retailer.place({"shirt": 1}, mode="pickup", pickup_point="paris")["number"]
    retailer.pick(retailer.accept(retailer.one_work(number)))
    retailer.drain()
    return KeptMail.objects.get(subject=f"Your order {number} is ready for pickup")


def browser(*, address: str = THERE, **user: bool) -> Client:
    client = Client(REMOTE_ADDR=address)
    if user:
        client.force_login(User.objects.create_user("camille", password="x", **user))
    return client


def pages(kept: KeptMail) -> list[str]:
    own = f"/mailbox/{kept.pk}/"
    return ["/mailbox/", own, f"{own}html/", f"{own}parts/pickup-code"]


def statuses(client: Client, kept: KeptMail) -> set[int]:
    return {client.get(path).status_code for path in pages(kept)}


def test_a_superuser_reads_it(kept: KeptMail) -> None:
    assert statuses(browser(is_superuser=True), kept) == {200}


@pytest.mark.parametrize("user", [{}, {"is_staff": True}])
def test_nobody_else_is_told_of_it(kept: KeptMail, user: dict[str, bool]) -> None:
    assert statuses(browser(**user), kept) == {404}


def test_while_developing_whoever_sits_at_the_machine(kept: KeptMail, settings: Any) -> None:
    settings.DEBUG = True

    assert statuses(browser(address=HERE), kept) == {200}
    assert statuses(browser(address=THERE), kept) == {404}


def test_where_mails_are_sent_there_is_none(kept: KeptMail, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

    assert statuses(browser(is_superuser=True), kept) == {404}


def test_a_mail_is_shown_with_its_picture_and_can_do_nothing(kept: KeptMail) -> None:
    client = browser(is_superuser=True)
    shown = client.get(f"/mailbox/{kept.pk}/html/")

    assert f'src="/mailbox/{kept.pk}/parts/pickup-code"' in shown.text
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert "script-src" not in shown.headers["Content-Security-Policy"]
    assert shown.headers["X-Frame-Options"] == "SAMEORIGIN"
    picture = client.get(f"/mailbox/{kept.pk}/parts/pickup-code")
    assert picture.headers["Content-Type"] == "image/png"
    assert picture.content.startswith(b"\x89PNG")
    assert client.get(f"/mailbox/{kept.pk}/parts/other").status_code == 404


def test_mails_are_found_by_address_and_subject(kept: KeptMail) -> None:
    client = browser(is_superuser=True)

    assert "ready for pickup" in client.get("/mailbox/", {"q": "CAMILLE@example.org"}).text
    assert "ready for pickup" in client.get("/mailbox/", {"q": "ready"}).text
    assert "No mails" in client.get("/mailbox/", {"q": "nobody@example.org"}).text


def test_the_list_takes_as_many_queries_for_many(kept: KeptMail, django_assert_num_queries: Any) -> None:
    client = browser(is_superuser=True)
    KeptMail.objects.bulk_create(
        KeptMail(sender="a@example.org", recipients=["b@example.org"], subject=f"mail {n}", raw=b"x") for n in range(40)
    )
    with django_assert_num_queries(4):
        assert client.get("/mailbox/").status_code == 200
