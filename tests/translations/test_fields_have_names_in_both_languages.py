"""Columns and labels of the admin come from fields: each has a word that is translated."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import models
from django.utils import translation

from orders.models import Order

OURS = ("core", "stock", "orchestration", "orders", "returns", "integrations")
# Spelled alike in French.
ALIKE = {
    "action",
    "client",
    "code",
    "latitude",
    "longitude",
    "mode",
    "modes",
    "position",
    "service",
    "source",
    "total",
    "version",
    "zone",
}


def columns() -> list[tuple[str, models.Field]]:
    found = []
    for model, shown in admin.site._registry.items():
        if model._meta.app_label in OURS:
            fields = {field.name: field for field in model._meta.fields}
            found += [(model._meta.label, fields[name]) for name in shown.list_display if name in fields]
    return found


def test_every_column_of_every_list_is_told_in_french() -> None:
    with translation.override("fr"):
        untold = {
            f"{label}.{field.name}"
            for label, field in columns()
            if str(field.verbose_name) == field.name.replace("_", " ") and field.name not in ALIKE
        }
    assert untold == set()


@pytest.mark.parametrize(("language", "told"), [("en", "promised on"), ("fr", "promis pour le")])
def test_a_name_follows_the_reader_and_is_no_migration(language: str, told: str) -> None:
    field = Order._meta.get_field("promised_on")
    with translation.override(language):
        assert str(field.verbose_name) == told
    assert "verbose_name" not in field.deconstruct()[3]
