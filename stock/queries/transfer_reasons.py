"""Why a transfer is proposed, in words, from the figures it was worked out from."""

from __future__ import annotations

from django.utils.translation import gettext as _

from stock.models import Transfer, TransferSource


def reason_of(transfer: Transfer) -> str:
    """Two sentences: what the receiver lacks, and why the giver can do without. In the language of who asks."""
    if not transfer.figures:
        return ""
    return f"{_lack(transfer)} {_plenty(transfer)}"


def _lack(transfer: Transfer) -> str:
    told = {**transfer.figures, "receiver": transfer.receiver.name}
    match told["here"] > 0, told["incoming"] > 0:
        case True, True:
            first = _("%(receiver)s has %(here)d and expects %(incoming)d more.")
        case True, False:
            first = _("%(receiver)s has %(here)d and expects no more.")
        case False, True:
            first = _("%(receiver)s has none left to sell and expects %(incoming)d.")
        case _none:
            first = _("%(receiver)s has none left to sell and expects none.")
    second = _("While there was stock it sold %(sold)d in %(days)d days: for %(lasts_days)d days it needs %(target)d.")
    return f"{first} {second}" % told


def _plenty(transfer: Transfer) -> str:
    told = {**transfer.figures, "giver": transfer.giver.name}
    match transfer.source:
        case TransferSource.WAREHOUSE:
            text = _("%(giver)s has %(giver_free)d free.")
        case TransferSource.RETURNED:
            text = _("Customers brought %(giver_returned)d back to %(giver)s lately; it keeps %(giver_keeps)d.")
        case _source:
            text = _("%(giver)s has %(giver_here)d and sold %(giver_sold)d in %(days)d days; it keeps %(giver_keeps)d.")
    return text % told
