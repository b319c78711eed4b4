from stock.models.allotments import AllotmentCounter, ChannelAllotment
from stock.models.banners import Banner
from stock.models.catalogue import Product, Variant
from stock.models.catalogue_imports import CatalogueImport, CatalogueImportReject
from stock.models.changes import AvailabilityChange
from stock.models.channels import ChannelKind, SalesChannel
from stock.models.counts import CountLine, StockCount
from stock.models.differences import KeptFigure, LevelDifference
from stock.models.expected import ExpectedReceipt, ExpectedReceiptKind
from stock.models.imports import (
    FeedCoverage,
    ImportBasis,
    ImportKind,
    ImportLane,
    QuarantinedFigure,
    StockImport,
    StockImportReject,
    StockSource,
)
from stock.models.levels import LevelProtection, StockLevel, Unavailability, UnavailableReason
from stock.models.members import ChannelMember, ClientAccess, StockPointMember
from stock.models.movements import (
    ARRIVING_KINDS,
    REPORTED_KINDS,
    ArchivedMovement,
    LedgerMovement,
    MovementKind,
    StockMovement,
)
from stock.models.protection import PendingProtection, ProtectionRule
from stock.models.protection_previews import ProtectionPreview
from stock.models.replenishment import PurchaseProposal, Transfer, TransferSource
from stock.models.replenishment_policies import ReplenishmentPolicy
from stock.models.requests import ReservationRequest
from stock.models.reservations import Reservation
from stock.models.stock_points import NetworkVersion, StockPoint, StockPointGroup, StockPointKind
from stock.models.summaries import AvailabilitySummary, SummaryPosition

__all__ = [
    "ARRIVING_KINDS",
    "REPORTED_KINDS",
    "AllotmentCounter",
    "ArchivedMovement",
    "AvailabilityChange",
    "AvailabilitySummary",
    "Banner",
    "CatalogueImport",
    "CatalogueImportReject",
    "ChannelAllotment",
    "ChannelKind",
    "ChannelMember",
    "ClientAccess",
    "CountLine",
    "ExpectedReceipt",
    "ExpectedReceiptKind",
    "FeedCoverage",
    "ImportBasis",
    "ImportKind",
    "ImportLane",
    "KeptFigure",
    "LedgerMovement",
    "LevelDifference",
    "LevelProtection",
    "MovementKind",
    "NetworkVersion",
    "PendingProtection",
    "Product",
    "ProtectionPreview",
    "ProtectionRule",
    "PurchaseProposal",
    "QuarantinedFigure",
    "ReplenishmentPolicy",
    "Reservation",
    "ReservationRequest",
    "SalesChannel",
    "StockCount",
    "StockImport",
    "StockImportReject",
    "StockLevel",
    "StockMovement",
    "StockPoint",
    "StockPointGroup",
    "StockPointKind",
    "StockPointMember",
    "StockSource",
    "SummaryPosition",
    "Transfer",
    "TransferSource",
    "Unavailability",
    "UnavailableReason",
    "Variant",
]
