"""Whether an address can be delivered to, as far as its own words tell."""

from __future__ import annotations

import re

from django.utils.translation import gettext_noop

from orders.errors import BadAddress
from orders.services.requests import Address

# How each country's postcodes look, in capitals: 9 is a digit, A a letter, X either; the separators
# written here may be left out or doubled by whoever types. A country that is not listed has no
# postcodes, or none we can judge: anything goes, nothing included.
_FORMS = """
AD AD999 | AT 9999 | AU 9999 | BE 9999 | BG 9999 | BR 99999, 99999-999 | CA A9A 9A9 | CH 9999 | CN 999999
CY 9999 | CZ 999 99 | DE 99999 | DK 9999 | DZ 99999 | EE 99999 | ES 99999 | FI 99999 | FR 99999
GB A9 9AA, A99 9AA, AA9 9AA, AA99 9AA, A9A 9AA, AA9A 9AA, AAA 9AA | GF 99999 | GP 99999 | GR 999 99
HR 99999 | HU 9999 | IE XXX XXXX | IL 99999, 9999999 | IN 999999 | IS 999 | IT 99999 | JP 999-9999 | KR 99999
LI 9999 | LT 99999 | LU 9999 | LV 9999 | MA 99999 | MC 99999 | MQ 99999 | MT AAA 9999 | MX 99999 | MY 99999
NC 99999 | NL 9999 AA | NO 9999 | NZ 9999 | PF 99999 | PL 99-999 | PM 99999 | PT 9999-999 | RE 99999
RO 999999 | RS 99999 | RU 999999 | SE 999 99 | SG 999999 | SI 9999 | SK 999 99 | SM 99999 | TH 99999
TN 9999 | TR 99999 | UA 99999 | US 99999, 99999-9999 | VA 99999 | YT 99999 | ZA 9999
"""
# Prefixes still in use, from the days when letters crossed borders with them: B-1000, D-10115, SE-111 22.
_PREFIXES = {
    "AT": "A|AT",
    "BE": "B|BE",
    "CH": "CH",
    "DE": "D|DE",
    "DK": "DK",
    "FI": "FI|FIN",
    "FR": "F|FR",
    "IT": "I|IT",
    "LT": "LT",
    "LU": "L|LU",
    "LV": "LV",
    "NO": "N|NO",
    "SE": "S|SE",
    "SI": "SI",
}
_CLASSES = {"9": "[0-9]", "A": "[A-Z]", "X": "[0-9A-Z]"}


def _pattern(country: str, form: str) -> str:
    """One form as a regular expression over a postcode without its separators."""
    literal = country if form.startswith(country) else ""
    rest = form.removeprefix(literal)
    return re.escape(literal) + "".join(_CLASSES[sign] for sign in rest if sign in _CLASSES)


def _compiled() -> dict[str, re.Pattern[str]]:
    patterns = {}
    for entry in _FORMS.replace("\n", " | ").split("|"):
        country, _, forms = entry.strip().partition(" ")
        if country:
            either = "|".join(_pattern(country, form.strip()) for form in forms.split(","))
            prefix = f"(?:{_PREFIXES[country]})?" if country in _PREFIXES else ""
            patterns[country] = re.compile(f"{prefix}(?:{either})")
    return patterns


_PATTERNS = _compiled()
_SEPARATORS = re.compile(r"[\s.\-–]+")


def postcode_fits(country: str, postcode: str) -> bool:
    """Whether a country's postcodes look like this one; an unlisted country takes any."""
    pattern = _PATTERNS.get(country)
    return pattern is None or pattern.fullmatch(_SEPARATORS.sub("", postcode).upper()) is not None


def check_address(address: Address, *, name: str = "shipping_address") -> None:
    """Raises `BadAddress`, naming each field that is missing or does not fit."""
    errors: dict[str, list[str]] = {}
    for field in ("line1", "city", "country"):
        if not getattr(address, field).strip():
            errors[field] = ["Needed to deliver."]
    country = address.country.strip()
    if country and not re.fullmatch("[A-Z]{2}", country):
        errors["country"] = [gettext_noop("A country is its two capital letters (ISO 3166).")]
    elif country and not postcode_fits(country, address.postcode):
        errors["postcode"] = [f"{address.postcode or 'None'} is not a postcode of {country}."]
    if errors:
        raise BadAddress(errors={name: errors})
