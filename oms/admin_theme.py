"""How the admin looks and what frames it: the setting UNFOLD."""

from __future__ import annotations

from typing import Any, Final

from django.templatetags.static import static

from oms.core.brand import COLOURS

UNFOLD: Final[dict[str, Any]] = {
    "SITE_TITLE": "Halles",
    "SITE_HEADER": "Halles",
    "SITE_SYMBOL": "storefront",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("halles/icon.svg")},
    ],
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("halles/admin.css")],
    # The front door leads who is not signed in back to signing in.
    "SITE_URL": lambda request: "/" if request.user.is_authenticated else None,
    "SCRIPTS": [lambda request: static("halles/admin.js")],
    "COLORS": COLOURS,
    "SIDEBAR": {"show_search": True, "navigation": "oms.core.navigation.sidebar"},
    "DASHBOARD_CALLBACK": "oms.core.navigation.home",
}
