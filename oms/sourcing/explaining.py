"""A decision in words: one sentence for each stock point, in English or French."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from oms.sourcing import reasons
from oms.sourcing.results import CHOSEN, REJECTED, Candidate, SourcingResult

LANGUAGES = ("en", "fr")

_REJECTIONS: dict[str, tuple[str, str]] = {
    reasons.INACTIVE: ("it is not active", "il n'est pas actif"),
    reasons.PAUSED: ("it is paused", "il est en pause"),
    reasons.NOT_IN_CHANNEL: ("it does not feed this channel", "il n'alimente pas ce canal"),
    reasons.DECLINED: ("it has declined this order", "il a refusé cette commande"),
    reasons.NOT_THE_PICKUP_POINT: (
        "the customer collects at another stock point",
        "le client retire dans un autre point de stock",
    ),
    reasons.NOT_THE_SELLING_POINT: (
        "the goods are sold in another stock point",
        "la vente a lieu dans un autre point de stock",
    ),
    reasons.DOES_NOT_SHIP: ("it does not ship orders", "il n'expédie pas de commandes"),
    reasons.NO_PICKUP: ("no pickup is offered there", "le retrait n'y est pas proposé"),
    reasons.NO_RESERVATION: ("it offers no reservation", "il ne propose pas la réservation"),
    reasons.CAPACITY: ("it can take no more orders today", "il ne peut plus prendre de commande aujourd'hui"),
    reasons.NEVER_OPEN: ("its calendar never opens", "son calendrier n'ouvre jamais"),
    reasons.KIND: ("the rule wants another kind of stock point", "la règle veut un autre type de point de stock"),
    reasons.GROUP: ("it is in none of the rule's groups", "il n'est dans aucun des groupes de la règle"),
    reasons.EXCLUDED_GROUP: ("the rule excludes its group", "la règle exclut son groupe"),
    reasons.STOCK_POINT: ("the rule names other stock points", "la règle nomme d'autres points de stock"),
    reasons.EXCLUDED_STOCK_POINT: ("the rule excludes it by name", "la règle l'exclut nommément"),
    reasons.TAG: ("it has none of the rule's tags", "il n'a aucune des étiquettes de la règle"),
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
        "il lui reste moins de capacité que la règle n'en veut",
    ),
    reasons.CLOSED_TODAY: ("it is closed today", "il est fermé aujourd'hui"),
    reasons.CLOSED_NOW: ("it is closed at this moment", "il est fermé en ce moment"),
    reasons.NO_STOCK: ("it has none of the articles", "il n'a aucun des articles"),
    reasons.UNITS_LEFT: (
        "it would keep fewer units than the rule wants",
        "il lui resterait moins d'unités que la règle n'en veut",
    ),
    reasons.COVER: (
        "its stock is sold faster than the rule wants",
        "son stock se vend plus vite que la règle ne le veut",
    ),
    reasons.LATE: ("it would deliver too late", "il livrerait trop tard"),
}

_SENTENCES: dict[str, tuple[str, str]] = {
    REJECTED: ("{point}: rejected, {why}.", "{point} : écarté, {why}."),
    CHOSEN: (
        "{point}: chosen, {units} of {demand} units for {total} {currency}, promised for {day}.",
        "{point} : retenu, {units} unités sur {demand} pour {total} {currency}, promis pour le {day}.",
    ),
    reasons.DEARER: (
        "{point}: could serve everything for {total} {currency}, the plan costs {plan} {currency}.",
        "{point} : pourrait tout servir pour {total} {currency}, le plan coûte {plan} {currency}.",
    ),
    reasons.HOLDS_A_PART: (
        "{point}: could serve {units} of {demand} units for {total} {currency}; no cheaper plan uses it.",
        "{point} : pourrait servir {units} unités sur {demand} pour {total} {currency} ; "
        "aucun plan moins cher ne passe par lui.",
    ),
    reasons.NO_PLAN: (
        "{point}: could serve {units} of {demand} units, but the rule found no plan.",
        "{point} : pourrait servir {units} unités sur {demand}, mais la règle n'a trouvé aucun plan.",
    ),
}


def explain(result: SourcingResult, candidate: Candidate, language: str = "en") -> str:
    """Why this stock point won, lost or was excluded. KeyError for a language there is no text in."""
    column = {name: number for number, name in enumerate(LANGUAGES)}[language]
    key = candidate.outcome if candidate.outcome in (REJECTED, CHOSEN) else candidate.reason
    why = _REJECTIONS[candidate.reason][column] if candidate.outcome == REJECTED else ""
    return _SENTENCES[key][column].format(
        point=candidate.stock_point,
        why=why,
        units=candidate.quantity,
        demand=demand_of(result),
        total=_amount(candidate.total),
        plan=_amount(result.total),
        currency=result.currency,
        day=candidate.promised_on.isoformat() if candidate.promised_on else "",
    )


def rejection(reason: str, language: str = "en") -> str:
    """Why a stock point was excluded, as the second half of a sentence. KeyError for a language there is no text in."""
    column = {name: number for number, name in enumerate(LANGUAGES)}[language]
    return _REJECTIONS[reason][column]


def demand_of(result: SourcingResult) -> int:
    """The units that were asked for, planned or not."""
    planned = sum(line.quantity for parcel in result.plan for line in parcel.lines)
    return planned + sum(line.quantity for line in result.unplanned)


def _amount(money: Decimal | None) -> str:
    return "" if money is None else str(money.quantize(Decimal("0.01"), ROUND_HALF_UP))
