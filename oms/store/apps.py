from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StoreConfig(AppConfig):
    name = "oms.store"
    label = "store"
    verbose_name = _("Store staff's screens")
