"""The life of a rule set's version, and how a sourcing run can end."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from oms.core.states import Moves


class VersionState(models.TextChoices):
    """A version is edited as a draft only; from then on its document never changes."""

    DRAFT = "draft", _("draft")
    SCHEDULED = "scheduled", _("scheduled")
    PUBLISHED = "published", _("published")
    RETIRED = "retired", _("retired")


VERSION_MOVES = Moves(
    "rule_set_version",
    VersionState,
    {
        VersionState.DRAFT: {VersionState.SCHEDULED, VersionState.PUBLISHED},
        VersionState.SCHEDULED: {VersionState.PUBLISHED, VersionState.RETIRED},
        VersionState.PUBLISHED: {VersionState.RETIRED},
        # Rolling back brings an earlier version back as it was.
        VersionState.RETIRED: {VersionState.PUBLISHED},
    },
)


class RunResult(models.TextChoices):
    """`kept`: a later run found nothing better and the order stayed where it was."""

    PLANNED = "planned", _("planned")
    UNFILLABLE = "unfillable", _("unfillable")
    KEPT = "kept", _("kept")
