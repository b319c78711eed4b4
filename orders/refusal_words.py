"""What the services of orders say with values, to be told in the reader's language."""

from django.utils.translation import gettext_noop

from oms.core.refusals import know
from orders.states import FulfilmentState, OrderState, ParcelState

know(gettext_noop("This order is %(state)s."), state=OrderState)
know(gettext_noop("This fulfilment is %(state)s."), state=FulfilmentState)
know(gettext_noop("This parcel is %(state)s."), state=ParcelState)
know(
    gettext_noop("%(code)s does not feed the order's sales channel."),
    gettext_noop("%(code)s does not offer this mode."),
    gettext_noop("%(code)s takes no orders."),
    gettext_noop("%(sku)s has no price in %(currency)s."),
    gettext_noop("%(postcode)s is not a postcode of %(country)s."),
    gettext_noop("%(count)s orders match: between 1 and %(most)s can be done at once."),
    gettext_noop("A basket has up to %(most)s lines."),
    gettext_noop("A line has 1 to %(most)s units."),
    gettext_noop("%(left)s units are left of this line."),
    gettext_noop("%(asked)s asked, %(held)s here."),
    gettext_noop("%(quantity)s wait here."),
    gettext_noop("%(quantity)s more than picked."),
    gettext_noop("%(quantity)s more than asked."),
    gettext_noop("%(quantity)s in no parcel."),
    gettext_noop("There is no payment gateway %(code)s."),
    gettext_noop("Unknown gateway: %(code)s."),
)

# Why a person should look at an order.
know(
    gettext_noop("Label refused: %(detail)s"),
    gettext_noop("%(amount)s could not be captured."),
    gettext_noop("The %(what)s of payment %(payment)s was refused."),
)
