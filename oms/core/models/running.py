from django.db import models
from django.db.models.functions import Now


class Heartbeat(models.Model):
    """The last sign of life of one part of the machinery (`relay`, `worker`, `beat`)."""

    name = models.CharField(max_length=40, primary_key=True)
    beat_at = models.DateTimeField(db_default=Now())


class TaskSlot(models.Model):
    """A period for which a scheduled task has run: two schedulers, or a late one, have one effect."""

    name = models.CharField(max_length=100)
    slot = models.CharField(max_length=40)
    claimed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "slot"], name="core_taskslot_claimed_once")]
        indexes = [models.Index(fields=["claimed_at"], name="core_taskslot_by_age")]
