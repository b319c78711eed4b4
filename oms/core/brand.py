"""The colours of the house, as the admin wants them; the store's screens have theirs in static/halles/halles.css."""

from typing import Final

# The warm stone and the ironwork's green of a covered market.
COLOURS: Final = {
    "base": {
        "50": "#faf7f2",
        "100": "#f6f2ec",
        "200": "#e8e0d5",
        "300": "#d3c7b8",
        "400": "#a69889",
        "500": "#75695d",
        "600": "#5c5248",
        "700": "#463e36",
        "800": "#2b2520",
        "900": "#1f1b18",
        "950": "#161311",
    },
    "primary": {
        "50": "#eef7f3",
        "100": "#dcece6",
        "200": "#b9dccf",
        "300": "#8ccab5",
        "400": "#4fae92",
        "500": "#1f8c6f",
        "600": "#0d5c4b",
        "700": "#0b4d3f",
        "800": "#093f34",
        "900": "#07332a",
        "950": "#041f1a",
    },
}
