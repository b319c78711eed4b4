"""What the frame of every store page shows: where one works, and where one can go."""

from __future__ import annotations

from typing import Any, Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

# In the order of the bar; a page that does not exist is left out.
_ENTRIES: Final = (
    ("store:home", "home", _("Home"), True),
    ("store:sell", "sell", _("Sell"), False),
    ("store:prepare", "prepare", _("Prepare"), True),
    ("store:counter", "counter", _("Counter"), True),
    ("store:returns", "returns", _("Returns"), True),
    ("store:transfers", "box", _("Stock"), True),
)


def frame(request: HttpRequest) -> dict[str, Any]:
    """Nothing for pages of other rooms."""
    view = getattr(request, "store", None)
    if view is None:
        return {}
    return {
        "stock_point": view.stock_point,
        "can_choose_store": getattr(request, "can_choose_store", False),
        "store_navigation": _navigation(request, has_place=view.stock_point is not None),
    }


def _navigation(request: HttpRequest, *, has_place: bool) -> list[dict[str, Any]]:
    entries = []
    for name, icon, title, needs_place in _ENTRIES:
        url = _url(name)
        if not url or (needs_place and not has_place):
            continue
        is_home = name == "store:home"
        is_current = request.path == url if is_home else request.path.startswith(url)
        entries.append({"url": url, "icon": icon, "title": title, "is_current": is_current})
    return entries


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
