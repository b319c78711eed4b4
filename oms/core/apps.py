"""The kernel: an app that knows no business."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    name = "oms.core"
    label = "core"
    verbose_name = _("Kernel")

    def ready(self) -> None:
        from oms.core import checks, kernel_invariants  # noqa: F401 (they register themselves)
        from oms.core.database_clock import follow_database
        from oms.core.field_naming import name_fields

        follow_database()
        if hasattr(settings, "FIELD_NAMES"):
            name_fields()
        # Whatever sends a message must do so by the product's Celery application, not a default one.
        import_module(getattr(settings, "CELERY_APPLICATION", "oms.celery"))
        # Each app declares what must always be true of its rows, what each role may do, where its pages stand,
        # what its references look like and what its services say when they refuse.
        autodiscover_modules("invariants", "roles", "navigation", "references", "refusal_words")
