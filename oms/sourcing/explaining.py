"""A decision in words: one sentence for each stock point, in English or French."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from oms.sourcing import reasons
from oms.sourcing.misses import Miss
from oms.sourcing.results import CHOSEN, REJECTED, Candidate, SourcingResult

LANGUAGES = ("en", "fr")


def _two_places(money: Decimal) -> str:
    return str(money.quantize(Decimal("0.01"), ROUND_HALF_UP))


def _short(number: float) -> str:
    """One decimal where the number is small and not whole."""
    return f"{number:.0f}" if number >= 10 else f"{round(number, 1):g}"


@dataclass(frozen=True, slots=True)
class Form:
    """How amounts, other numbers and days are written."""

    money: Callable[[Decimal], str] = _two_places
    number: Callable[[float], str] = _short
    day: Callable[[date], str] = date.isoformat


PLAIN = Form()

_REJECTIONS: dict[str, tuple[str, str]] = {
    reasons.INACTIVE: ("it is not active", "il n’est pas actif"),
    reasons.PAUSED: ("it is paused", "il est en pause"),
    reasons.NOT_IN_CHANNEL: ("it does not feed this channel", "il n’alimente pas ce canal"),
    reasons.DECLINED: ("it has declined this order", "il a refusé cette commande"),
    reasons.NOT_THE_PICKUP_POINT: (
        "the customer collects at another stock point",
        "le client retire dans un autre point de stock",
    ),
    reasons.NOT_THE_SELLING_POINT: (
        "the goods are sold in another stock point",
        "la vente a lieu dans un autre point de stock",
    ),
    reasons.DOES_NOT_SHIP: ("it does not ship orders", "il n’expédie pas de commandes"),
    reasons.NO_PICKUP: ("no pickup is offered there", "le retrait n’y est pas proposé"),
    reasons.NO_RESERVATION: ("it offers no reservation", "il ne propose pas la réservation"),
    reasons.CAPACITY: ("it can take no more orders today", "il ne peut plus prendre de commande aujourd’hui"),
    reasons.NEVER_OPEN: ("its calendar never opens", "son calendrier n’ouvre jamais"),
    reasons.KIND: ("the rule wants another kind of stock point", "la règle veut un autre type de point de stock"),
    reasons.GROUP: ("it is in none of the rule's groups", "il n’est dans aucun des groupes de la règle"),
    reasons.EXCLUDED_GROUP: ("the rule excludes its group", "la règle exclut son groupe"),
    reasons.STOCK_POINT: ("the rule names other stock points", "la règle nomme d’autres points de stock"),
    reasons.EXCLUDED_STOCK_POINT: ("the rule excludes it by name", "la règle l’exclut nommément"),
    reasons.TAG: ("it has none of the rule's tags", "il n’a aucune des étiquettes de la règle"),
    reasons.EXCLUDED_TAG: ("the rule excludes its tag", "la règle exclut son étiquette"),
    reasons.BANNER: ("it belongs to another banner", "il appartient à une autre enseigne"),
    reasons.NOT_THE_DESTINATION: (
        "the rule wants the stock point where the customer collects",
        "la règle veut le point de stock où le client retire",
    ),
    reasons.IS_THE_DESTINATION: (
        "the rule excludes the stock point where the customer collects",
        "la règle exclut le point de stock où le client retire",
    ),
    reasons.WITHIN_KM: ("it is too far away for the rule", "il est trop loin pour la règle"),
    reasons.CAPACITY_LEFT: (
        "it has less capacity left than the rule wants",
        "il lui reste moins de capacité que la règle n’en veut",
    ),
    reasons.CLOSED_TODAY: ("it is closed today", "il est fermé aujourd’hui"),
    reasons.CLOSED_NOW: ("it is closed at this moment", "il est fermé en ce moment"),
    reasons.NO_STOCK: ("it has none of the articles", "il n’a aucun des articles"),
    reasons.UNITS_LEFT: (
        "it would keep fewer units than the rule wants",
        "il lui resterait moins d’unités que la règle n’en veut",
    ),
    reasons.COVER: (
        "its stock is sold faster than the rule wants",
        "son stock se vend plus vite que la règle ne le veut",
    ),
    reasons.LATE: ("it would deliver too late", "il livrerait trop tard"),
}

_SENTENCES: dict[str, tuple[str, str]] = {
    REJECTED: ("{point}: rejected, {why}.", "{point}\u00a0: écarté, {why}."),
    CHOSEN: (
        "{point}: chosen, {units} of {demand} {noun} for {total} {currency}, promised for {day}.",
        "{point}\u00a0: retenu, {units} {noun} sur {demand} pour {total} {currency}, promis pour le {day}.",
    ),
    reasons.DEARER: (
        "{point}: could serve everything for {total} {currency}, the plan costs {plan} {currency}.",
        "{point}\u00a0: pourrait tout servir pour {total} {currency}, le plan coûte {plan} {currency}.",
    ),
    reasons.HOLDS_A_PART: (
        "{point}: could serve {units} of {demand} {noun} for {total} {currency}; no cheaper plan uses it.",
        "{point}\u00a0: pourrait servir {units} {noun} sur {demand} pour {total} {currency}\u202f; "
        "aucun plan moins cher ne passe par lui.",
    ),
    reasons.NO_PLAN: (
        "{point}: could serve {units} of {demand} {noun}, but the rule found no plan.",
        "{point}\u00a0: pourrait servir {units} {noun} sur {demand}, mais la règle n’a trouvé aucun plan.",
    ),
}


# What the filter wanted, and what it found at a stock point.
_FIGURES: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    reasons.WITHIN_KM: (("at most {} km", "au plus {} km"), ("{} km", "{} km")),
    reasons.CAPACITY_LEFT: (("at least {}", "au moins {}"), ("{}", "{}")),
    reasons.UNITS_LEFT: (("{} must stay", "il doit en rester {}"), ("it has {}", "il en a {}")),
    reasons.COVER: (("at least {} days", "au moins {} jours"), ("{} d", "{} j")),
    reasons.LATE: (("by {}", "le {} au plus tard"), ("{}", "{}")),
}
_UNKNOWN_PLACE = ("its place is not known", "sa position est inconnue")


def explain(result: SourcingResult, candidate: Candidate, language: str = "en", form: Form = PLAIN) -> str:
    """Why this stock point won, lost or was excluded. KeyError for a language there is no text in."""
    column = _column(language)
    key = candidate.outcome if candidate.outcome in (REJECTED, CHOSEN) else candidate.reason
    why = _REJECTIONS[candidate.reason][column] if candidate.outcome == REJECTED else ""
    demand = demand_of(result)
    # English counts what was asked for, French what there is.
    nouns = ("unit" if demand == 1 else "units", "unité" if candidate.quantity < 2 else "unités")
    return _SENTENCES[key][column].format(
        point=candidate.stock_point,
        why=why,
        units=candidate.quantity,
        demand=demand,
        noun=nouns[column],
        total="" if candidate.total is None else form.money(candidate.total),
        plan=form.money(result.total),
        currency=result.currency,
        day=form.day(candidate.promised_on) if candidate.promised_on else "",
    )


def without_place(sentence: str, stock_point: str) -> str:
    """What `explain` says, without the stock point it begins with."""
    rest = sentence.removeprefix(stock_point).lstrip(" \u00a0:")
    return rest[:1].upper() + rest[1:]


def rejection(reason: str, language: str = "en") -> str:
    """Why a stock point was excluded, as the second half of a sentence. KeyError for a language there is no text in."""
    return _REJECTIONS[reason][_column(language)]


def wanted(miss: Miss, language: str = "en", form: Form = PLAIN) -> str:
    """What the filter asks for, in figures."""
    return _FIGURES[miss.reason][0][_column(language)].format(_figure(miss.wanted, form))


def found(miss: Miss, language: str = "en", form: Form = PLAIN) -> str:
    """What the stock point has of it, in figures."""
    column = _column(language)
    if miss.found is None:
        return _UNKNOWN_PLACE[column]
    return _FIGURES[miss.reason][1][column].format(_figure(miss.found, form))


def _column(language: str) -> int:
    return {name: number for number, name in enumerate(LANGUAGES)}[language]


def _figure(value: float | date, form: Form) -> str:
    return form.day(value) if isinstance(value, date) else form.number(value)


def demand_of(result: SourcingResult) -> int:
    """The units that were asked for, planned or not."""
    planned = sum(line.quantity for parcel in result.plan for line in parcel.lines)
    return planned + sum(line.quantity for line in result.unplanned)
