import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from oms.core.running import environment
from oms.core.running.environment import ensure_environment, fingerprint


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        (tmp_path / name).write_text("# nothing\n")
    return tmp_path


@pytest.fixture
def installations(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was installed; an environment is this very one and costs nothing to create."""
    done: list[str] = []

    def create(folder: Path) -> None:
        (folder / "bin").mkdir(parents=True)
        (folder / "bin" / "python").symlink_to(sys.executable)

    monkeypatch.setattr(environment, "_create", create)
    monkeypatch.setattr(environment, "_install", lambda _root, _python, purpose: done.append(purpose))
    return done


def test_a_new_environment_runs_and_has_pip(root: Path) -> None:
    python = ensure_environment(purpose="running", root=root)

    command = [python, "-c", "import pip, sys; print(sys.prefix)"]
    where = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert where.strip() == str(root / ".venv")


def test_it_is_left_alone_until_a_list_changes(root: Path, installations: list[str]) -> None:
    ensure_environment(purpose="running", root=root)
    ensure_environment(purpose="running", root=root)
    os.utime(root / "requirements.txt", (0, 0))  # a fresh checkout changes dates, not lists
    ensure_environment(purpose="running", root=root)
    assert installations == ["running"]

    (root / "requirements.txt").write_text("# something\n")
    ensure_environment(purpose="running", root=root)
    assert installations == ["running", "running"]


def test_what_developing_needs_covers_running(root: Path, installations: list[str]) -> None:
    ensure_environment(purpose="developing", root=root)
    ensure_environment(purpose="running", root=root)

    assert installations == ["developing"]


def test_an_installation_that_failed_is_tried_again(
    root: Path, installations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise environment.EnvironmentFailedError("no network")

    monkeypatch.setattr(environment, "_install", fail)
    with pytest.raises(environment.EnvironmentFailedError):
        ensure_environment(purpose="running", root=root)

    assert not (root / ".venv" / "installed.json").exists()
    monkeypatch.setattr(environment, "_install", lambda *_: None)
    ensure_environment(purpose="running", root=root)
    stamp = json.loads((root / ".venv" / "installed.json").read_text())
    assert stamp == {"running": fingerprint(root, "running")}


def test_translations_are_compiled_when_a_catalogue_changed(
    root: Path, installations: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = root / "locale" / "fr" / "LC_MESSAGES" / "django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text("")
    compiled: list[Path] = []

    def compile_them(root: Path, _python: Path) -> None:
        compiled.append(root)
        catalogue.with_suffix(".mo").write_bytes(b"")

    monkeypatch.setattr(environment, "_compile_translations", compile_them)
    ensure_environment(purpose="running", root=root)
    ensure_environment(purpose="running", root=root)
    assert compiled == [root]

    later = catalogue.with_suffix(".mo").stat().st_mtime + 10
    os.utime(catalogue, (later, later))
    ensure_environment(purpose="running", root=root)
    assert compiled == [root, root]
