"""The counter: pickups, and what arrives for them."""

from django.urls import URLPattern, path

from oms.store.counter import receiving, views

urlpatterns: list[URLPattern] = [
    path("counter/", views.CounterView.as_view(), name="counter"),
    path("counter/<int:pk>/", views.PickupView.as_view(), name="counter-pickup"),
    path("counter/<int:pk>/put-back/", views.PutBackView.as_view(), name="counter-put-back"),
    path("receive/", receiving.ReceiveView.as_view(), name="receive"),
]
