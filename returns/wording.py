"""What returns tell in an order's story, in people's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

SENTENCES: Final[Mapping[str, str | Promise]] = {
    "return.requested": ngettext_lazy(
        "%(units)s unit is to come back (%(returned)s).",
        "%(units)s units are to come back (%(returned)s).",
        "units",
    ),
    "return.authorised": _("The customer may send the goods back (%(returned)s)."),
    "return.labelled": _("The label of return %(returned)s was made."),
    "return.in_transit": _("The goods are on their way back (%(returned)s)."),
    "return.received": ngettext_lazy(
        "%(units)s unit came back (%(returned)s).",
        "%(units)s units came back (%(returned)s).",
        "units",
    ),
    "return.matched": ngettext_lazy(
        "%(units)s unit that came back without a receipt is from this order (%(returned)s).",
        "%(units)s units that came back without a receipt are from this order (%(returned)s).",
        "units",
    ),
    "return.inspected": ngettext_lazy(
        "%(units)s unit that came back was looked at (%(returned)s).",
        "%(units)s units that came back were looked at (%(returned)s).",
        "units",
    ),
    "return.settled": _("Return %(returned)s was settled: %(amount)s are given back."),
    "return.closed": _("Return %(returned)s was closed."),
    "return.rejected": _("Return %(returned)s was rejected."),
    "return.cancelled": _("Return %(returned)s was cancelled: nothing comes back."),
    "return.expired": _("Return %(returned)s expired: nothing came in time."),
}
