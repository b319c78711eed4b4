import re

import pytest

from oms.core.private_postgres.project import PROJECT_ROOT

LINE = re.compile(r"^(?P<name>[A-Za-z0-9_-]+)(\[[a-z,]+\])?==(?P<version>[^\s#]+)\s+# (?P<reason>.{10,})$")


def normalised(name: str) -> str:
    return name.lower().replace("_", "-")


def tree() -> dict[str, str]:
    lines = (PROJECT_ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {normalised(name): version for name, version in pairs}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_each_line_has_a_version_and_a_reason_and_agrees_with_the_tree(name: str) -> None:
    lines = (PROJECT_ROOT / name).read_text().splitlines()[1:]
    found = [LINE.match(line) for line in lines]

    assert [line for line, match in zip(lines, found, strict=True) if match is None] == []
    pins = {normalised(match["name"]): match["version"] for match in found if match}
    assert pins == {pinned: tree().get(pinned) for pinned in pins}
