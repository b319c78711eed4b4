"""What each role may do with orders."""

from oms.core.roles import allow, may

SERVE = "orders.change_order"
_SEEN = ("order", "fulfilment", "parcel", "payment", "pickup")

for model in _SEEN:
    for role in ("head_office", "merchandiser", "customer_service", "store_manager", "store_staff"):
        allow(role, *may("orders", model, "view"))
for role in ("head_office", "customer_service"):
    allow(role, SERVE)
