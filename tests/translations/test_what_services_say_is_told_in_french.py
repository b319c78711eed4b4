"""Services and file readers say what they refuse in English, for programs; screens tell it in the reader's language.

Every sentence in their code is looked at as it would be said, its values filled in: each must be known in French.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from django.utils.translation import override

from oms.core.refusals import told
from oms.core.translating.catalogues import PROJECT_ROOT

# Where sentences for people are written; `api` is read by programs only, and `sourcing` explains in both languages.
APPS: Final = ("oms/core", "oms/orchestration", "oms/integrations", "stock", "orders", "returns")
ALSO: Final = ("oms/store", "oms/public")
NOT_FOR_PEOPLE: Final = re.compile(
    r"/(api|migrations|management|running|private_postgres|translating|drawing)/|/(invariants|kernel_invariants|checks)\.py"
)
# Said to developers, operators or programs: nothing of it reaches a page.
MISTAKES: Final = {"ValueError", "TypeError", "RuntimeError", "ImportError", "NotImplementedError", "AssertionError"}
MISTAKES |= {"ImproperlyConfigured", "TransactionManagementError", "BadRequest", "Http404", "ParseError"}
WORDED: Final = {"_", "gettext", "gettext_lazy", "ngettext", "pgettext", "pgettext_lazy", "ngettext_lazy"}
ELSEWHERE: Final = {
    "oms/core/queries/states_document.py",  # a document of the developers
    "oms/orchestration/queries/reasons.py",  # both languages
    "oms/orchestration/wording.py",
    "oms/integrations/mails/wording.py",
    "oms/integrations/mails/goods.py",
    "oms/core/middleware.py",  # an answer to no browser
    "oms/core/states.py",  # known by its form, see below
}
VALUE: Final = "a7"
SENTENCE: Final = re.compile(r"[a-z7'’] [a-z7][^\\]*[.?]$")
SQL: Final = re.compile(r"\b(SELECT|UPDATE|INSERT|FROM|WHERE|COPY)\b")


def sources() -> Iterator[Path]:
    for folder in (*APPS, *ALSO):
        for path in sorted((PROJECT_ROOT / folder).rglob("*.py")):
            name = str(path.relative_to(PROJECT_ROOT))
            if not NOT_FOR_PEOPLE.search(f"/{name}") and name not in ELSEWHERE:
                yield path


def sentences(path: Path) -> Iterator[str]:
    """What the code says, without its docstrings and what is told to developers."""
    tree = ast.parse(path.read_text())
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            skipped.add(id(node.value))
        if (isinstance(node, ast.Call) and _name(node.func) in MISTAKES | WORDED) or isinstance(node, ast.Assert):
            skipped |= {id(inner) for inner in ast.walk(node)}
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(inner) for inner in ast.walk(node) if inner is not node}
        if isinstance(node, ast.keyword) and node.arg in ("help_text", "verbose_name"):
            skipped |= {id(inner) for inner in ast.walk(node)}
    for node in ast.walk(tree):
        if id(node) not in skipped and (text := _said(node)) and SENTENCE.search(text) and not SQL.search(text):
            yield text


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def _said(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else VALUE for part in node.values)
    return None


def by_file() -> list[tuple[str, str]]:
    return [(str(path.relative_to(PROJECT_ROOT)), said) for path in sources() for said in sentences(path)]


def test_each_sentence_of_a_service_has_its_french() -> None:
    with override("fr"):
        untold = [f"{name}: {said}" for name, said in by_file() if told(said) == said]
    assert untold == [], "mark a sentence with gettext_noop, or list it with its values in the app's refusal_words.py"


def test_there_are_sentences_at_all() -> None:
    found = by_file()
    assert len(found) > 300
    assert ("stock/feeds/sheets.py", "Line a7: a7 fields where the header has a7.") in found
    assert ("returns/errors.py", "This PIN is too easy to guess.") in found


def test_in_english_they_are_told_as_they_were_said() -> None:
    with override("en"):
        assert [said for _, said in by_file() if told(said) != said] == []


@pytest.mark.parametrize(
    ("said", "french"),
    [
        ("Line 12: 3 fields where the header has 4.", "Ligne 12\xa0: 3 champs là où l’en-tête en a 4."),
        (
            "price: 'x' is not an amount with at most two decimals.",
            "price\xa0: 'x' n’est pas un montant à deux décimales au plus.",
        ),
        (
            "This transfer is shipped; it cannot become accepted.",
            "Ce transfert est maintenant «\xa0en route\xa0»\u202f; il ne peut pas devenir «\xa0accepté\xa0».",
        ),
        (
            "This stock count is applied; it cannot become open.",
            "L’état est maintenant «\xa0appliqué\xa0»\u202f; «\xa0ouvert\xa0» n’est pas possible.",
        ),
        ("There is no SKU A.; Say why.", "Le SKU A n’existe pas.; Dites pourquoi."),
        ("Something nobody has a word for.", "Something nobody has a word for."),
        ("", ""),
    ],
)
def test_values_are_kept_and_states_have_their_names(said: str, french: str) -> None:
    with override("fr"):
        assert told(said) == french
