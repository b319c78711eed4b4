"""The virtual environment of the project: made once, brought up to date when its lists change.

Run by the system's Python, so only the standard library is at hand.
"""

import argparse
import fcntl
import hashlib
import json
import subprocess
import sys
from pathlib import Path

PROJECT_ROOT = Path(__file__).resolve().parents[3]
# What each use of the environment installs from.
LISTS = {
    "running": ("requirements.txt",),
    "developing": ("requirements.txt", "requirements-dev.txt"),
}
CONSTRAINTS = "constraints.txt"


class EnvironmentFailedError(Exception):
    """The environment could not be made; the message says what to do."""


def ensure_environment(*, purpose: str, root: Path = PROJECT_ROOT) -> Path:
    """The environment's Python, with everything installed that `purpose` needs."""
    python = root / ".venv" / "bin" / "python"
    if not _is_ready(root, purpose):
        _make_ready(root, python, purpose)
    if _translations_are_stale(root):
        _compile_translations(root, python)
    return python


def _make_ready(root: Path, python: Path, purpose: str) -> None:
    (root / ".data").mkdir(exist_ok=True)
    with (root / ".data" / "environment.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_ready(root, purpose):
            if not _runs(python):
                _create(root / ".venv")
            _install(root, python, purpose)
            _stamp(root).write_text(json.dumps(_installed(root) | _fingerprints(root, purpose)))


def fingerprint(root: Path, purpose: str) -> str:
    """Changes when one of the lists does, whatever their dates say."""
    digest = hashlib.sha256()
    for name in (*LISTS[purpose], CONSTRAINTS):
        digest.update((root / name).read_bytes() + b"\0")
    return digest.hexdigest()


def _fingerprints(root: Path, purpose: str) -> dict[str, str]:
    """What is true once `purpose` is installed; developing includes running."""
    covered = [other for other in LISTS if set(LISTS[other]) <= set(LISTS[purpose])]
    return {each: fingerprint(root, each) for each in covered}


def _is_ready(root: Path, purpose: str) -> bool:
    python = root / ".venv" / "bin" / "python"
    return python.exists() and _installed(root).get(purpose) == fingerprint(root, purpose)


def _stamp(root: Path) -> Path:
    return root / ".venv" / "installed.json"


def _installed(root: Path) -> dict[str, str]:
    try:
        return dict(json.loads(_stamp(root).read_text()))
    except (OSError, ValueError):
        return {}


def _runs(python: Path) -> bool:
    command = [str(python), "-m", "pip", "--version"]
    return python.exists() and subprocess.run(command, capture_output=True, check=False).returncode == 0


def _create(folder: Path) -> None:
    _say(f"Creating {folder} with Python {sys.version.split()[0]}.")
    command = [sys.executable, "-m", "venv", "--clear", str(folder)]
    if subprocess.run(command, check=False).returncode != 0:
        raise EnvironmentFailedError(
            f"{sys.executable} could not create a virtual environment. "
            "On Debian and Ubuntu the package python3-venv is needed for it."
        )


def _install(root: Path, python: Path, purpose: str) -> None:
    _say(f"Installing what {purpose} needs; a minute or two the first time.")
    lists = [argument for name in LISTS[purpose] for argument in ("--requirement", name)]
    options = ["--quiet", "--disable-pip-version-check", "--constraint", CONSTRAINTS]
    command = [str(python), "-m", "pip", "install", *options, *lists]
    if subprocess.run(command, cwd=root, check=False).returncode != 0:
        raise EnvironmentFailedError("pip could not install the requirements; what it said is above.")


def _translations_are_stale(root: Path) -> bool:
    """Whether a catalogue is newer than the file that Django reads in its place."""
    catalogues = [(source, source.with_suffix(".mo")) for source in root.glob("locale/*/LC_MESSAGES/django.po")]
    return any(not made.exists() or made.stat().st_mtime < source.stat().st_mtime for source, made in catalogues)


def _compile_translations(root: Path, python: Path) -> None:
    command = [str(python), "-m", "oms.core.translating", "compile"]
    if subprocess.run(command, cwd=root, check=False).returncode != 0:
        raise EnvironmentFailedError("The translations in locale/ could not be compiled; what was said is above.")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("purpose", choices=list(LISTS))
    try:
        ensure_environment(purpose=parser.parse_args().purpose)
    except EnvironmentFailedError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
