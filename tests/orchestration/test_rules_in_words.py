"""A rule set in sentences, in both languages, with everything it says and nothing it does not."""

import pytest

from oms.orchestration.wording import in_words
from oms.sourcing.rule_parsing import parse_rule_set
from tests.orchestration.builders import a_document

FULL = a_document(
    applies_to={
        "channels": ["web", "app"], "channel_kinds": ["web"], "banners": ["mode"],
        "modes": ["home", "express", "relay"],
        "countries": ["FR"], "postcode_prefixes": ["75"], "order_value": {"min": "50", "max": "200.50"},
        "categories_any": ["shirts"], "tags_any": ["vip"],
    },
    rules=[
        {
            "name": "all",
            "filters": {
                "kinds": ["warehouse", "store"], "groups_any": ["north"], "stock_points": ["depot"],
                "exclude_groups": ["outlet"], "within_km": 300, "min_capacity_left": 2, "min_units_left": 1,
                "same_banner": True, "open_today": True, "exclude_destination": True,
            },
            "objectives": {"transport": "2.50", "handling": "0", "carbon_per_kg": "0.10", "extra_parcel": "3",
                           "lateness_per_day": "0", "decline": "1"},
            "max_parcels": 3, "complete_only": False, "allow_quantity_split": True, "late_days": 2,
            "assignment": {"kind": "offer", "candidates": 4}, "acceptance_minutes": 90,
            "calendar": {"weekdays": [6, 7], "from": "09:00", "to": "18:30"},
        },
    ],
    when_nothing_fits={"action": "queue", "cancel_after_days": 3},
    max_hops=4,
)  # fmt: skip


@pytest.mark.parametrize(
    ("language", "is_for", "rule", "otherwise"),
    [
        (
            "en",
            "channel web or app; web; banner mode; home delivery, express delivery or relay point; to FR; "
            "postcodes from 75…; worth 50 to 200.5; with shirts; tagged vip",
            (
                "warehouses or stores, in north or depot, except outlet, within 300 km, room left today: 2, "
                "units kept on the shelf: 1, of the channel's banner, open today, not where the customer collects; "
                "only Sat Sun 09:00–18:30",
                "transport × 2.5, 0.1 per kg of CO2e, risk of decline, 3 per extra parcel",
                "as much as there is, in at most 3 parcels, quantities may be split, up to 2 d late",
                "offered to 4, to accept within 90 min",
            ),
            "queued and tried again, cancelled after 3 d; at most 4 re-routings",
        ),
        (
            "fr",
            "canal web ou app\u202f; web\u202f; enseigne mode\u202f; "
            "livraison à domicile, livraison express ou point relais\u202f; "
            "vers FR\u202f; "
            "codes postaux en 75…\u202f; de 50 à 200,5\u202f; avec shirts\u202f; marquée vip",
            (
                "entrepôts ou magasins, parmi north ou depot, sauf outlet, à moins de 300 km, "
                "place restante ce jour\u00a0: 2, "
                "unités gardées en rayon\u00a0: 1, de l’enseigne du canal, ouverts aujourd’hui, "
                "sauf où le client retire\u202f; "
                "seulement sam dim 09:00–18:30",
                "transport × 2,5, 0,1 par kg de CO2e, risque de refus, 3 par colis supplémentaire",
                "ce qu’il y a, en 3 colis au plus, quantités fractionnables, jusqu’à 2 j de retard",
                "proposée à 4, à accepter sous 90 min",
            ),
            "mise en file et retentée, annulée après 3 j\u202f; 4 réaffectations au plus",
        ),
    ],
)
def test_everything_a_document_says_is_told(language, is_for, rule, otherwise):
    words = in_words(parse_rule_set(FULL), language)
    assert words.is_for == is_for
    (told,) = words.rules
    assert (told.looks_at, told.compares, told.allows, told.then) == rule
    assert words.otherwise == otherwise


def test_what_restricts_nothing_is_told_shortly():
    words = in_words(parse_rule_set(a_document(rules=[{"name": "any"}], when_nothing_fits={"action": "cancel"})))
    assert words.is_for == "every order"
    (told,) = words.rules
    assert told.looks_at == "all stock points"
    assert told.compares == ("transport, handling, 0.1 per kg of CO2e, 2 per day late, risk of decline")
    assert (told.allows, told.then) == ("the whole order, in one parcel", "assigned")
    assert words.otherwise == "cancelled; at most 5 re-routings"
