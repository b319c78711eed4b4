from datetime import date, datetime

import pytest

from orders.carriers.drawing import lay_out
from orders.carriers.drawing.captions import captions_in, weight
from orders.carriers.house import tracking_number
from orders.carriers.protocol import Address
from tests.orders.carriers.examples import RECIPIENT, RECIPIENTS, SENDER, a_request

NUMBER = tracking_number(4217)


def texts(**changes) -> list[str]:
    return [text.text for text in lay_out(a_request(**changes), NUMBER).texts]


def test_a_french_label_says_everything_in_french():
    assert texts(language="fr") == [
        "EXPRESS", "COLIS", "1/2",
        "EXPÉDITEUR", "Halles Lyon Part-Dieu", "17 rue du Docteur Bouchut", "Quai B", "69003 LYON · FR",
        "DESTINATAIRE", "Camille Martin", "12 rue des Lilas", "Tél. +33 6 12 34 56 78", "75011 PARIS", "FR",
        "COMMANDE", "H26-0000421", "POIDS", "1,25 kg", "DÉPART", "LYON-PD", "EXPÉDITION", "23/11/2026",
        "HA 0000 0000 4217 25",
    ]  # fmt: skip


def test_an_english_label_says_everything_in_english():
    assert texts(language="en", service="slot", weight_g=999, recipient=RECIPIENTS[4]) == [
        "BY APPOINTMENT", "PARCEL", "1/2",
        "FROM", "Halles Lyon Part-Dieu", "17 rue du Docteur Bouchut", "Quai B", "69003 LYON · FR",
        "DELIVER TO", "Ô", "1 rue A", "01000 Y", "FR",
        "ORDER", "H26-0000421", "WEIGHT", "999 g", "SHIPS FROM", "LYON-PD", "SHIPS ON", "2026-11-23",
        "HA 0000 0000 4217 25",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("language", "caption"),
    [("fr", "COLIS"), ("fr-FR", "COLIS"), ("FR_ca", "COLIS"), ("en-GB", "PARCEL"), ("de", "PARCEL"), ("", "PARCEL")],
)
def test_other_languages_get_english(language, caption):
    assert captions_in(language).parcel == caption


def test_a_service_without_a_name_shows_its_code():
    assert texts(service="next-day_am")[0] == "NEXT DAY AM"
    assert texts(service="house")[0] == "STANDARD"
    assert texts(service="home", language="fr")[0] == "DOMICILE"


def test_a_service_with_a_name_is_called_by_it():
    assert texts(service="nord-24", service_name="Coursier Nord")[0] == "COURSIER NORD"


@pytest.mark.parametrize(
    ("grams", "shown"),
    [(1, "1 g"), (999, "999 g"), (1000, "1.00 kg"), (1001, "1.01 kg"), (1010, "1.01 kg"), (30_000, "30.00 kg")],
)
def test_a_weight_is_never_understated(grams, shown):
    assert weight(captions_in("en"), grams) == shown


def test_the_day_is_the_one_the_parcel_ships():
    assert texts(ships_on=date(2027, 1, 2), language="fr")[-2] == "02/01/2027"


def test_a_city_in_another_script_is_transliterated_and_in_capitals():
    assert "100-0001 DONG JING DU" in texts(recipient=RECIPIENTS[36])


def test_a_full_address_is_shown_to_its_last_word():
    name = "Madame l'ambassadrice extraordinaire et plénipotentiaire auprès de la République française " * 2
    street = "Immeuble de la Compagnie des chemins de fer départementaux, escalier monumental, " * 3
    recipient = Address(name, street, "75007", "Paris", "FR", line2=street, phone="+33 1 23 45 67 89")
    assert (len(name), len(street)) == (182, 243)
    assert f"{name}{street}{street}Tél. +33 1 23 45 67 89 75007 PARIS" in " ".join(texts(recipient=recipient))


def test_the_largest_letters_are_the_recipient_s_and_the_sender_s_are_smaller():
    sizes = {text.text: text.size for text in lay_out(a_request(), NUMBER).texts}
    assert sizes["75011 PARIS"] > sizes[RECIPIENT.name] > sizes[RECIPIENT.line1] > sizes[SENDER.name]


@pytest.mark.parametrize(
    ("language", "told"), [("fr", "SUR RENDEZ-VOUS · 02/12 12:00-14:00"), ("en", "BY APPOINTMENT · 02 Dec 12:00-14:00")]
)
def test_the_hours_that_were_chosen_stand_beside_the_service(language: str, told: str) -> None:
    slot = datetime(2026, 12, 2, 12), datetime(2026, 12, 2, 14)
    layout = lay_out(a_request(service="slot", language=language, slot=slot), "HA00000000042170")
    assert told in [text.text for text in layout.texts]
