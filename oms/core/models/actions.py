from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class PersonsAction(models.Model):
    """One thing a person asked for on a screen, by the key of its form: leased while it is done, then its answer.

    The answer of a screen is where it goes next and what it says there.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="+")
    key = models.UUIDField()
    request_hash = models.CharField(max_length=64)
    lease_token = models.UUIDField()
    leased_until = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    location = models.TextField(blank=True)
    messages = models.JSONField(default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="core_personsaction_key_unique")]
        indexes = [models.Index(fields=["created_at"], name="core_personsaction_by_age")]

    def __str__(self) -> str:
        return str(self.key)
