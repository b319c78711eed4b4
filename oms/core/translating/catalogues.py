"""Catalogues as files: `django.po` is edited and committed, `django.mo` beside it is made from it."""

import os
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

PROJECT_ROOT = Path(__file__).resolve().parents[3]
LOCALES = Path("locale")
WIDTH = 120
HEADER = """\
# The texts of Halles. Brought up to date by `make messages`; translations are written here by hand.
msgid ""
msgstr ""
"Project-Id-Version: Halles\\n"
"Language: {language}\\n"
"Plural-Forms: {plural_forms}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""


def catalogue_files(root: Path = PROJECT_ROOT) -> list[Path]:
    return sorted((root / LOCALES).glob("*/LC_MESSAGES/django.po"))


def compile_catalogues(root: Path = PROJECT_ROOT) -> list[Path]:
    """What had to be made: a file that is newer than its catalogue is left alone."""
    return [_compile(source) for source in catalogue_files(root) if _is_stale(source)]


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], domain="django")


def write_catalogue(path: Path, catalogue: Catalog) -> None:
    """Sorted, without dates or line numbers, so that code that changes no text changes nothing here."""
    with path.open("wb") as file:
        file.write(HEADER.format(language=path.parts[-3], plural_forms=catalogue.plural_forms).encode())
        write_po(
            file, catalogue, width=WIDTH, omit_header=True, sort_output=True, include_lineno=False, ignore_obsolete=True
        )


def _is_stale(source: Path) -> bool:
    compiled = source.with_suffix(".mo")
    return not compiled.exists() or compiled.stat().st_mtime_ns < source.stat().st_mtime_ns


def _compile(source: Path) -> Path:
    """Put in place whole: another process may be reading it, or making it too."""
    compiled = source.with_suffix(".mo")
    descriptor, name = tempfile.mkstemp(dir=source.parent, suffix=".tmp")
    with os.fdopen(descriptor, "wb") as file:
        write_mo(file, read_catalogue(source))
    Path(name).chmod(0o644)
    Path(name).replace(compiled)
    return compiled
