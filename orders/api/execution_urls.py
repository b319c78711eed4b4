"""Addresses of stock points' work, under /api/v1/."""

from django.urls import path

from orders.api import carrier_events, fulfilments, parcels

urlpatterns = [
    path("fulfilments/", fulfilments.FulfilmentListView.as_view(), name="fulfilment-list"),
    path("fulfilments/<int:pk>/", fulfilments.FulfilmentDetailView.as_view(), name="fulfilment-detail"),
    path("fulfilments/<int:pk>/accept/", fulfilments.AcceptView.as_view(), name="fulfilment-accept"),
    path("fulfilments/<int:pk>/claim/", fulfilments.ClaimView.as_view(), name="fulfilment-claim"),
    path("fulfilments/<int:pk>/decline/", fulfilments.DeclineView.as_view(), name="fulfilment-decline"),
    path("fulfilments/<int:pk>/pick/", fulfilments.PickView.as_view(), name="fulfilment-pick"),
    path("fulfilments/<int:pk>/pack/", fulfilments.PackView.as_view(), name="fulfilment-pack"),
    path("fulfilments/<int:pk>/hand-over/", fulfilments.HandOverView.as_view(), name="fulfilment-hand-over"),
    path("fulfilments/<int:pk>/receive/", fulfilments.ReceiveView.as_view(), name="fulfilment-receive"),
    path("fulfilments/<int:pk>/collect/", fulfilments.CollectView.as_view(), name="fulfilment-collect"),
    path("parcels/<int:pk>/label/", parcels.LabelView.as_view(), name="parcel-label"),
    path("carriers/<slug:carrier>/events/", carrier_events.CarrierEventView.as_view(), name="carrier-event"),
]
