"""The labels of a form begin with a capital letter, also of the fields that a form declares itself."""

import pytest
from django.contrib import admin
from django.core.exceptions import FieldError
from django.test import RequestFactory
from django.utils import translation

from oms.core.models import User

# Names of columns in a source's own files, as our files call them.
WRITTEN_AS_IN_FILES = {"column_sku", "column_stock_point", "column_quantity", "column_unavailable"}


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_label(language: str) -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.create_superuser("ada", password="x")
    seen, small = 0, []
    with translation.override(language):
        for model, page in admin.site._registry.items():
            try:
                forms = [page.get_form(request)]
            except FieldError:  # nothing of it is written in a form
                continue
            forms += [inline.get_formset(request).form for inline in page.get_inline_instances(request)]
            for form in forms:
                for name, field in form.base_fields.items():
                    label = str(field.label or "")
                    seen += 1
                    if label[:1].islower() and name not in WRITTEN_AS_IN_FILES:
                        small.append((model.__name__, name, label))
    assert seen > 100
    assert small == []
