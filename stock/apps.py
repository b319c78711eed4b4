from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StockConfig(AppConfig):
    """What there is to sell, where it lies, and who may have it."""

    name = "stock"
    verbose_name = _("Stock")
