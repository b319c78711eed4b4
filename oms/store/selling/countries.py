"""Where the shops deliver to."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext_lazy as _

# The names of those whose tax the settings know; another one added there is shown by its code.
_NAMES = {"FR": _("France"), "BE": _("Belgium"), "DE": _("Germany"), "ES": _("Spain"), "IT": _("Italy")}


def country_choices() -> list[tuple[str, str]]:
    return [(code, str(_NAMES.get(code, code))) for code in settings.TAX_RATES]
