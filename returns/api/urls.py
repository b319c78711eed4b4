"""Addresses of returns, under /api/v1/."""

from django.urls import path

from returns.api import moves, returns

app_name = "returns"
urlpatterns = [
    path("returns/", returns.ReturnListView.as_view(), name="return-list"),
    path("return-reasons/", returns.ReasonListView.as_view(), name="return-reason-list"),
    path("returns/<str:number>/", returns.ReturnDetailView.as_view(), name="return-detail"),
    path("returns/<str:number>/label/", returns.ReturnLabelView.as_view(), name="return-label"),
    path("returns/<str:number>/refund-preview/", returns.RefundPreviewView.as_view(), name="return-refund-preview"),
    path("returns/<str:number>/authorise/", moves.AuthoriseView.as_view(), name="return-authorise"),
    path("returns/<str:number>/reject/", moves.RejectView.as_view(), name="return-reject"),
    path("returns/<str:number>/receive/", moves.ReceiveView.as_view(), name="return-receive"),
    path("returns/<str:number>/inspect/", moves.InspectView.as_view(), name="return-inspect"),
    path("returns/<str:number>/match/", moves.MatchView.as_view(), name="return-match"),
    path("returns/<str:number>/refund/", moves.RefundView.as_view(), name="return-refund"),
    path("returns/<str:number>/exchange/", moves.ExchangeView.as_view(), name="return-exchange"),
    path("returns/<str:number>/cancel/", moves.CancelView.as_view(), name="return-cancel"),
]
