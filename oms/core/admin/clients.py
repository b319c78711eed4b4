from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from oms.core.admin.base import OmsAdmin
from oms.core.models import ApiClient, WebhookSecret
from oms.core.models.clients import Scope
from oms.core.services import clients


class ApiClientForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        choices=Scope.choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        required=False,
        label=capfirst(gettext_lazy("scopes")),
    )

    class Meta:
        model = ApiClient
        fields = ("name", "scopes", "is_active")


@admin.register(ApiClient)
class ApiClientAdmin(OmsAdmin):
    """Other programs. Their key is shown once, when it is made."""

    form = ApiClientForm
    list_display = ("name", "key_prefix", "is_active", "created_at", "last_used_at")
    list_filter = ("is_active",)
    search_fields = ("name",)
    readonly_fields = ("key_prefix", "created_at", "last_used_at")
    actions = ("renew_keys",)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiClient | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        # Nothing of what is made with it is known before it is saved.
        return () if obj is None else ("name", *fields)

    def has_delete_permission(self, request: HttpRequest, obj: ApiClient | None = None) -> bool:
        """A client that ever acted is named in the audit: it is switched off, not deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: ApiClient, form: forms.ModelForm, change: bool) -> None:
        if change:
            clients.change_client(client=obj, scopes=form.cleaned_data["scopes"], is_active=obj.is_active)
            return
        created, key = clients.create_client(name=obj.name, scopes=form.cleaned_data["scopes"])
        obj.__dict__.update({field.attname: getattr(created, field.attname) for field in ApiClient._meta.fields})
        obj._state.adding = False
        _show_once(request, key)

    @admin.action(description=gettext_lazy("Make new keys"), permissions=["change"])
    def renew_keys(self, request: HttpRequest, chosen: QuerySet[ApiClient]) -> None:
        for client in chosen:
            _show_once(request, f"{client.name} {clients.renew_key(client=client)}")


class WebhookSecretForm(forms.ModelForm):
    class Meta:
        model = WebhookSecret
        fields = ("name",)
        widgets = {"name": UnfoldAdminTextInputWidget}


@admin.register(WebhookSecret)
class WebhookSecretAdmin(OmsAdmin):
    """Secrets of peers that sign their messages, shown once, when they are made."""

    form = WebhookSecretForm
    list_display = ("name", "created_at")
    search_fields = ("name",)

    def has_change_permission(self, request: HttpRequest, obj: WebhookSecret | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: WebhookSecret, form: forms.ModelForm, change: bool) -> None:
        secret = clients.create_webhook_secret(name=obj.name)
        obj.pk = WebhookSecret.objects.get(name=obj.name).pk
        _show_once(request, secret)


def _show_once(request: HttpRequest, secret: str) -> None:
    messages.warning(request, _("Copy this now, it is not shown again: %(secret)s") % {"secret": secret})
