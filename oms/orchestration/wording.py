"""A rule set in sentences, in English or French: what its author sees beside the document."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from oms.sourcing.rules import (
    ALL_WEEKDAYS,
    ANY_DELAY_DAYS,
    BACKORDER,
    CANCEL,
    END_OF_DAY,
    MANY_PARCELS,
    OBJECTIVES,
    OFFER,
    QUEUE,
    Filters,
    Objectives,
    OrderConditions,
    OrderWindow,
    Rule,
    RuleSet,
    clock_text,
)

LANGUAGES = ("en", "fr")
Pair = tuple[str, str]

KINDS: dict[str, Pair] = {
    "warehouse": ("warehouses", "entrepôts"),
    "store": ("stores", "magasins"),
    "supplier": ("suppliers", "fournisseurs"),
    "distributor": ("distributors", "distributeurs"),
    "reseller": ("resellers", "revendeurs"),
    "marketplace": ("marketplaces", "places de marché"),
}
MODES: dict[str, Pair] = {
    "home": ("home delivery", "livraison à domicile"),
    "express": ("express delivery", "livraison express"),
    "slot": ("delivery in a slot", "livraison sur créneau"),
    "relay": ("relay point", "point relais"),
    "pickup": ("click and collect", "retrait en magasin"),
    "ship_to_store": ("ship to store", "expédition en magasin"),
    "e_reservation": ("e-reservation", "e-réservation"),
    "carry_out": ("carry out", "vente emportée"),
}
# Of the built-in carrier; other services are called what the retailer calls them.
SERVICES: dict[str, Pair] = {**MODES, "house": ("standard", "standard")}
CHANNEL_KINDS: dict[str, Pair] = {
    "web": ("web", "web"),
    "mobile": ("mobile", "mobile"),
    "store": ("in store", "en magasin"),
    "marketplace": ("marketplace", "place de marché"),
    "social": ("social", "réseaux sociaux"),
    "call_centre": ("call centre", "centre d’appels"),
}
OBJECTIVE_NAMES: dict[str, Pair] = {
    "transport": ("transport", "transport"),
    "handling": ("handling", "préparation"),
    "carbon_per_kg": ("carbon", "carbone"),
    "ageing": ("ageing stock", "stock vieillissant"),
    "scarcity": ("scarcity", "rareté"),
    "lateness_per_day": ("lateness", "retard"),
    "decline": ("risk of decline", "risque de refus"),
    "priority": ("priority", "priorité"),
    "extra_parcel": ("extra parcel", "colis supplémentaire"),
}
_PRICED: dict[str, Pair] = {
    "carbon_per_kg": ("{} per kg of CO2e", "{} par kg de CO2e"),
    "lateness_per_day": ("{} per day late", "{} par jour de retard"),
    "priority": ("{} per rank of priority", "{} par rang de priorité"),
    "extra_parcel": ("{} per extra parcel", "{} par colis supplémentaire"),
}
_WEEKDAYS: tuple[Pair, ...] = (
    ("Mon", "lun"), ("Tue", "mar"), ("Wed", "mer"), ("Thu", "jeu"), ("Fri", "ven"), ("Sat", "sam"), ("Sun", "dim"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuleWords:
    """One rule: which stock points it looks at, by what it compares plans, what a plan may be, what follows."""

    name: str
    looks_at: str
    compares: str
    allows: str
    then: str


@dataclass(frozen=True, slots=True)
class RuleSetWords:
    is_for: str
    rules: tuple[RuleWords, ...]
    otherwise: str


def in_words(rule_set: RuleSet, language: str = "en") -> RuleSetWords:
    """KeyError for a language there is no text in."""
    speaker = _Speaker({name: number for number, name in enumerate(LANGUAGES)}[language])
    return RuleSetWords(
        is_for=speaker.conditions(rule_set.applies_to),
        rules=tuple(speaker.rule(rule) for rule in rule_set.rules),
        otherwise=speaker.otherwise(rule_set),
    )


def objective_name(objective: str, language: str) -> str:
    return OBJECTIVE_NAMES[objective][LANGUAGES.index(language)]


class _Speaker:
    def __init__(self, column: int) -> None:
        self.column = column

    def say(self, english: str, french: str, *values: object) -> str:
        return (english, french)[self.column].format(*values)

    def _amount(self, amount: Decimal) -> str:
        return _plain(amount).replace(".", self.say(".", ","))

    def listed(self, values: Iterable[str], names: dict[str, Pair] | None = None) -> str:
        found = [names[value][self.column] if names else value for value in values]
        last = self.say(" or ", " ou ")
        return last.join([", ".join(found[:-1]), found[-1]]) if len(found) > 1 else "".join(found)

    def conditions(self, conditions: OrderConditions) -> str:
        parts = [
            self.say("channel {}", "canal {}", self.listed(conditions.channels)) if conditions.channels else "",
            self.listed(conditions.channel_kinds, CHANNEL_KINDS),
            self.say("banner {}", "enseigne {}", self.listed(conditions.banners)) if conditions.banners else "",
            self.listed(conditions.modes, MODES),
            self.say("to {}", "vers {}", self.listed(conditions.countries)) if conditions.countries else "",
            self._postcodes(conditions.postcode_prefixes),
            self._order_value(conditions.min_order_value, conditions.max_order_value),
            self.say("with {}", "avec {}", self.listed(conditions.categories_any)) if conditions.categories_any else "",
            self.say("tagged {}", "marquée {}", self.listed(conditions.tags_any)) if conditions.tags_any else "",
            self._customers(conditions.customer_classes),
            self._window(conditions.ordered),
        ]
        told = self.say("; ", "\u202f; ").join(part for part in parts if part)
        return told or self.say("every order", "toutes les commandes")

    def _customers(self, classes: tuple[str, ...]) -> str:
        return self.say("customers of class {}", "clients de classe {}", self.listed(classes)) if classes else ""

    def _window(self, window: OrderWindow) -> str:
        parts = self._hours(window.weekdays, window.start, window.end)
        if window.first_day:
            parts.append(self.say("from {}", "à partir du {}", f"{window.first_day:%d/%m/%Y}"))
        if window.last_day:
            parts.append(self.say("until {}", "jusqu’au {}", f"{window.last_day:%d/%m/%Y}"))
        return self.say("ordered {}", "passée {}", " ".join(parts)) if parts else ""

    def _postcodes(self, prefixes: tuple[str, ...]) -> str:
        if not prefixes:
            return ""
        return self.say("postcodes from {}", "codes postaux en {}", self.listed(f"{prefix}…" for prefix in prefixes))

    def _order_value(self, low: Decimal | None, high: Decimal | None) -> str:
        if low is not None and high is not None:
            return self.say("worth {} to {}", "de {} à {}", self._amount(low), self._amount(high))
        if low is not None:
            return self.say("worth {} or more", "de {} ou plus", self._amount(low))
        return "" if high is None else self.say("worth {} or less", "de {} ou moins", self._amount(high))

    def rule(self, rule: Rule) -> RuleWords:
        return RuleWords(
            name=rule.name,
            looks_at=self._filters(rule.filters) + self._calendar(rule),
            compares=self._objectives(rule.objectives),
            allows=self._allowed(rule),
            then=self._then(rule),
        )

    def _filters(self, filters: Filters) -> str:
        named = (*filters.groups_any, *filters.stock_points)
        parts = [
            self.listed(filters.kinds, KINDS) or self.say("all stock points", "tous les points de stock"),
            self.say("in {}", "parmi {}", self.listed(named)) if named else "",
            self._except((*filters.exclude_groups, *filters.exclude_stock_points, *filters.exclude_tags)),
            self.say("within {} km", "à moins de {} km", filters.within_km) if filters.within_km is not None else "",
            self._number("room left today: {}", "place restante ce jour\u00a0: {}", filters.min_capacity_left),
            self._number("units kept on the shelf: {}", "unités gardées en rayon\u00a0: {}", filters.min_units_left),
            self.say("tagged {}", "étiquetés {}", self.listed(filters.tags_any)) if filters.tags_any else "",
            self._number("stock for at least {} days", "stock pour {} jours au moins", filters.min_cover_days),
            self.say("of the channel's banner", "de l’enseigne du canal") if filters.same_banner else "",
            self.say("open today", "ouverts aujourd’hui") if filters.open_today else "",
            self.say("open now", "ouverts en ce moment") if filters.open_now else "",
            self.say("where the customer collects", "où le client retire") if filters.destination_only else "",
            self.say("not where the customer collects", "sauf où le client retire")
            if filters.exclude_destination
            else "",
        ]
        return ", ".join(part for part in parts if part)

    def _except(self, codes: tuple[str, ...]) -> str:
        return self.say("except {}", "sauf {}", self.listed(codes)) if codes else ""

    def _number(self, english: str, french: str, count: int | None) -> str:
        return "" if count is None else self.say(english, french, count)

    def _calendar(self, rule: Rule) -> str:
        parts = self._hours(rule.calendar.weekdays, rule.calendar.start, rule.calendar.end)
        return self.say("; only {}", "\u202f; seulement {}", " ".join(parts)) if parts else ""

    def _hours(self, weekdays: tuple[int, ...], start: int, end: int) -> list[str]:
        parts = []
        if set(weekdays) != set(ALL_WEEKDAYS):
            parts.append(" ".join(_WEEKDAYS[day - 1][self.column] for day in sorted(weekdays)))
        if (start, end) != (0, END_OF_DAY):
            parts.append(f"{clock_text(start)}–{clock_text(end)}")
        return parts

    def _objectives(self, objectives: Objectives) -> str:
        return ", ".join(
            self._objective(name, getattr(objectives, name)) for name in OBJECTIVES if getattr(objectives, name)
        )

    def _objective(self, name: str, weight: Decimal) -> str:
        if name in _PRICED:
            return _PRICED[name][self.column].format(self._amount(weight))
        label = OBJECTIVE_NAMES[name][self.column]
        return label if weight == 1 else f"{label} × {self._amount(weight)}"

    def _allowed(self, rule: Rule) -> str:
        whole = self.say("the whole order", "toute la commande")
        part = self.say("as much as there is", "ce qu’il y a")
        parcels = (
            self.say("in any number of parcels", "en autant de colis qu’il faut")
            if rule.max_parcels >= MANY_PARCELS
            else self.say("in one parcel", "en un colis")
            if rule.max_parcels == 1
            else self.say("in at most {} parcels", "en {} colis au plus", rule.max_parcels)
        )
        parts = [whole if rule.complete_only else part, parcels]
        if rule.allow_quantity_split:
            parts.append(self.say("quantities may be split", "quantités fractionnables"))
        if rule.no_split_below is not None:
            small = self._amount(rule.no_split_below)
            parts.append(self.say("not split below {}", "non scindée sous {}", small))
        parts.append(self._late(rule.late_days))
        return ", ".join(part for part in parts if part)

    def _late(self, days: int) -> str:
        if not days:
            return ""
        if days >= ANY_DELAY_DAYS:
            return self.say("however late", "quel que soit le retard")
        return self.say("up to {} d late", "jusqu’à {} j de retard", days)

    def _then(self, rule: Rule) -> str:
        if rule.assignment.kind == OFFER:
            told = self.say("offered to {}", "proposée à {}", rule.assignment.candidates)
        else:
            told = self.say("assigned", "attribuée")
        if rule.acceptance_minutes is None:
            return told
        return told + self.say(", to accept within {} min", ", à accepter sous {} min", rule.acceptance_minutes)

    def otherwise(self, rule_set: RuleSet) -> str:
        action = rule_set.when_nothing_fits.action
        told = {
            CANCEL: self.say("cancelled", "annulée"),
            BACKORDER: self.say("back-ordered", "mise en attente de réassort"),
        }.get(action, self.say("queued and tried again", "mise en file et retentée"))
        days = rule_set.when_nothing_fits.cancel_after_days
        if days is not None and action != CANCEL:
            told += self.say(", cancelled after {} d", ", annulée après {} j", days)
        return told + self.say("; at most {} re-routings", "\u202f; {} réaffectations au plus", rule_set.max_hops)


# What becomes of units that no rule plans.
WHAT_NEXT: dict[str, Pair] = {
    QUEUE: ("it waits in the queue", "mise en file d’attente"),
    BACKORDER: ("it is back-ordered", "mise en attente de réassort"),
    CANCEL: ("it is cancelled", "annulation"),
}


def word_for(words: Mapping[str, Pair], code: str, language: str) -> str:
    """A code nobody has words for stays as it is."""
    return words.get(code, (code, code))[language == "fr"]


def _plain(amount: Decimal) -> str:
    text = format(amount, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
