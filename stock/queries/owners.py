"""Whose a reservation is. Stock holds an opaque reference; the apps above say what theirs look like.

name_owners("order", orders_of)      # "order:H26…" → its page
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Namer = Callable[[list[str]], Mapping[str, "Owner"]]
NAMERS: dict[str, Namer] = {}


@dataclass(frozen=True, slots=True)
class Owner:
    """A name for people and the page to look at; the page is empty where there is none."""

    name: str
    url: str = ""


def name_owners(kind: str, namer: Namer) -> None:
    """Let `namer` answer for the references `kind:…`; it is given what follows the colon."""
    NAMERS[kind] = namer


def owners_of(references: Iterable[str]) -> dict[str, Owner]:
    """Every reference with its owner, one question per kind; an unknown kind is shown as it is."""
    by_kind: dict[str, list[str]] = {}
    found = {}
    for reference in references:
        kind, _, name = reference.partition(":")
        by_kind.setdefault(kind, []).append(name)
        found[reference] = Owner(reference)
    for kind, names in by_kind.items():
        if kind in NAMERS:
            found |= {f"{kind}:{name}": owner for name, owner in NAMERS[kind](names).items()}
    return found
