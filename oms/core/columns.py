"""Reading part of a row."""

from django.db.models import Model


def own_columns(model: type[Model]) -> tuple[str, ...]:
    """All of a model's own columns, as `only()` wants them named where it also names some of a related model's."""
    return tuple(field.name for field in model._meta.concrete_fields)
