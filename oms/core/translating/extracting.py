"""Every text for people in code and templates.

Babel reads Python; a template becomes Python first, as Django does for GNU gettext.
"""

import io
from collections.abc import Iterator
from pathlib import Path

import django
import import_export
import unfold
from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import read_mo
from django.utils.translation.template import templatize

from oms.core.translating.catalogues import PROJECT_ROOT

PACKAGES = ("oms", "stock", "orders", "returns")
TEMPLATES = "templates"
TEMPLATE_SUFFIXES = {".html", ".txt"}
# The admin's look comes without a catalogue of its own; of its extras, those that we install.
UNFOLD = Path(unfold.__file__).parent
UNFOLD_EXTRAS = {"filters", "import_export"}
_DJANGO = Path(django.__file__).parent
# What is translated already where unfold says it.
FOREIGN = [
    *(_DJANGO / "contrib" / app / "locale" for app in ("admin", "auth", "contenttypes", "sessions")),
    _DJANGO / "conf" / "locale",
    Path(import_export.__file__).parent / "locale",
]

# Which argument is the message, its plural, its context ("c").
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
COMMENT_TAGS = ["Translators"]


def extracted_catalogue(language: str, root: Path = PROJECT_ROOT) -> Catalog:
    """Every message of ours, and of unfold those that nobody has translated into this language."""
    catalogue = Catalog(domain="django", charset="utf-8")
    for folder in (root / name for name in (*PACKAGES, TEMPLATES)):
        for path in _sources(folder):
            _add(catalogue, path, location=path.relative_to(root))
    of_unfold = Catalog(domain="django", charset="utf-8")
    for path in _sources(UNFOLD):
        location = path.relative_to(UNFOLD)
        if location.parts[0] != "contrib" or location.parts[1] in UNFOLD_EXTRAS:
            _add(of_unfold, path, location=Path("unfold") / location)
    foreign = _foreign_catalogues(language)
    for message in of_unfold:
        if not any(other.get(message.id, message.context) for other in foreign):
            catalogue.add(message.id, locations=message.locations, flags=message.flags, context=message.context)
    return catalogue


def _foreign_catalogues(language: str) -> list[Catalog]:
    found = []
    for folder in FOREIGN:
        with (folder / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
            found.append(read_mo(file))
    return found


def _sources(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".py" or (path.suffix in TEMPLATE_SUFFIXES and TEMPLATES in path.parts):
            yield path


def _add(catalogue: Catalog, path: Path, *, location: Path) -> None:
    text = path.read_text()
    if path.suffix != ".py":
        text = _as_python(text, origin=str(location))
    source = io.BytesIO(text.encode())
    for line, message, comments, context in extract("python", source, keywords=KEYWORDS, comment_tags=COMMENT_TAGS):
        catalogue.add(message, locations=[(str(location), line)], auto_comments=comments, context=context)


def _as_python(template: str, *, origin: str) -> str:
    """Without the template's own indentation, which Python would take for blocks."""
    return "\n".join(line.strip() for line in templatize(template, origin=origin).splitlines())
