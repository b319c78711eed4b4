"""What it takes to work on the store screens."""

from oms.core.roles import allow

PREPARE = "orders.change_fulfilment"
MOVE = "stock.change_transfer"
COUNT = "stock.change_stockcount"
LOOK = "stock.view_stocklevel"

for role in ("store_manager", "store_staff", "head_office"):
    allow(role, PREPARE)
