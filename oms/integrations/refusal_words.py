"""What the services of integrations say with values, to be told in the reader's language."""

from django.utils.translation import gettext_noop

from oms.core.refusals import know

know(
    gettext_noop("%(host)s is an address of a private network."),
    gettext_noop("events: %(event)s is not told; these are: %(events)s."),
)
