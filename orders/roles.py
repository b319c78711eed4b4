"""What each role may do with orders."""

from oms.core.roles import allow, may

SERVE = "orders.change_order"
SELL = "orders.add_basket"
_SEEN = ("order", "fulfilment", "parcel", "payment", "pickup", "promisealert")

for model in _SEEN:
    for role in ("head_office", "merchandiser", "customer_service", "store_manager", "store_staff"):
        allow(role, *may("orders", model, "view"))
for role in ("head_office", "customer_service"):
    allow(role, SERVE, *may("orders", "orderbatch", "view"), *may("orders", "orderbatchrow", "view"))
for role in ("head_office", "store_manager", "store_staff", "customer_service"):
    allow(role, SELL)
