"""docs/states.md is written from the tables of moves."""

from io import StringIO

import pytest
from django.core.management import call_command

from oms.core.queries.states_document import states_document


def test_every_state_and_its_moves_are_told():
    text = states_document()
    assert "## Event delivery" in text
    assert "| `pending` | Pending | `done`, `dead` |" in text
    assert "| `done` | Done | *final* |" in text
    assert "  dead --> pending" in text
    assert "  done --> [*]" in text


def test_the_check_fails_when_the_document_is_out_of_date(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    with pytest.raises(SystemExit):
        call_command("write_states_doc", "--check", stderr=StringIO())
    call_command("write_states_doc", stdout=StringIO())
    call_command("write_states_doc", "--check")
    (tmp_path / "docs" / "states.md").write_text("old")
    with pytest.raises(SystemExit):
        call_command("write_states_doc", "--check", stderr=StringIO())
