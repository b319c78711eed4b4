from typing import Literal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    STOCK_READ = "stock:read", _("Read stock")
    STOCK_WRITE = "stock:write", _("Write stock")
    ORDERS_READ = "orders:read", _("Read orders")
    ORDERS_WRITE = "orders:write", _("Write orders")
    FULFILMENTS_WRITE = "fulfilments:write", _("Work on fulfilments")
    RETURNS_WRITE = "returns:write", _("Write returns")
    CONFIG_WRITE = "config:write", _("Write the configuration")
    WEBHOOKS_WRITE = "webhooks:write", _("Write webhook endpoints")


class ApiClient(models.Model):
    """Another program. Its key is random and shown once; only the key's hash is kept."""

    name = models.SlugField(_("name"), max_length=80, unique=True)
    key_prefix = models.CharField(_("key prefix"), max_length=20, unique=True, editable=False)
    key_hash = models.CharField(max_length=64, editable=False)
    scopes = ArrayField(
        models.CharField(max_length=40, choices=Scope.choices), verbose_name=_("scopes"), default=list, blank=True
    )
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")

    def __str__(self) -> str:
        return self.name

    @property
    def actor(self) -> str:
        return f"client:{self.name}"

    @property
    def is_authenticated(self) -> Literal[True]:
        return True

    @property
    def is_anonymous(self) -> Literal[False]:
        return False

    def has_scope(self, scope: str) -> bool:
        return scope in self.scopes


class WebhookSecret(models.Model):
    """The secret a peer signs its messages with (Standard Webhooks); needed in clear to verify them."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    secret = models.CharField(max_length=120, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("webhook secret")
        verbose_name_plural = _("webhook secrets")

    def __str__(self) -> str:
        return self.name
