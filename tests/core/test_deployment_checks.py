"""What must not reach production is refused by `check --deploy`."""

import os
import subprocess
import sys

from oms.core.checks import customers_can_be_reached, secret_key_is_not_the_default


def test_the_developers_secret_key_is_refused(settings):
    settings.SECRET_KEY = settings.DEVELOPMENT_SECRET_KEY
    assert [error.id for error in secret_key_is_not_the_default(None)] == ["core.E001"]


def test_another_secret_key_is_accepted(settings):
    settings.SECRET_KEY = "x" * 50
    assert secret_key_is_not_the_default(None) == []


def test_customers_need_links_and_a_mail_server(settings):
    settings.PUBLIC_URL, settings.EMAIL_URL = "http://localhost:8000", ""
    assert [warning.id for warning in customers_can_be_reached(None)] == ["core.W002", "core.W003"]
    settings.PUBLIC_URL, settings.EMAIL_URL = "https://orders.example.org", "smtp://mail.example.org"
    assert customers_can_be_reached(None) == []


def test_a_production_process_does_not_start_with_it():
    environment = {**os.environ, "DEBUG": "0", "DJANGO_SETTINGS_MODULE": "oms.settings"}
    environment.pop("SECRET_KEY", None)
    refused = start(environment)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "SECRET_KEY is the one every developer knows" in refused.stderr
    started = start({**environment, "SECRET_KEY": "x" * 50})
    assert (started.returncode, started.stdout) == (0, "started\n")


def start(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "import django; django.setup(); print('started')"]
    return subprocess.run(command, check=False, env=environment, capture_output=True, text=True)
