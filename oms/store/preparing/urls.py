from django.urls import URLPattern, path

from oms.store.preparing import declining, lists, packing, parcels, picking, works

urlpatterns: list[URLPattern] = [
    path("", lists.PrepareView.as_view(), name="prepare"),
    path("accept/", lists.AcceptSelectedView.as_view(), name="prepare-accept"),
    path("pick/", picking.PickView.as_view(), name="pick"),
    path("pick/scan/", picking.ScanView.as_view(), name="pick-scan"),
    path("manifest/", parcels.ManifestView.as_view(), name="manifest"),
    path("hand-over/", parcels.HandOverSelectedView.as_view(), name="prepare-hand-over"),
    path("<int:pk>/", works.WorkView.as_view(), name="work"),
    path("<int:pk>/accept/", works.AcceptView.as_view(), name="work-accept"),
    path("<int:pk>/decline/", declining.DeclineView.as_view(), name="work-decline"),
    path("<int:pk>/pack/", packing.PackView.as_view(), name="work-pack"),
    path("<int:pk>/hand-over/", works.HandOverView.as_view(), name="work-hand-over"),
    path("parcels/<int:pk>/", parcels.ParcelView.as_view(), name="parcel"),
    path("parcels/<int:pk>/label.pdf", parcels.LabelView.as_view(), name="parcel-label"),
    path("parcels/<int:pk>/label.png", parcels.LabelPictureView.as_view(), name="parcel-label-picture"),
    path("parcels/<int:pk>/retry/", parcels.RetryView.as_view(), name="parcel-retry"),
]
