"""What the services of orchestration say with values, to be told in the reader's language."""

from django.utils.translation import gettext_noop

from oms.core.refusals import know

know(
    gettext_noop("No decision was made for an order %(reference)s."),
    gettext_noop("No more orders now at %(codes)s."),
    gettext_noop("Rule set %(code)s has no version %(version)s."),
    gettext_noop("The rule set %(code)s has no example order %(example)s."),
    gettext_noop("There is no example order %(example)s."),
    gettext_noop("There is no rule set %(code)s."),
    gettext_noop("Version %(version)s was never in force."),
    gettext_noop("%(carrier)s has no service %(service)s."),
    gettext_noop("%(code)s is not a country's code."),
)
