"""The label's fixed words, in French and English."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple


class Captions(NamedTuple):
    sender: str
    recipient: str
    parcel: str
    order: str
    weight: str
    stock_point: str
    ships_on: str
    phone: str
    decimal_mark: str
    date_format: str
    day_format: str
    services: dict[str, str]


_ENGLISH = Captions(
    sender="FROM",
    recipient="DELIVER TO",
    parcel="PARCEL",
    order="ORDER",
    weight="WEIGHT",
    stock_point="SHIPS FROM",
    ships_on="SHIPS ON",
    phone="Tel.",
    decimal_mark=".",
    date_format="%Y-%m-%d",
    day_format="%d %b",
    services={
        "house": "STANDARD",
        "home": "HOME DELIVERY",
        "slot": "BY APPOINTMENT",
        "relay": "RELAY POINT",
        "ship_to_store": "TO STORE",
        "return": "RETURN",
    },
)

_FRENCH = Captions(
    sender="EXPÉDITEUR",
    recipient="DESTINATAIRE",
    parcel="COLIS",
    order="COMMANDE",
    weight="POIDS",
    stock_point="DÉPART",
    ships_on="EXPÉDITION",
    phone="Tél.",
    decimal_mark=",",
    date_format="%d/%m/%Y",
    day_format="%d/%m",
    services={
        "house": "STANDARD",
        "home": "DOMICILE",
        "slot": "SUR RENDEZ-VOUS",
        "relay": "POINT RELAIS",
        "ship_to_store": "VERS MAGASIN",
        "return": "RETOUR",
    },
)


def captions_in(language: str) -> Captions:
    """French for `fr`, `fr-FR`, `fr_CA`, …; English for every other language."""
    return _FRENCH if language.lower().replace("_", "-").split("-")[0] == "fr" else _ENGLISH


def service_name(captions: Captions, service: str) -> str:
    """A known service in its language, any other as its code in capitals."""
    return captions.services.get(service) or service.replace("_", " ").replace("-", " ").upper()


def weight(captions: Captions, grams: int) -> str:
    """Grams below a kilogram, else kilograms with two decimals, rounded up: a label never understates."""
    if grams < 1000:
        return f"{grams} g"
    hundredths = -(-grams // 10)
    return f"{hundredths // 100}{captions.decimal_mark}{hundredths % 100:02d} kg"


def day(captions: Captions, on: date) -> str:
    return on.strftime(captions.date_format)


def hours(captions: Captions, begins: datetime, ends: datetime) -> str:
    """`02/12 12:00-14:00`."""
    return f"{begins.strftime(captions.day_format)} {begins:%H:%M}-{ends:%H:%M}"
