"""The stock room's addresses."""

from django.urls import URLPattern, path

from oms.store.stockroom import counting, levels, transfers

urlpatterns: list[URLPattern] = [
    path("", transfers.TransfersView.as_view(), name="transfers"),
    path("transfers/<int:pk>/send/", transfers.SendView.as_view(), name="transfer-send"),
    path("transfers/<int:pk>/close/", transfers.CloseView.as_view(), name="transfer-close"),
    path("level/", levels.LevelView.as_view(), name="level"),
    path("counts/", counting.CountsView.as_view(), name="counts"),
    path("counts/<int:pk>/", counting.CountView.as_view(), name="count"),
    path("counts/<int:pk>/submit/", counting.SubmitView.as_view(), name="count-submit"),
]
