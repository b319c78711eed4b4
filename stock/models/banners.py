"""The retailer's trading names."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


def default_languages() -> list[str]:
    return [settings.LANGUAGE_CODE]


class Banner(models.Model):
    """A trading name (enseigne): owner of channels, policies and templates. A product's brand is only a label."""

    code = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    currency = models.CharField(max_length=3, help_text=_("ISO 4217, for example EUR."))
    languages = ArrayField(models.CharField(max_length=10), default=default_languages, blank=True)

    class Meta:
        verbose_name = _("banner")
        verbose_name_plural = _("banners")
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["code"], name="stock_banner_code_unique")]

    def __str__(self) -> str:
        return self.name
