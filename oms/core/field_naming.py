"""Fields that say no name of their own get the product's word for it, which is translated."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string


def name_fields() -> None:
    """Of all models. What migrations keep is only what a field says itself."""
    names = import_string(settings.FIELD_NAMES)
    for model in apps.get_models():
        for field in (*model._meta.local_fields, *model._meta.local_many_to_many):
            if field._verbose_name is None and field.name in names:  # type: ignore[attr-defined]
                field.verbose_name = names[field.name]
