"""The stock API's addresses, below /api/v1/."""

from django.urls import path

from stock.api import (
    availability,
    catalogue_imports,
    config,
    counts,
    expected,
    imports,
    levels,
    movements,
    reservations,
    sources,
    transfers,
    unavailabilities,
)

app_name = "stock"
urlpatterns = [
    path("banners/", config.BannerBulkView.as_view(), name="banner-bulk"),
    path("stock-points/", config.StockPointsView.as_view(), name="stock-point-list"),
    path("variants/", config.VariantsView.as_view(), name="variant-list"),
    path("catalogue-imports/", catalogue_imports.CatalogueImportsView.as_view(), name="catalogue-import-list"),
    path(
        "catalogue-imports/<int:pk>/", catalogue_imports.CatalogueImportView.as_view(), name="catalogue-import-detail"
    ),
    path(
        "catalogue-imports/<int:pk>/rejects/",
        catalogue_imports.CatalogueRejectsView.as_view(),
        name="catalogue-import-rejects",
    ),
    path("sales-channels/", config.SalesChannelsView.as_view(), name="sales-channel-list"),
    path("protection-rules/", config.ProtectionRuleBulkView.as_view(), name="protection-rule-bulk"),
    path("protection-rules/preview/", config.ProtectionRulePreviewView.as_view(), name="protection-rule-preview"),
    path("channel-allotments/", config.ChannelAllotmentBulkView.as_view(), name="channel-allotment-bulk"),
    path("availability/", availability.AvailabilityView.as_view(), name="availability-list"),
    path("availability/export/", availability.AvailabilityExportView.as_view(), name="availability-export"),
    path("availability/changes/", availability.AvailabilityChangesView.as_view(), name="availability-changes"),
    path("expected-receipts/", expected.ExpectedReceiptsView.as_view(), name="expected-receipt-list"),
    path("stock-imports/", imports.ImportsView.as_view(), name="stock-import-list"),
    path("stock-imports/<int:pk>/", imports.ImportDetailView.as_view(), name="stock-import-detail"),
    path("stock-imports/<int:pk>/approve/", imports.ImportApproveView.as_view(), name="stock-import-approve"),
    path("stock-imports/<int:pk>/rejects/", imports.ImportRejectsView.as_view(), name="stock-import-rejects"),
    path("stock-counts/", counts.StockCountsView.as_view(), name="stock-count-list"),
    path("stock-counts/<str:reference>/", counts.StockCountView.as_view(), name="stock-count-detail"),
    path("stock-counts/<str:reference>/lines/", counts.CountLinesView.as_view(), name="stock-count-lines"),
    path("stock-counts/<str:reference>/submit/", counts.CountSubmitView.as_view(), name="stock-count-submit"),
    path("stock-counts/<str:reference>/reopen/", counts.CountReopenView.as_view(), name="stock-count-reopen"),
    path("stock-counts/<str:reference>/approve/", counts.CountApproveView.as_view(), name="stock-count-approve"),
    path("stock-counts/<str:reference>/reject/", counts.CountRejectView.as_view(), name="stock-count-reject"),
    path("transfers/", transfers.TransfersView.as_view(), name="transfer-list"),
    path("transfers/<str:reference>/", transfers.TransferView.as_view(), name="transfer-detail"),
    path("transfers/<str:reference>/accept/", transfers.TransferAcceptView.as_view(), name="transfer-accept"),
    path("transfers/<str:reference>/reject/", transfers.TransferRejectView.as_view(), name="transfer-reject"),
    path("transfers/<str:reference>/cancel/", transfers.TransferCancelView.as_view(), name="transfer-cancel"),
    path("transfers/<str:reference>/ship/", transfers.TransferShipView.as_view(), name="transfer-ship"),
    path("transfers/<str:reference>/receive/", transfers.TransferReceiveView.as_view(), name="transfer-receive"),
    path("purchase-proposals/", transfers.PurchaseProposalsView.as_view(), name="purchase-proposal-list"),
    path("unavailabilities/", unavailabilities.UnavailabilitiesView.as_view(), name="unavailability-list"),
    path("stock-sources/", sources.StockSourcesView.as_view(), name="stock-source-bulk"),
    path("stock-levels/", levels.LevelsView.as_view(), name="stock-level-list"),
    path("stock-levels/explanation/", levels.LevelExplanationView.as_view(), name="stock-level-explanation"),
    path("stock-movements/", movements.MovementsView.as_view(), name="stock-movement-list"),
    path("reservations/", reservations.ReservationsView.as_view(), name="reservation-list"),
    path("reservations/<path:reference>/", reservations.HoldView.as_view(), name="reservation-delete"),
]
