from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from oms.core.access import access_for
from oms.core.admin.base import ScopedAdmin
from oms.core.admin.known_words import KnownWordsInput
from oms.core.amounts import share
from stock.admin.articles import known_category
from stock.admin.protection_previews import (
    ASKED,
    EXPORT,
    LEVELS_AT_ONCE,
    REFRESH_SECONDS,
    PreviewedForm,
    answer_in_background,
    preview_file,
    preview_of,
    show_counted,
)
from stock.models import ProtectionPreview, ProtectionRule
from stock.queries.catalogue import product_categories
from stock.queries.protection import covers_more_than
from stock.queries.protection_progress import protection_being_applied
from stock.queries.protection_suggestions import suggested_for_rule
from stock.services.protection_rules import delete_rule, save_rule
from stock.services.ruling import is_within


class ProtectionRuleForm(PreviewedForm):
    class Meta:
        model = ProtectionRule
        fields = (
            "code",
            "quantity",
            "percent",
            "stock_point",
            "group",
            "kind",
            "variant",
            "product",
            "category",
            "channel",
            "starts_at",
            "ends_at",
        )
        labels: ClassVar[dict[str, Any]] = {"quantity": capfirst(_("units"))}

    def clean_category(self) -> str:
        return known_category(self.cleaned_data["category"], kept=self.instance.category)


@admin.register(ProtectionRule)
class ProtectionRuleAdmin(ScopedAdmin):
    """What is kept back from sale. The most specific rule of a level wins.

    Who is bound to channels or stock points rules over these alone, as a key does.
    """

    form = ProtectionRuleForm
    list_display = ("code", "kept_back", "place", "article", "channel", "starts_at", "ends_at")
    list_select_related = ("stock_point", "group", "variant", "product", "channel")
    list_filter = ("kind",)
    search_fields = ("code", "category")
    autocomplete_fields = ("stock_point", "group", "variant", "product", "channel")
    ordering = ("code",)
    actions = None
    readonly_fields = ("suggested",)
    list_before_template = "admin/stock/protection_applying.html"
    change_form_before_template = "admin/stock/protection_preview.html"
    fieldsets = (
        (None, {"fields": ("code", ("quantity", "percent"))}),
        (_("Where: at most one"), {"fields": ("stock_point", "group", "kind")}),
        (_("What: at most one"), {"fields": ("variant", "product", "category")}),
        (_("For whom and when"), {"fields": ("channel", "starts_at", "ends_at")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: ProtectionRule | None = None) -> Any:
        """A rule that exists is shown with what history suggests in its place."""
        if obj is None:
            return self.fieldsets
        return (*self.fieldsets, (_("Suggested by history"), {"fields": ("suggested",)}))

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """A category is one of the catalogue's: they are offered while it is typed."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "category" and field is not None:
            field.widget = KnownWordsInput(words=product_categories)
        return field

    def get_form(self, request: HttpRequest, obj: ProtectionRule | None = None, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, **kwargs)
        access = access_for(request)
        for name, own in (("channel", access.channels), ("stock_point", access.stock_points)):
            if own is not None and name in form.base_fields:
                form.base_fields[name].required = True
        return form

    def has_change_permission(self, request: HttpRequest, obj: ProtectionRule | None = None) -> bool:
        return super().has_change_permission(request, obj) and _rules_over(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: ProtectionRule | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _rules_over(request, obj)

    @admin.display(description=_("of the levels it covers"))
    def suggested(self, rule: ProtectionRule) -> Any:
        told = suggested_for_rule(rule)
        if told is None:
            return _("It covers no level.")
        median = f"{told.median:g}"
        if told.is_sample:
            return _(
                "A sample of %(levels)d levels, spread over all it covers, keeps %(protected)s units back a level; "
                "history suggests %(suggested)s a level, in the middle %(median)s. The page of each level shows the "
                "evidence."
            ) % {
                "levels": told.levels,
                "protected": number_format(told.protected_each, 2),
                "suggested": number_format(told.suggested_each, 2),
                "median": median,
            }
        return _(
            "%(levels)d levels keep %(protected)d units back; history suggests %(suggested)d, in the middle %(median)s "
            "a level. The page of each level shows the evidence."
        ) % {"levels": told.levels, "protected": told.protected, "suggested": told.suggested, "median": median}

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form; or, where it is asked for, every level its rule would take units from, as a file."""
        response = super().changeform_view(request, object_id, form_url, extra_context)
        form = getattr(request, "previewed_form", None)
        if form is not None:
            return preview_file(form.instance)
        if getattr(request, "is_awaiting_preview", False):
            response["Refresh"] = str(REFRESH_SECONDS)
        return response

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """What a rule would take from sale is shown before it is saved."""
        form = context["adminform"].form
        if form.awaits_preview:
            if covers_more_than(form.instance, LEVELS_AT_ONCE):
                return answer_in_background(form, request)
            if EXPORT in request.POST:
                request.previewed_form = form  # type: ignore[attr-defined]
            else:
                context["preview"] = preview_of(form)
        elif not form.is_bound and (asked := self._asked_preview(request, form.instance)) is not None:
            context["preview"] = show_counted(form, asked)
            request.is_awaiting_preview = asked.is_awaited and not asked.is_given_up  # type: ignore[attr-defined]
        return super().render_change_form(request, context, *args, **kwargs)

    def _asked_preview(self, request: HttpRequest, rule: ProtectionRule) -> ProtectionPreview | None:
        """The one whose number is in the address, of this very rule."""
        pk = request.GET.get(ASKED, "")
        return ProtectionPreview.objects.filter(pk=pk, rule__id=rule.pk).first() if pk.isdecimal() else None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """With how far the rules last saved have come."""
        return super().changelist_view(request, {**(extra_context or {}), "applying": protection_being_applied()})

    @admin.display(description=_("kept back"))
    def kept_back(self, rule: ProtectionRule) -> str:
        return str(rule.quantity) if rule.percent is None else share(rule.percent)

    @admin.display(description=_("where"))
    def place(self, rule: ProtectionRule) -> str:
        return str(rule.stock_point or rule.group or (rule.get_kind_display() if rule.kind else _("everywhere")))

    @admin.display(description=_("what"))
    def article(self, rule: ProtectionRule) -> str:
        return str(rule.variant or rule.product or rule.category or _("everything"))

    def save_model(self, request: HttpRequest, obj: ProtectionRule, form: forms.ModelForm, change: bool) -> None:
        save_rule(rule=obj)

    def delete_model(self, request: HttpRequest, obj: ProtectionRule) -> None:
        delete_rule(rule=obj)


def _rules_over(request: HttpRequest, rule: ProtectionRule | None) -> bool:
    return rule is None or is_within(rule, access_for(request))
