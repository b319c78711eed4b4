"""What `parse_rule_set` says of a mistake, in the reader's language. The parser itself knows only English."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _

_TOLD: tuple[tuple[str, Any], ...] = (
    (r"must be an object", _("must be an object")),
    (r"must be a list", _("must be a list")),
    (r"names the same value twice", _("names the same value twice")),
    (r"is not a key of this object", _("is not a key of this object")),
    (r"must be a string", _("must be text")),
    (r"must have between 1 and 200 characters", _("must have between 1 and 200 characters")),
    (r"must be true or false", _("must be true or false")),
    (r"must be a whole number", _("must be a whole number")),
    (r"must be between (?P<low>\d+) and (?P<high>\d+)", _("must be between %(low)s and %(high)s")),
    (r"must be a number of kilometres", _("must be a number of kilometres")),
    (r"must be above 0 and at most 40000", _("must be above 0 and at most 40000")),
    (r'must be a decimal written as a string, like "0.10"', _("must be an amount like 0.10")),
    (r"is not a decimal number", _("must be an amount like 0.10")),
    (r"has more than six decimals", _("has more than six decimals")),
    (r"must be one of (?P<values>.+)", _("must be one of %(values)s")),
    (r"must be a two-letter country code", _("must be a country's code of two letters, like FR")),
    (r"must be a time like 09:30", _("must be a time like 09:30")),
    (r"must be a day like 2026-11-27", _("must be a day like 2026-11-27")),
    (r"the minimum is above the maximum", _("the minimum is above the maximum")),
    (r"the first day is after the last", _("the first day is after the last")),
    (r"`from` must be before `to`", _("it begins after it ends")),
    (r"must be a list of at least one rule", _("there must be at least one rule")),
    (r"two rules have the same name", _("two rules have the same name")),
    (r"is missing", _("is missing")),
    (r"may not contain the character NUL", _("may not contain the character NUL")),
)


def told(detail: str) -> str:
    """The same in the language in force; what is not known here as it is."""
    for pattern, sentence in _TOLD:
        found = re.fullmatch(pattern, detail)
        if found:
            return str(sentence) % found.groupdict() if found.groupdict() else str(sentence)
    return detail
