"""Why a stock point is where it is in a decision: one code each, in the order they are tested."""

from __future__ import annotations

FITS = ""

# Whatever the rule.
INACTIVE = "inactive"
PAUSED = "paused"
NOT_IN_CHANNEL = "not_in_channel"
DECLINED = "declined"
NOT_THE_PICKUP_POINT = "not_the_pickup_point"
NOT_THE_SELLING_POINT = "not_the_selling_point"
DOES_NOT_SHIP = "does_not_ship"
NO_PICKUP = "no_pickup"
NO_RESERVATION = "no_reservation"
CAPACITY = "capacity"
NEVER_OPEN = "never_open"

# Filters of the rule.
KIND = "kind"
GROUP = "group"
EXCLUDED_GROUP = "excluded_group"
STOCK_POINT = "stock_point"
EXCLUDED_STOCK_POINT = "excluded_stock_point"
TAG = "tag"
EXCLUDED_TAG = "excluded_tag"
BANNER = "banner"
NOT_THE_DESTINATION = "not_the_destination"
IS_THE_DESTINATION = "is_the_destination"
WITHIN_KM = "within_km"
CAPACITY_LEFT = "capacity_left"
CLOSED_TODAY = "closed_today"
CLOSED_NOW = "closed_now"

# Stock and dates.
NO_STOCK = "no_stock"
UNITS_LEFT = "units_left"
COVER = "cover"
LATE = "late"

ALL = (
    FITS,
    INACTIVE,
    PAUSED,
    NOT_IN_CHANNEL,
    DECLINED,
    NOT_THE_PICKUP_POINT,
    NOT_THE_SELLING_POINT,
    DOES_NOT_SHIP,
    NO_PICKUP,
    NO_RESERVATION,
    CAPACITY,
    NEVER_OPEN,
    KIND,
    GROUP,
    EXCLUDED_GROUP,
    STOCK_POINT,
    EXCLUDED_STOCK_POINT,
    TAG,
    EXCLUDED_TAG,
    BANNER,
    NOT_THE_DESTINATION,
    IS_THE_DESTINATION,
    WITHIN_KM,
    CAPACITY_LEFT,
    CLOSED_TODAY,
    CLOSED_NOW,
    NO_STOCK,
    UNITS_LEFT,
    COVER,
    LATE,
)
NUMBER = {reason: number for number, reason in enumerate(ALL)}

# Of points that passed every test.
CHEAPEST = "cheapest"
DEARER = "dearer"
HOLDS_A_PART = "holds_a_part"
NO_PLAN = "no_plan"
