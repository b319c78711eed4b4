"""What each role may do with stock."""

from oms.core.roles import allow, may

PAUSE = "stock.pause_stockpoint"
APPROVE_COUNTS = "stock.approve_stockcount"
ACCEPT_TRANSFERS = "stock.accept_transfer"
REPAIR_LEVELS = "stock.repair_stocklevel"
_CONFIGURATION = ("banner", "saleschannel", "stockpoint", "stockpointgroup", "product", "variant", "protectionrule")
_FACTS = ("stocklevel", "stockmovement", "reservation", "unavailability")
_IMPORTS = ("stockimport", "stocksource")

for model in _CONFIGURATION:
    allow("head_office", *may("stock", model, "view", "add", "change"))
    allow("merchandiser", *may("stock", model, "view"))
    allow("customer_service", *may("stock", model, "view"))
for model in _FACTS:
    for role in ("head_office", "merchandiser", "store_manager", "store_staff", "customer_service"):
        allow(role, *may("stock", model, "view"))
for model in _IMPORTS:
    allow("head_office", *may("stock", model, "view", "add", "change"))
    allow("merchandiser", *may("stock", model, "view", "add", "change"))

for role in ("head_office", "merchandiser"):
    allow(role, *may("stock", "expectedreceipt", "view", "add", "change"))
    allow(role, *may("stock", "channelallotment"))
for role in ("store_manager", "store_staff", "customer_service"):
    allow(role, *may("stock", "expectedreceipt", "view"))
for role in ("head_office", "merchandiser", "store_manager"):
    allow(role, *may("stock", "unavailability", "add", "change"))
    allow(role, *may("stock", "stockcount", "view", "add", "change"))
allow("store_staff", *may("stock", "stockcount", "view", "change"))
# Who counts does not decide: a store's own people never approve their count.
for role in ("head_office", "merchandiser"):
    allow(role, APPROVE_COUNTS, *may("stock", "leveldifference", "view"))
allow("head_office", REPAIR_LEVELS)
for role in ("head_office", "merchandiser"):
    allow(role, *may("stock", "catalogueimport", "view", "add", "change"))

for role in ("head_office", "merchandiser"):
    allow(role, *may("stock", "quarantinedfigure", "view"))

allow("merchandiser", *may("stock", "protectionrule"), *may("stock", "product"), *may("stock", "variant"))
allow("head_office", *may("stock", "protectionrule", "delete"), *may("stock", "stockpointmember"))
for role in ("head_office", "merchandiser"):
    allow(role, *may("stock", "protectionpreview", "view"), *may("stock", "pendingprotection", "view"))
allow("head_office", *may("stock", "channelmember"), *may("stock", "clientaccess"))
for role in ("store_manager", "store_staff"):
    allow(role, *may("stock", "variant", "view"), *may("stock", "product", "view"), *may("stock", "stockpoint", "view"))
for role in ("store_manager", "head_office"):
    allow(role, PAUSE)
for role in ("head_office", "merchandiser", "store_manager", "store_staff"):
    allow(role, *may("stock", "transfer", "view", "change"))
for role in ("head_office", "merchandiser"):
    allow(role, ACCEPT_TRANSFERS, *may("stock", "purchaseproposal", "view"), *may("stock", "replenishmentpolicy"))
