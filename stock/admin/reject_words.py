"""Why a line of a file was not used, in the reader's language. The report itself, as programs read it, is English."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext, gettext_noop

# As `stock.feeds.rejects` writes them.
SENTENCES: Final = (
    gettext_noop("The line names no SKU."),
    gettext_noop("The line names no stock point."),
    gettext_noop("The line tells no quantity."),
    gettext_noop("A quantity is never negative."),
    gettext_noop("A quantity has at most nine digits."),
    gettext_noop("A quantity is a whole number without a decimal comma."),
    gettext_noop("A quantity is a whole number, written with digits only."),
    gettext_noop("There is no such stock point."),
    gettext_noop("There is no such SKU or stock point."),
    gettext_noop("There is no such stock point; kept until there is."),
    gettext_noop("There is no such SKU; kept until there is."),
    gettext_noop("The source has told a newer figure, and it says something else."),
)
_NAMED_BEFORE: Final = re.compile(r"Line (?P<line>\d+) already names this SKU at this stock point\.")


def told_reject(detail: str) -> str:
    """What is not known here is told as it is."""
    if named := _NAMED_BEFORE.fullmatch(detail):
        return gettext("Line %(line)s already names this SKU at this stock point.") % named.groupdict()
    return gettext(detail) if detail in SENTENCES else detail
