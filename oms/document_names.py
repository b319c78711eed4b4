"""What the API's document calls the sets of words that several fields share."""

from typing import Any, Final

ENUM_NAMES: Final[dict[str, Any]] = {
    "OrderState": "orders.states.OrderState",
    "AllocationState": "orders.states.AllocationState",
    "FulfilmentState": "orders.states.FulfilmentState",
    "ParcelState": "orders.states.ParcelState",
    "ReturnState": "returns.states.ReturnState",
    "Way": "returns.states.Way",
    "Grade": "returns.states.Grade",
    "DispositionKind": "returns.states.DispositionKind",
    "PaymentState": "orders.states.PaymentState",
    "Mode": "orders.states.Mode",
    "MilestoneKind": "orders.states.Milestone",
    "MilestoneState": "orders.states.MilestoneState",
    "ReservationState": "stock.states.ReservationState",
    "StockCountState": "stock.states.StockCountState",
    "CatalogueImportState": "stock.states.CatalogueImportState",
    "StockImportState": "stock.states.StockImportState",
    "TransferState": "stock.states.TransferState",
    "TransferSource": "stock.models.replenishment.TransferSource",
    "UnavailableReason": "stock.models.levels.UnavailableReason",
    "StockPointKind": "stock.models.stock_points.StockPointKind",
    "ChannelKind": "stock.models.channels.ChannelKind",
    "MovementKind": "stock.models.movements.MovementKind",
    "ImportKind": "stock.models.imports.ImportKind",
    "ExpectedReceiptKind": "stock.models.expected.ExpectedReceiptKind",
    "CarriedMode": "oms.orchestration.api.carriers.CARRIED_MODES",
    "DeliveryMode": "oms.orchestration.api.promises.MODES",
    "DeliveryChoice": "oms.orchestration.api.promises.CHOICES",
    "AssignmentKind": ["assign", "offer"],
}
