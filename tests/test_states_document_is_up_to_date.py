"""docs/states.md says what the tables of moves say."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from oms.core.states import REGISTRY


def test_the_document_in_the_repository_is_up_to_date() -> None:
    call_command("write_states_doc", "--check")


def test_another_document_is_refused(settings: Any, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    call_command("write_states_doc")
    call_command("write_states_doc", "--check")
    document = tmp_path / "docs" / "states.md"
    document.write_text(document.read_text().replace("`confirmed`", "`certain`", 1))
    with pytest.raises(SystemExit):
        call_command("write_states_doc", "--check")


def test_it_has_a_section_for_every_table_of_moves() -> None:
    text = (Path(__file__).resolve().parents[1] / "docs" / "states.md").read_text()
    titles = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert titles == [name.replace("_", " ").capitalize() for name in sorted(REGISTRY)]
