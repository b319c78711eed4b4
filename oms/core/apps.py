"""The kernel: an app that knows no business."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "oms.core"
    label = "core"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        from oms.core import checks as _checks  # noqa: F401 (registers the deployment checks)

        # Each app declares what must always be true of its rows and what each role may do.
        autodiscover_modules("invariants", "roles")
