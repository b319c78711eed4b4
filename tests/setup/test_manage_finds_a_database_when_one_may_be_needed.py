import pytest

from manage import needs_database


@pytest.mark.parametrize("command", ["migrate", "runserver", "shell", "seed_demo", "check", "createsuperuser"])
def test_most_commands_need_one(command: str) -> None:
    assert needs_database([command])


@pytest.mark.parametrize(
    "arguments",
    [[], ["help"], ["version"], ["--version"], ["migrate", "--help"], ["collectstatic"], ["compilemessages"]],
)
def test_these_do_not(arguments: list[str]) -> None:
    assert not needs_database(arguments)
