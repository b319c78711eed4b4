"""Refusals of a service, beside the fields of the form that asked for it."""

from __future__ import annotations

from collections.abc import Mapping

from django.forms import BaseForm

from oms.core.errors import OmsError


def show_refusal(form: BaseForm, refused: OmsError) -> None:
    """Beside the field the refusal is about where it says so; nothing typed is lost."""
    about = refused.errors if isinstance(refused.errors, Mapping) else {}
    for name, told in about.items():
        field = str(name).rpartition(".")[2]
        for sentence in [told] if isinstance(told, str) else told:
            form.add_error(field if field in form.fields else None, str(sentence))
    if not about:
        form.add_error(None, refused.detail)
