from pathlib import Path

from oms.core.translating.extracting import extracted_catalogue

CODE = """
from django.utils.translation import gettext as _, ngettext, pgettext_lazy

def answer(count):
    return _("Hello %(name)s"), ngettext("%d parcel", "%d parcels", count), pgettext_lazy("order", "Closed")
"""
TEMPLATE = """
{% load i18n %}
  <p>{% translate "A word" %}</p>
      {% if parcels %}
  <p>{% blocktranslate trimmed count count=parcels|length %}
       One parcel of {{ shop }}.
     {% plural %}
       {{ count }} parcels of {{ shop }}.
     {% endblocktranslate %}</p>
 {% endif %}
{% translate "Open" context "a store" %} it's (an "unfinished [one
"""


def test_python_and_templates_with_plurals_and_contexts(tmp_path: Path) -> None:
    for name in ("oms", "stock", "orders", "returns", "templates/public"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "orders" / "answers.py").write_text(CODE)
    (tmp_path / "templates" / "public" / "page.html").write_text(TEMPLATE)

    found = extracted_catalogue("fr", tmp_path)

    own = {(message.id, message.context) for message in found if not is_unfolds(message)}
    assert own == {
        ("Hello %(name)s", None),
        (("%d parcel", "%d parcels"), None),
        ("Closed", "order"),
        ("A word", None),
        (("One parcel of %(shop)s.", "%(count)s parcels of %(shop)s."), None),
        ("Open", "a store"),
    }


def is_unfolds(message: object) -> bool:
    return not message.id or all(path.startswith("unfold") for path, _ in message.locations)


def test_what_django_translates_itself_is_not_asked_for_again(tmp_path: Path) -> None:
    for name in ("oms", "stock", "orders", "returns", "templates"):
        (tmp_path / name).mkdir()

    found = extracted_catalogue("fr", tmp_path)

    assert found.get("Save and continue editing") is None
    assert found.get("Select all rows") is not None  # unfold's own
