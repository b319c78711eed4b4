import subprocess
import sys

from oms.core.private_postgres.project import PROJECT_ROOT


def test_without_django_it_names_make_install() -> None:
    # -S -E: a Python that sees none of the installed packages.
    command = [sys.executable, "-S", "-E", "manage.py", "migrate"]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "make install" in done.stderr
    assert "Traceback" not in done.stderr
