"""Marks that languages set apart differently from the word before."""

from django.utils.translation import gettext


def with_colon(what: object, told: object) -> str:
    """`what: told`, as the reader's language writes it."""
    return gettext("%(what)s: %(told)s") % {"what": what, "told": told}


def colon() -> str:
    """After what no sentence of ours contains: a name in a template."""
    return with_colon("", "").rstrip(" ")
