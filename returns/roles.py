"""What each role may do with returns."""

from oms.core.roles import allow, may

HANDLE = "returns.change_return"
APPROVE_BLIND = "returns.approve_blind_return"
_SEEN = ("return", "returnlabel")

for model in _SEEN:
    for role in ("head_office", "merchandiser", "customer_service", "store_manager", "store_staff"):
        allow(role, *may("returns", model, "view"))
for role in ("head_office", "customer_service", "store_manager", "store_staff"):
    allow(role, HANDLE)
for role in ("head_office", "store_manager"):
    allow(role, APPROVE_BLIND)
allow("head_office", *may("returns", "returnpolicy", "view", "add", "change"))
allow("head_office", *may("returns", "returnreason", "view", "add", "change", "delete"))
for role in ("merchandiser", "customer_service"):
    allow(role, *may("returns", "returnpolicy", "view"))
