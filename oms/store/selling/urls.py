"""Order in Store: search, basket, delivery, customer, payment, receipt."""

from django.urls import URLPattern, path

from oms.store.selling import baskets, customers, deliveries, details, payments, receipts, search

urlpatterns: list[URLPattern] = [
    path("", search.SearchView.as_view(), name="sell"),
    path("products/<path:code>/", search.ProductView.as_view(), name="sell-product"),
    path("basket/", baskets.BasketView.as_view(), name="sell-basket"),
    path("basket/lines/", baskets.AddView.as_view(), name="sell-line-add"),
    path("basket/lines/<int:pk>/", baskets.LineView.as_view(), name="sell-line-change"),
    path("basket/empty/", baskets.EmptyView.as_view(), name="sell-basket-empty"),
    path("delivery/", deliveries.DeliveryView.as_view(), name="sell-delivery"),
    path("delivery/destination/", deliveries.DestinationView.as_view(), name="sell-destination"),
    path("delivery/details/", details.DetailsView.as_view(), name="sell-delivery-details"),
    path("customer/", customers.CustomerView.as_view(), name="sell-customer"),
    path("payment/", payments.PaymentView.as_view(), name="sell-payment"),
    path("orders/<str:number>/payment/", payments.OutcomeView.as_view(), name="sell-outcome"),
    path("orders/<str:number>/terminal/", payments.TerminalView.as_view(), name="sell-terminal"),
    path("orders/<str:number>/pay-again/", payments.PayAgainView.as_view(), name="sell-pay-again"),
    path("orders/<str:number>/link-mail/", payments.LinkMailView.as_view(), name="sell-link-mail"),
    path("orders/<str:number>/abandon/", payments.AbandonView.as_view(), name="sell-abandon"),
    path("orders/<str:number>/again/", payments.AgainView.as_view(), name="sell-again"),
    path("orders/<str:number>/receipt/", receipts.ReceiptView.as_view(), name="sell-receipt"),
    path("orders/<str:number>/receipt/mail/", receipts.MailView.as_view(), name="sell-receipt-mail"),
]
