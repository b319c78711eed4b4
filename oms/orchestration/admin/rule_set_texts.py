"""Plain words for each key of a rule set's document: a label, and where it helps a sentence."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from oms.orchestration.wording import CHANNEL_KINDS, KINDS, LANGUAGES, MODES, Pair


class Words(NamedTuple):
    """`unit` stands behind the value."""

    label: Any
    help: Any = ""
    unit: Any = ""


class Section(NamedTuple):
    title: Any
    help: Any
    paths: tuple[str, ...]


_MONEY = _("in the channel's currency")
_TIMES = _("times the cost")

SET_WORDS: dict[str, Words] = {
    "name": Words(_("Name")),
    "priority": Words(_("Priority"), _("The lowest is asked first; the first that matches an order decides alone.")),
    "applies_to.channels": Words(_("Sales channels"), _("Codes, separated by commas. Empty: every channel.")),
    "applies_to.channel_kinds": Words(_("Kinds of channel"), _("None ticked: every kind.")),
    "applies_to.banners": Words(_("Banners"), _("Empty: every banner.")),
    "applies_to.modes": Words(_("Ways of delivery"), _("None ticked: every way.")),
    "applies_to.countries": Words(_("Countries"), _("Two letters each, like FR. Empty: every country.")),
    "applies_to.postcode_prefixes": Words(_("Postcodes that begin with"), _("75, 92 … Empty: every postcode.")),
    "applies_to.order_value.min": Words(_("Worth at least"), "", _MONEY),
    "applies_to.order_value.max": Words(_("Worth at most"), "", _MONEY),
    "applies_to.categories_any": Words(_("An article of these categories"), _("One is enough. Empty: any article.")),
    "applies_to.tags_any": Words(_("Marked with"), _("Tags the channel gave the order; one is enough.")),
    "applies_to.customer_classes": Words(_("Classes of customers"), _("As the channel tells them. Empty: everybody.")),
    "applies_to.ordered.weekdays": Words(_("Ordered on")),
    "applies_to.ordered.from": Words(_("Ordered from"), _("Time of day, like 18:00.")),
    "applies_to.ordered.to": Words(_("Ordered before"), _("24:00 is the end of the day.")),
    "applies_to.ordered.first_day": Words(_("First day"), _("Empty: since ever.")),
    "applies_to.ordered.last_day": Words(_("Last day"), _("It is included. Empty: for ever.")),
    "when_nothing_fits.action": Words(_("What no rule can serve")),
    "when_nothing_fits.cancel_after_days": Words(_("Cancelled after"), _("Empty: it waits without an end."), _("days")),
    "max_hops": Words(_("Most re-routings"), _("Declined or expired more often than this, it waits for a person.")),
    "uses_learning": Words(_("Use what was learned from outcomes")),
}

RULE_WORDS: dict[str, Words] = {
    "name": Words(_("Name of the rule")),
    "filters.kinds": Words(_("Kinds of stock point"), _("None ticked: every kind.")),
    "filters.groups_any": Words(_("In one of these groups"), _("Empty: in any.")),
    "filters.stock_points": Words(_("Only these stock points"), _("Empty: all.")),
    "filters.tags_any": Words(_("With one of these tags"), _("Empty: any.")),
    "filters.exclude_groups": Words(_("Not in these groups")),
    "filters.exclude_stock_points": Words(_("Not these stock points")),
    "filters.exclude_tags": Words(_("Without these tags")),
    "filters.within_km": Words(
        _("At most so far from the customer"), _("As the crow flies. Empty: any distance."), "km"
    ),
    "filters.min_units_left": Words(
        _("Units it keeps"), _("Only units above this number count, article by article."), _("units")
    ),
    "filters.min_cover_days": Words(
        _("Stock for at least"), _("At the pace of the last four weeks, article by article."), _("days")
    ),
    "filters.min_capacity_left": Words(_("Can still take today"), _("Empty: no matter."), _("orders")),
    "filters.same_banner": Words(_("Of the channel's own banner")),
    "filters.open_today": Words(_("Open today")),
    "filters.open_now": Words(_("Open at this moment")),
    "filters.destination_only": Words(_("Only where the customer collects")),
    "filters.exclude_destination": Words(_("Not where the customer collects")),
    "objectives.transport": Words(_("Transport"), "", _TIMES),
    "objectives.handling": Words(_("Preparation"), "", _TIMES),
    "objectives.carbon_per_kg": Words(_("Carbon"), "", _("money per kg of CO2e")),
    "objectives.ageing": Words(
        _("Old stock first"), _("What is gained by selling what would be marked down."), _("times the gain")
    ),
    "objectives.scarcity": Words(
        _("Spare scarce stock"), _("What a shop misses without its last units."), _("times the loss")
    ),
    "objectives.lateness_per_day": Words(_("Lateness"), "", _("money per day late")),
    "objectives.decline": Words(_("Risk of a decline"), _("What a refusal is expected to cost."), _TIMES),
    "objectives.priority": Words(
        _("Stock points' priority"), _("Per rank below the best, for each parcel."), _("money per rank")
    ),
    "objectives.extra_parcel": Words(_("Extra parcel"), _("For each parcel beyond the first."), _("money per parcel")),
    "max_parcels": Words(_("Most parcels"), _("99: as many as it takes."), _("parcels")),
    "complete_only": Words(_("The whole order or nothing"), _("Not ticked: as many units as there are.")),
    "no_split_below": Words(
        _("Never split when worth less than"), _("Such an order goes in one parcel. Empty: no such value."), _MONEY
    ),
    "allow_quantity_split": Words(_("Units of one article may come from several places")),
    "late_days": Words(_("Tolerated lateness"), _("After the day the customer was promised."), _("days")),
    "assignment.kind": Words(_("Then")),
    "assignment.candidates": Words(_("Offered to"), _("The first to claim it sends it."), _("stores")),
    "acceptance_minutes": Words(
        _("To accept within"), _("Counted while its doors are open. Empty: no deadline."), _("minutes")
    ),
    "calendar.weekdays": Words(_("In force on")),
    "calendar.from": Words(_("From"), _("Time of day, like 08:00.")),
    "calendar.to": Words(_("Until"), _("24:00 is the end of the day.")),
}

SET_SECTIONS = (
    Section(_("General"), "", ("name", "priority", "uses_learning")),
    Section(
        _("Which orders"),
        _("An order must meet every condition. What is left empty asks for nothing."),
        (
            "applies_to.channels",
            "applies_to.channel_kinds",
            "applies_to.banners",
            "applies_to.modes",
            "applies_to.countries",
            "applies_to.postcode_prefixes",
            "applies_to.order_value.min",
            "applies_to.order_value.max",
            "applies_to.categories_any",
            "applies_to.tags_any",
            "applies_to.customer_classes",
            "applies_to.ordered.weekdays",
            "applies_to.ordered.from",
            "applies_to.ordered.to",
            "applies_to.ordered.first_day",
            "applies_to.ordered.last_day",
        ),
    ),
)
LAST_SECTION = Section(
    _("When no rule finds a plan"), "", ("when_nothing_fits.action", "when_nothing_fits.cancel_after_days", "max_hops")
)
RULE_SECTIONS = (
    Section(
        _("Which stock points"),
        _("A stock point must pass every filter. What is left empty lets all pass."),
        tuple(path for path in RULE_WORDS if path.startswith("filters.")),
    ),
    Section(
        _("What a plan costs"),
        _("Everything is money, so it can be added; the plan with the smallest sum wins. 0: it does not matter."),
        tuple(path for path in RULE_WORDS if path.startswith("objectives.")),
    ),
    Section(
        _("How an order may be split, and how late"),
        "",
        ("max_parcels", "complete_only", "no_split_below", "allow_quantity_split", "late_days"),
    ),
    Section(_("Who gets the work"), "", ("assignment.kind", "assignment.candidates", "acceptance_minutes")),
    Section(_("When this rule is in force"), "", ("calendar.weekdays", "calendar.from", "calendar.to")),
)

_OPTIONS: dict[str, Any] = {
    "queue": _("waits in the queue, reserved, and is tried again"),
    "backorder": _("is back-ordered"),
    "cancel": _("is cancelled"),
    "assign": _("assign it to the planned stock point"),
    "offer": _("offer it to several stores"),
    **dict(zip("1234567", (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")), strict=True)),
}
_NAMED: tuple[tuple[str, dict[str, Pair]], ...] = (
    ("channel_kinds", CHANNEL_KINDS),
    ("modes", MODES),
    ("kinds", KINDS),
)


def option_label(path: str, option: str, language: str) -> Any:
    """What a choice is called; one that is not known is called what it is."""
    for last, names in _NAMED:
        if path.endswith(f".{last}"):
            return names[option][LANGUAGES.index(language)] if option in names else option
    return _OPTIONS.get(option, option)
