from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrchestrationConfig(AppConfig):
    """Rules, decisions and their record: which stock points serve which order."""

    name = "oms.orchestration"
    label = "orchestration"
    verbose_name = _("Orchestration")
