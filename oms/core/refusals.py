"""Refusals of a service, beside the fields of the form that asked for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.forms import BaseForm
from django.utils.translation import gettext

from oms.core.errors import OmsError


def told(sentence: str) -> str:
    """What a service or the API says, in the reader's language where it was marked to be translated."""
    return gettext(sentence) if sentence else sentence


def show_refusal(form: BaseForm, refused: OmsError, told: Callable[[str], str] = told) -> None:
    """Beside the field the refusal is about where it says so; nothing typed is lost."""
    about = refused.errors if isinstance(refused.errors, Mapping) else {}
    for name, said in about.items():
        field = str(name).rpartition(".")[2]
        for sentence in [said] if isinstance(said, str) else said:
            form.add_error(field if field in form.fields else None, told(str(sentence)))
    if not about:
        form.add_error(None, told(refused.detail))
