"""Stock, merchandising and the network in the admin's menu, and what waits there."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from oms.core import clock
from oms.core.access import Access
from oms.core.navigation import Group, count, show
from oms.core.today import today
from stock.models import (
    LevelDifference,
    ProtectionRule,
    PurchaseProposal,
    QuarantinedFigure,
    StockCount,
    StockImport,
    StockPoint,
    Transfer,
)
from stock.states import StockCountState, StockImportState

show("stock.StockLevel", group=Group.STOCK, icon="inventory_2")
show("stock.StockMovement", group=Group.STOCK, icon="swap_vert")
show("stock.Reservation", group=Group.STOCK, icon="bookmark")
show("stock.ExpectedReceipt", group=Group.STOCK, icon="event_upcoming")
show("stock.Transfer", group=Group.STOCK, icon="local_shipping")
show("stock.ReplenishmentPolicy", group=Group.STOCK, icon="tune")
show("stock.PurchaseProposal", group=Group.STOCK, icon="shopping_cart")
show("stock.Unavailability", group=Group.STOCK, icon="block")
show("stock.StockCount", group=Group.STOCK, icon="fact_check")
show("stock.LevelDifference", group=Group.STOCK, icon="balance")
show("stock.StockImport", group=Group.STOCK, icon="upload_file")
show("stock.StockSource", group=Group.STOCK, icon="sync")
show("stock.QuarantinedFigure", group=Group.STOCK, icon="report")
show("stock.Product", group=Group.MERCHANDISING, icon="checkroom")
show("stock.Variant", group=Group.MERCHANDISING, icon="sell")
show("stock.CatalogueImport", group=Group.MERCHANDISING, icon="upload_file")
show("stock.ProtectionRule", group=Group.MERCHANDISING, icon="shield")
show("stock.ProtectionPreview", group=Group.MERCHANDISING, icon="visibility")
show("stock.PendingProtection", group=Group.MERCHANDISING, icon="hourglass_top")
show("stock.ChannelAllotment", group=Group.MERCHANDISING, icon="pie_chart")
show("stock.StockPoint", group=Group.NETWORK, icon="store")
show("stock.StockPointGroup", group=Group.NETWORK, icon="workspaces")
show("stock.SalesChannel", group=Group.NETWORK, icon="storefront")
show("stock.Banner", group=Group.NETWORK, icon="flag")
show("stock.ChannelMember", group=Group.NETWORK, icon="group")
show("stock.ClientAccess", group=Group.NETWORK, icon="vpn_key")


def _suspicious(access: Access) -> QuerySet[StockImport]:
    return StockImport.objects.visible_to(access).filter(state=StockImportState.AWAITING_APPROVAL)


def _quarantined(access: Access) -> QuerySet[QuarantinedFigure]:
    return QuarantinedFigure.objects.all()


def _counted(access: Access) -> QuerySet[StockCount]:
    return StockCount.objects.visible_to(access).filter(state=StockCountState.SUBMITTED)


def _differing(access: Access) -> QuerySet[LevelDifference]:
    return LevelDifference.objects.visible_to(access).open()


def _proposed(access: Access) -> QuerySet[Transfer]:
    return Transfer.objects.visible_to(access).proposed()


def _to_order(access: Access) -> QuerySet[PurchaseProposal]:
    return PurchaseProposal.objects.visible_to(access).due(on=today())


def _ending(access: Access) -> QuerySet[ProtectionRule]:
    """In force, and over by itself one day."""
    return ProtectionRule.objects.in_force(at=clock.now()).filter(ends_at__isnull=False)


def _paused(access: Access) -> QuerySet[StockPoint]:
    return StockPoint.objects.visible_to(access).paused(at=clock.now())


count(
    "suspicious-imports",
    group=Group.STOCK,
    title=_("Stock files to approve"),
    link=("admin:stock_stockimport_changelist", "?state__exact=awaiting_approval"),
    permission="stock.view_stockimport",
    counted=_suspicious,
    is_urgent=True,
)
count(
    "quarantined-figures",
    group=Group.STOCK,
    title=_("Figures in quarantine"),
    link=("admin:stock_quarantinedfigure_changelist", ""),
    permission="stock.view_quarantinedfigure",
    counted=_quarantined,
)
count(
    "submitted-counts",
    group=Group.STOCK,
    title=_("Stock counts to approve"),
    link=("admin:stock_stockcount_changelist", "?state__exact=submitted"),
    permission="stock.approve_stockcount",
    counted=_counted,
)
count(
    "differing-levels",
    group=Group.STOCK,
    title=_("Levels that differ from the ledger"),
    link=("admin:stock_leveldifference_changelist", "?standing=open"),
    permission="stock.view_leveldifference",
    counted=_differing,
    is_urgent=True,
)
count(
    "proposed-transfers",
    group=Group.STOCK,
    title=_("Transfers proposed"),
    link=("admin:stock_transfer_changelist", "?state__exact=proposed"),
    permission="stock.accept_transfer",
    counted=_proposed,
)
count(
    "purchases-due",
    group=Group.STOCK,
    title=_("Purchases to order now"),
    link=("admin:stock_purchaseproposal_changelist", "?due=now"),
    permission="stock.view_purchaseproposal",
    counted=_to_order,
)
count(
    "ending-protection",
    group=Group.MERCHANDISING,
    title=_("Protection rules that will end"),
    link=("admin:stock_protectionrule_changelist", ""),
    permission="stock.view_protectionrule",
    counted=_ending,
)
count(
    "paused-points",
    group=Group.NETWORK,
    title=_("Paused stock points"),
    link=("admin:stock_stockpoint_changelist", "?pause=now"),
    permission="stock.view_stockpoint",
    counted=_paused,
)
