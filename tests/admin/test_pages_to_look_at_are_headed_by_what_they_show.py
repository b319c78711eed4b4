"""Headings and words of a page that nothing is typed into read well in French, too."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from stock.models import ProtectionRule
from stock.services.protecting import apply_pending_protection
from stock.services.protection_rules import save_rule
from tests.admin.people import signed_in
from tests.stock.feeds.feeding import file_of, queue
from tests.stock.making import make_point, make_variant, receive

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("language", "heading"), [("en", "Stock import"), ("fr", "Import de stock")])
def test_the_page_of_a_stock_import(language: str, heading: str) -> None:
    make_point("PARIS")
    stock_import = queue(file_of("SHIRT,PARIS,1"))
    page = signed_in("merchandiser", language=language).get(
        reverse("admin:stock_stockimport_change", args=[stock_import.pk])
    )
    assert page.context["title"] == heading
    assert "Affichage de" not in page.content.decode()


def test_a_rules_kind_of_stock_point_is_told_in_the_readers_language() -> None:
    level = receive(make_variant("SHIRT", category="tops"), make_point("PARIS", kind="store"), 1)
    save_rule(rule=ProtectionRule(code="stores", category="tops", kind="store", quantity=1))
    apply_pending_protection()
    page = signed_in("merchandiser", language="fr").get(reverse("admin:stock_stocklevel_change", args=[level.pk]))
    (told,) = re.findall(r'<span class="halles-quiet">tops · (\w+)</span>', page.content.decode())
    assert told == "magasin"
