"""Returns at the counter."""

from django.urls import URLPattern, path

from oms.store.returning import asking, blind, finding, pins, settling

urlpatterns: list[URLPattern] = [
    path("", finding.ReturnsView.as_view(), name="returns"),
    path("order/<str:number>/", asking.AskView.as_view(), name="return-ask"),
    path("blind/", blind.BlindView.as_view(), name="return-blind"),
    path("pin/", pins.PinView.as_view(), name="return-pin"),
    path("<str:number>/", settling.ReturnView.as_view(), name="return"),
    path("<str:number>/inspect/", settling.InspectView.as_view(), name="return-inspect"),
    path("<str:number>/match/", settling.MatchView.as_view(), name="return-match"),
    path("<str:number>/cancel/", settling.CancelView.as_view(), name="return-cancel"),
    path("<str:number>/refund/", settling.RefundView.as_view(), name="return-refund"),
    path("<str:number>/exchange/", settling.ExchangeView.as_view(), name="return-exchange"),
    path("<str:number>/receipt/", settling.ReceiptView.as_view(), name="return-receipt"),
]
