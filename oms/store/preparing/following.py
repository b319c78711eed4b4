"""What becomes of units that a store gives back or did not find, as it is told there."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from oms.sourcing.facts import OWN_STOCK_MODES


def what_follows(modes: Iterable[str]) -> str:
    """Of units to be received in these ways: what is collected of the store's own stock, nobody else can send."""
    waits = _("What is collected here of this store’s own stock no other place can send: customer service sees it.")
    goes_on = _("Another place is looked for, and this one is not asked again for these units.")
    kept = {mode in OWN_STOCK_MODES for mode in modes}
    return " ".join(text for text, is_said in ((goes_on, False in kept), (waits, True in kept)) if is_said)
