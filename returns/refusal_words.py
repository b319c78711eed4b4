"""What the services of returns say with values, to be told in the reader's language."""

from django.utils.translation import gettext_noop

from oms.core.refusals import know
from returns.states import ReturnState

know(
    gettext_noop("This return is %(state)s."),
    gettext_noop("This return is %(state)s; it cannot be received."),
    gettext_noop("This return is %(state)s; it cannot be settled."),
    gettext_noop("This return is %(state)s; it has its order."),
    gettext_noop("This return is %(state)s; there is nothing to inspect."),
    state=ReturnState,
)
know(
    gettext_noop("%(code)s takes no returns."),
    gettext_noop("%(sku)s is not in order %(number)s."),
    gettext_noop("%(told)s units are told, %(found)s %(what)s."),
    gettext_noop("%(channel)s sells in %(sold_in)s, the returned goods were paid in %(currency)s."),
    gettext_noop("There is nowhere to send %(sku)s to: choose another."),
)
