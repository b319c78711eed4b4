from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from oms.core.admin.base import OmsAdmin, ReadOnlyMixin
from oms.core.models import User
from oms.core.roles import role_name

ONLY_SUPERUSERS = ("is_superuser", "user_permissions")


@admin.register(User)
class UserAdmin(DjangoUserAdmin, OmsAdmin):  # type: ignore[misc]
    """People. Nobody gives, or touches, more power than they have."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "first_name", "last_name", "roles", "language", "is_active")
    list_filter = ("groups", "is_active", "is_staff")
    ordering = ("username",)
    fieldsets = (
        *(DjangoUserAdmin.fieldsets or ())[:1],
        (_("Personal info"), {"fields": ("first_name", "last_name", "email", "language")}),
        *(DjangoUserAdmin.fieldsets or ())[2:],
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(role_name(group.name) for group in user.groups.all())

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, *ONLY_SUPERUSERS)

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)


def _may_touch(request: HttpRequest, user: User | None) -> bool:
    return user is None or request.user.is_superuser or not user.is_superuser


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(ReadOnlyMixin, DjangoGroupAdmin, OmsAdmin):  # type: ignore[misc]
    """The roles, written by `sync_roles`."""

    list_display = ("told",)
    ordering = ("name",)

    @admin.display(description=_("role"), ordering="name")
    def told(self, group: Group) -> str:
        return role_name(group.name)
