from django.db import models
from django.db.models.functions import Now


class LoginFailure(models.Model):
    """A refused login, kept only to slow down guessing."""

    username = models.CharField(max_length=150)
    address = models.GenericIPAddressField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["username", "address", "at"], name="core_loginfailure_recent")]
