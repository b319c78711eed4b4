"""What the services and file readers of stock say with values, to be told in the reader's language."""

from django.utils.translation import gettext_noop

from oms.core.refusals import know
from stock.states import ReservationState, StockCountState, StockImportState, TransferState

# Files.
know(
    gettext_noop("A line is longer than %(most)s characters."),
    gettext_noop("After line %(line)s: %(why)s."),
    gettext_noop("Line %(line)s: %(why)s."),
    gettext_noop("Line %(line)s: %(found)s fields where the header has %(wanted)s."),
    gettext_noop("Line %(line)s: byte 0x%(byte)s is not %(encoding)s."),
    gettext_noop("Line %(line)s holds a zero byte."),
    gettext_noop("Line %(line)s is longer than %(most)s."),
    gettext_noop("Line %(line)s is longer than %(most)s bytes."),
    gettext_noop("Line %(line)s or soon after is not UTF-16."),
    gettext_noop("Line %(line)s, the last one, breaks off: %(text)s."),
    gettext_noop("Line %(line)s has a decimal comma; a quantity is a whole number."),
    gettext_noop("Line %(line)s already names this SKU."),
    gettext_noop("Line %(line)s already names this SKU at this stock point."),
    gettext_noop("Line 1: %(header)s does not name %(columns)s."),
    gettext_noop("Line 1: %(header)s names other columns than %(columns)s, or one twice."),
    gettext_noop("Line 1: %(header)s is not separated by %(sign)s; declare the delimiter %(other)s."),
    gettext_noop("Line 1: %(header)s is not separated by %(sign)s; is it %(other)s?"),
    gettext_noop("Line 1 names %(column)s twice."),
    gettext_noop("The file is UTF-8, declared as %(encoding)s."),
    gettext_noop("The quotes of the line do not pair up (%(why)s)."),
    gettext_noop("%(found)s fields where the header has %(wanted)s."),
    gettext_noop("%(found)s fields where the header has %(wanted)s: a decimal comma?"),
    gettext_noop("What was told before %(day)s is not known any more."),
)

know(
    gettext_noop("A catalogue file may have %(limit)s bytes."),
    gettext_noop("A stock file may have %(limit)s bytes."),
    gettext_noop("The file has more than %(most)s rows."),
    gettext_noop("The file has %(rows)s rows; %(announced)s were announced."),
    gettext_noop("%(count)s lines cannot be used; %(most)s are the most."),
    amounts=("limit", "most", "rows", "announced", "count"),
)

# What staging writes of a line by SQL.
know(
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

# The lines of a file of articles.
know(
    gettext_noop("gtin: %(gtin)s belongs to another variant."),
    gettext_noop("gtin: %(gtin)s has a wrong length or check digit."),
    gettext_noop("gtin: line %(line)s already gives %(gtin)s."),
    gettext_noop("price: %(price)s is not an amount with at most two decimals."),
    gettext_noop("price: %(price)s is out of range."),
    gettext_noop("season_ends_on: %(day)s is not a day like 2026-08-31."),
    gettext_noop("weight_g: %(weight)s is not a whole number of grams."),
    gettext_noop("%(column)s: 1 or 0, true or false, yes or no."),
    gettext_noop("%(column)s: at most %(most)s characters."),
)

# Why a file waits for a person.
know(
    gettext_noop("It takes %(fallen)s of %(units)s units off the levels it touches."),
    gettext_noop("%(place)s would lose %(fallen)s of %(units)s units, and %(emptied)s of its %(levels)s articles."),
    gettext_noop("%(others)s more stock points fall like it."),
    amounts=("fallen", "units", "emptied", "levels", "others"),
)

# Imports and their sources.
know(
    gettext_noop("One of %(choices)s."),
    gettext_noop("The figures of %(source)s are %(basis)s; that cannot change."),
    gettext_noop("This import is %(state)s; only one that awaits approval can be approved."),
    gettext_noop("This import is %(state)s; there is nothing to confirm."),
    state=StockImportState,
)

# What is named and is not there.
know(
    gettext_noop("There is no SKU %(sku)s."),
    gettext_noop("There is no article %(sku)s."),
    gettext_noop("There is no banner %(code)s."),
    gettext_noop("There is no hold %(reference)s."),
    gettext_noop("There is no sales channel %(code)s."),
    gettext_noop("There is no stock point %(code)s."),
    gettext_noop("There is no %(what)s %(code)s."),
)

# Counts and transfers.
know(
    gettext_noop("There already is a stock count %(reference)s."),
    gettext_noop("This count is %(state)s; it is not counted any more."),
    gettext_noop("A sheet may have %(limit)s bytes."),
    gettext_noop("Line %(line)s: %(text)s is not a whole number."),
    state=StockCountState,
)
know(
    gettext_noop("Between 1 and %(most)s units."),
    gettext_noop("%(left)s of %(reference)s are on their way."),
    gettext_noop("This transfer is %(state)s; it cannot become %(to)s."),
    state=TransferState,
    to=TransferState,
)

# Levels and reservations.
know(
    gettext_noop("Movements of the last %(days)s days stay where feeds look for them."),
    gettext_noop("Reservation %(reservation)s is %(state)s."),
    gettext_noop("Reservation %(reservation)s is %(state)s or has no unit to spare."),
    gettext_noop("Reservation %(reservation)s is %(state)s with %(held)s units, %(quantity)s were asked of it."),
    gettext_noop("The channel may not take so much of %(skus)s."),
    gettext_noop("There is not enough stock of %(skus)s."),
    gettext_noop("The ledger already has %(kind)s %(reference)s."),
    gettext_noop("The reference %(reference)s is in use."),
    gettext_noop("%(reference)s is known with %(quantity)s units."),
    gettext_noop("kind: %(kind)s is not reported but written by the product."),
    gettext_noop("quantity: Only %(left)s units are set aside there."),
    gettext_noop("quantity: Only %(left)s units can be set aside there."),
    gettext_noop("reference: what follows %(mark)s tells deliveries of one receipt apart."),
    state=ReservationState,
)
