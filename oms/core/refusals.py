"""Refusals of a service in the reader's language, and beside the fields of the form that asked for it.

Services speak English: the API answers so, and what is kept with a row outlives whoever reads it. A sentence
without values is marked where it is written; those with values are listed in an app's `refusal_words.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import TextChoices
from django.forms import BaseForm
from django.utils.translation import gettext, override

from oms.core.amounts import grouped
from oms.core.errors import OmsError
from oms.core.punctuation import with_colon
from oms.core.states import REGISTRY

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_MOVED = re.compile(r"This (?P<what>[a-z ]+) is (?P<state>\w+); it cannot become (?P<to>\w+)\.")
_COLUMN = re.compile(r"(?P<column>[a-z][\w.]*): (?P<detail>.+)", re.DOTALL)
_JOINTS = ((re.compile(r"; "), "; "), (re.compile(r"(?<=[.?!]) "), " "))


@dataclass(frozen=True, slots=True)
class _Known:
    template: str
    choices: Mapping[str, type[TextChoices]]
    amounts: frozenset[str]
    pattern: re.Pattern[str]


_KNOWN: list[_Known] = []


def know(*templates: str, amounts: Iterable[str] = (), **choices: type[TextChoices]) -> None:
    """Sentences of services with their values as `%(name)s`. `choices`: which of these are told by their labels;
    `amounts`: which are told by thousands.

    A value called `detail` is a sentence itself, one called `what` a word that is translated.
    """
    for template in templates:
        names = _PLACEHOLDER.findall(template)
        pattern = "".join(
            f"(?P<{part}>.+?)" if place % 2 else re.escape(part)
            for place, part in enumerate(_PLACEHOLDER.split(template))
        )
        labels = {name: choices[name] for name in names if name in choices}
        _KNOWN.append(_Known(template, labels, frozenset(amounts), re.compile(pattern, re.DOTALL)))
    # The more is said in so many words, the surer it is that this is the sentence.
    _KNOWN.sort(key=lambda known: len(_PLACEHOLDER.sub("", known.template)), reverse=True)


def told(said: str) -> str:
    """What a service says, in the reader's language; what nobody knows here as it is."""
    return _in_parts(said, all) or _as_whole(said) or _in_parts(said, any) or said if said else said


def told_in(language: str | None) -> Callable[[str], str]:
    """The same wherever it is called from: a file is streamed when its request is over."""

    @lru_cache(maxsize=1024)
    def tell(said: str) -> str:
        with override(language):
            return told(said)

    return tell


def _as_whole(said: str) -> str | None:
    """One sentence; None where it is not known."""
    if (exact := gettext(said)) != said:
        return exact
    for known in _KNOWN:
        if found := known.pattern.fullmatch(said):
            return gettext(known.template) % {
                name: grouped(int(value))
                if name in known.amounts and value.isdecimal()
                else _value(name, value, known.choices.get(name))
                for name, value in found.groupdict().items()
            }
    if found := _MOVED.fullmatch(said):
        return _moved(**found.groupdict())
    if (found := _COLUMN.fullmatch(said)) and (detail := _as_whole(found["detail"])) is not None:
        return with_colon(found["column"], detail)
    return None


def _in_parts(said: str, enough: Callable[[Iterable[object]], bool]) -> str | None:
    """Several sentences at once, where `enough` of them are known."""
    for between, joint in _JOINTS:
        parts = between.split(said)
        known = [_as_whole(part) for part in parts] if len(parts) > 1 else []
        if known and enough(known):
            return joint.join(one or part for one, part in zip(known, parts, strict=True))
    return None


def _value(name: str, value: str, choices: type[TextChoices] | None) -> str:
    if choices is not None and value in choices.values:
        return str(choices(value).label)
    if name == "detail":
        return told(value)
    return gettext(value) if name == "what" else value


def _moved(what: str, state: str, to: str) -> str:
    """As `Moves.move` refuses."""
    moves = REGISTRY.get(what.replace(" ", "_"))
    labels = dict(moves.states.choices) if moves else {}
    return gettext("It is “%(state)s” now; it cannot become “%(to)s”.") % {
        "state": labels.get(state, state),
        "to": labels.get(to, to),
    }


def show_refusal(form: BaseForm, refused: OmsError) -> None:
    """Beside the field the refusal is about where it says so; nothing typed is lost."""
    about = refused.errors if isinstance(refused.errors, Mapping) else {}
    for name, said in about.items():
        field = str(name).rpartition(".")[2]
        for sentence in [said] if isinstance(said, str) else said:
            form.add_error(field if field in form.fields else None, told(str(sentence)))
    if not about:
        form.add_error(None, told(refused.detail))
