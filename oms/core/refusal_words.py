"""What the kernel's services say with values, to be told in the reader's language."""

from django.utils.translation import gettext_noop

from oms.core.refusals import know

know(
    gettext_noop("There already is a client named %(name)s."),
    gettext_noop("Unknown scope: %(scopes)s."),
    gettext_noop("Unknown permissions: %(permissions)s."),
)
