"""What a retailer decides of stock: when a file is held, how much is written at once, how replenishment reckons.

A part of the settings (`oms.settings` takes all of it over), each from the environment like theirs.
"""

from decimal import Decimal

import environ

env = environ.Env()

# An expected receipt that is late by more than this is not promised any more.
EXPECTED_RECEIPT_GRACE_DAYS = env.int("EXPECTED_RECEIPT_GRACE_DAYS", default=3)
# How long a process may take to hear that an article was declared hot.
HOT_ARTICLES_FRESH_S = env.float("HOT_ARTICLES_FRESH_S", default=5)
# Replenishment (docs/replenishment.md). Demand is what was sold or sent in so many days in which there was stock.
REPLENISHMENT_DEMAND_DAYS = env.int("REPLENISHMENT_DEMAND_DAYS", default=28)
# A delivery is to last a store so long; a store gives away what it would not sell within the slow days.
REPLENISHMENT_COVER_DAYS = env.int("REPLENISHMENT_COVER_DAYS", default=14)
REPLENISHMENT_SLOW_COVER_DAYS = env.int("REPLENISHMENT_SLOW_COVER_DAYS", default=90)
REPLENISHMENT_TRANSFER_DAYS = env.int("REPLENISHMENT_TRANSFER_DAYS", default=3)
# The quantile of the normal distribution: 1.64 is no stock-out in 95 of 100 cycles.
REPLENISHMENT_SERVICE_FACTOR = env.float("REPLENISHMENT_SERVICE_FACTOR", default=1.64)
# Of moving one unit, in the base currency, beside the giver's handling; and of each kilometre.
REPLENISHMENT_UNIT_COST = Decimal(env.str("REPLENISHMENT_UNIT_COST", default="0.30"))
REPLENISHMENT_KM_COST = Decimal(env.str("REPLENISHMENT_KM_COST", default="0.002"))
# What a person has rejected is not proposed again for so long.
REPLENISHMENT_REJECTION_DAYS = env.int("REPLENISHMENT_REJECTION_DAYS", default=14)
# From the promise of a unit until a shop has taken it off its shelf: what its own customers may take meanwhile.
PROTECTION_ANSWER_DAYS = env.float("PROTECTION_ANSWER_DAYS", default=1.0)
# How long a statement that previews a protection rule may take while a program waits; the admin counts in a task.
PROTECTION_PREVIEW_MS = env.int("PROTECTION_PREVIEW_MS", default=20_000)
# From ordering a purchase to its coming, until that is learned from what came; and how long a purchase is to last.
PURCHASE_LEAD_DAYS = env.int("PURCHASE_LEAD_DAYS", default=21)
PURCHASE_COVER_DAYS = env.int("PURCHASE_COVER_DAYS", default=30)
STOCK_IMPORT_MAX_BYTES = env.int("STOCK_IMPORT_MAX_BYTES", default=512 * 1024 * 1024)
STOCK_IMPORT_SWING_PERCENT = env.int("STOCK_IMPORT_SWING_PERCENT", default=30)
STOCK_IMPORT_SWING_UNITS = env.int("STOCK_IMPORT_SWING_UNITS", default=1000)
# Of a single stock point: of its units, or of the articles it has.
STOCK_IMPORT_POINT_SWING_PERCENT = env.int("STOCK_IMPORT_POINT_SWING_PERCENT", default=50)
STOCK_IMPORT_POINT_SWING_UNITS = env.int("STOCK_IMPORT_POINT_SWING_UNITS", default=200)
STOCK_IMPORT_POINT_SWING_LEVELS = env.int("STOCK_IMPORT_POINT_SWING_LEVELS", default=100)
STOCK_IMPORT_JSON_MAX_BYTES = env.int("STOCK_IMPORT_JSON_MAX_BYTES", default=10 * 1024 * 1024)
STOCK_IMPORT_JSON_MAX_ROWS = env.int("STOCK_IMPORT_JSON_MAX_ROWS", default=100_000)
STOCK_IMPORT_LANES = env.int("STOCK_IMPORT_LANES", default=2)
STOCK_IMPORT_CHUNK_LEVELS = env.int("STOCK_IMPORT_CHUNK_LEVELS", default=12_000)
STOCK_IMPORT_HISTORY_DAYS = env.int("STOCK_IMPORT_HISTORY_DAYS", default=90)
