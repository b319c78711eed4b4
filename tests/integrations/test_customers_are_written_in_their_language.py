from __future__ import annotations

import pytest
from django.core import mail

from stock.models import Banner
from tests.factories.retailer import Retailer
from tests.integrations.reading import text, words_of

pytestmark = pytest.mark.django_db


def test_in_french(retailer: Retailer) -> None:
    number = retailer.place({"shirt": 2}, language="fr", mode="pickup", pickup_point="paris")["number"]
    retailer.drain()
    assert mail.outbox[0].subject == f"Votre commande {number} est confirmée"
    assert "20,00\xa0€" in mail.outbox[0].body
    assert mail.outbox[0].extra_headers["Content-Language"] == "fr"
    mail.outbox.clear()

    retailer.pick(retailer.accept(retailer.one_work(number)))
    retailer.drain()
    assert mail.outbox[0].subject == f"Votre commande {number} est prête à être retirée"
    assert "Lundi – mardi — 10:00 – 19:00" in text()
    assert '<html lang="fr">' in mail.outbox[0].alternatives[0][0]
    assert "Vous recevez ce message" in words_of(mail.outbox[0])


@pytest.mark.parametrize(("language", "subject"), [("en", "is confirmed"), ("fr-BE", "est confirmée")])
def test_in_the_nearest_we_speak(retailer: Retailer, language: str, subject: str) -> None:
    retailer.place({"shirt": 1}, language=language)
    retailer.drain()

    assert mail.outbox[0].subject.endswith(subject)


@pytest.mark.parametrize(("languages", "subject"), [(["en"], "is confirmed"), (["de", "fr"], "est confirmée")])
def test_in_the_banners_where_we_do_not_speak_theirs(retailer: Retailer, languages: list[str], subject: str) -> None:
    Banner.objects.update(languages=languages)
    retailer.place({"shirt": 1}, language="de")
    retailer.drain()

    assert mail.outbox[0].subject.endswith(subject)


def test_one_mail_leaves_no_language_behind(retailer: Retailer) -> None:
    retailer.place({"shirt": 1}, language="fr")
    retailer.place({"shirt": 1}, language="en")
    retailer.drain()

    assert sorted(message.subject.split()[0] for message in mail.outbox) == ["Votre", "Your"]
