"""What a reference names. The ledger, reservations and the audit hold opaque ones; the apps say what theirs look like.

name_references("order", orders_of)      # "order:H26…" → its page
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

Namer = Callable[[list[str]], Mapping[str, "Reference"]]
NAMERS: dict[str, Namer] = {}
# The kind of a reference that says none.
PLAIN = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A name for people and the page to look at; the page is empty where there is none."""

    name: str
    url: str = ""


def name_references(kind: str, namer: Namer) -> None:
    """Let `namer` answer for the references `kind:…`; it is given what follows the colon, up to a second one."""
    NAMERS[kind] = namer


def named_references(references: Iterable[str]) -> dict[str, Reference]:
    """Every reference with what it names, a fixed number of questions per kind; an unknown one as it is."""
    found = {reference: Reference(reference) for reference in references}
    by_kind: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for reference in found:
        kind, colon, name = reference.partition(":")
        by_kind[kind if colon else PLAIN][name.partition(":")[0] if colon else reference].append(reference)
    for kind, names in by_kind.items():
        if kind in NAMERS:
            for name, named in NAMERS[kind](list(names)).items():
                found |= dict.fromkeys(names[name], named)
    return found
