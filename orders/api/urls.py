"""Addresses of orders and of the work on them, under /api/v1/."""

from django.urls import include, path

from orders.api import order_moves, orders

app_name = "orders"
urlpatterns = [
    path("orders/", orders.OrderListView.as_view(), name="order-list"),
    path("orders/<str:number>/", orders.OrderDetailView.as_view(), name="order-detail"),
    path("orders/<str:number>/sourcing-runs/", orders.SourcingRunListView.as_view(), name="order-sourcing-runs"),
    path("orders/<str:number>/cancel/", order_moves.CancelView.as_view(), name="order-cancel"),
    path("orders/<str:number>/hold/", order_moves.HoldView.as_view(), name="order-hold"),
    path("orders/<str:number>/release/", order_moves.ReleaseView.as_view(), name="order-release"),
    path("orders/<str:number>/change-address/", order_moves.ChangeAddressView.as_view(), name="order-change-address"),
    path("orders/<str:number>/change-mode/", order_moves.ChangeModeView.as_view(), name="order-change-mode"),
    path("orders/<str:number>/reroute/", order_moves.RerouteView.as_view(), name="order-reroute"),
    path(
        "orders/<str:number>/lines/<int:line_id>/cancel/",
        order_moves.CancelLineView.as_view(),
        name="order-line-cancel",
    ),
    path("", include("orders.api.execution_urls")),
]
