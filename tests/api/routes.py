"""Every address of the product, read from the URL patterns themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

API = "api/v1/"
HANDLERS = ("get", "post", "put", "patch", "delete")
_PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


@dataclass(frozen=True)
class Route:
    """One method of one address below /api/v1; parameters in braces, as in the OpenAPI document."""

    method: str
    path: str
    view: Any

    @property
    def key(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def has_object(self) -> bool:
        return "{" in self.path


def patterns(found: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in found:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, route)
        else:
            yield route, pattern


def addresses() -> list[str]:
    """Every address of the product that is not below the API or the admin."""
    found = [route for route, _ in patterns(get_resolver().url_patterns)]
    return [route for route in found if not route.startswith((API, "admin/"))]


def api_routes() -> list[Route]:
    routes = []
    for route, pattern in patterns(get_resolver().url_patterns):
        if not route.startswith(API):
            continue
        path = "/" + _PARAMETER.sub(r"{\1}", route.removeprefix(API))
        view = getattr(pattern.callback, "view_class", None) or getattr(pattern.callback, "cls", None)
        assert view is not None, f"{path} is not served by a class"
        routes += [Route(name.upper(), path, view) for name in HANDLERS if hasattr(view, name)]
    return sorted(routes, key=lambda route: (route.path, route.method))


def without_names(path: str) -> str:
    """`/orders/{number}/` → `/orders/{}/`: what a parameter is called matters to nobody but the document."""
    return re.sub(r"{[^}]*}", "{}", path)
