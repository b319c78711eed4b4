"""What returns tell in an order's story, in people's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES: Final[Mapping[str, str | Promise]] = {
    "return.requested": _("%(units)s units are to come back (%(returned)s)."),
    "return.authorised": _("The customer may send the goods back (%(returned)s)."),
    "return.labelled": _("The label of return %(returned)s was made."),
    "return.in_transit": _("The goods are on their way back (%(returned)s)."),
    "return.received": _("%(units)s units came back (%(returned)s)."),
    "return.matched": _("%(units)s units that came back without a receipt are from this order (%(returned)s)."),
    "return.inspected": _("%(units)s units that came back were looked at (%(returned)s)."),
    "return.settled": _("Return %(returned)s was settled: %(amount)s are given back."),
    "return.closed": _("Return %(returned)s was closed."),
    "return.rejected": _("Return %(returned)s was rejected."),
    "return.cancelled": _("Return %(returned)s was cancelled: nothing comes back."),
    "return.expired": _("Return %(returned)s expired: nothing came in time."),
}
