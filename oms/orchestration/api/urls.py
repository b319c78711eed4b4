from django.urls import path

from oms.orchestration.api import carriers, examples, pick_ups, promises, views

app_name = "orchestration"
urlpatterns = [
    path("carrier-services/", carriers.CarrierServiceBulkView.as_view(), name="carrier-service-bulk"),
    path("delivery-promises/", promises.DeliveryPromiseView.as_view(), name="delivery-promise"),
    path("pick-up-times/", pick_ups.PickUpTimesBulkView.as_view(), name="pick-up-times-bulk"),
    path("postcodes/", views.PostcodeBulkView.as_view(), name="postcode-bulk"),
    path("rule-sets/", views.RuleSetListView.as_view(), name="rule-set-list"),
    path("rule-sets/<str:code>/", views.RuleSetView.as_view(), name="rule-set-detail"),
    path("rule-sets/<str:code>/publish/", views.PublishView.as_view(), name="rule-set-publish"),
    path("rule-sets/<str:code>/roll-back/", views.RollBackView.as_view(), name="rule-set-roll-back"),
    path("rule-sets/<str:code>/versions/", views.VersionListView.as_view(), name="rule-set-versions"),
    path("rule-sets/<str:code>/examples/", examples.ExampleBulkView.as_view(), name="rule-set-examples"),
    path("rule-sets/<str:code>/examples/try/", examples.TryExamplesView.as_view(), name="rule-set-examples-try"),
    path("rule-sets/<str:code>/examples/<int:pk>/", examples.ExampleView.as_view(), name="rule-set-example"),
    path("rule-sets/<str:code>/lint/", views.LintView.as_view(), name="rule-set-lint"),
]
