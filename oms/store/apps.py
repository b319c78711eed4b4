from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "oms.store"
    label = "store"
    verbose_name = "Store staff's screens"
