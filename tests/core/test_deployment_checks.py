"""What must not reach production is refused by `check --deploy`."""

from oms.core.checks import secret_key_is_not_the_default


def test_the_developers_secret_key_is_refused(settings):
    settings.SECRET_KEY = settings.DEVELOPMENT_SECRET_KEY
    assert [error.id for error in secret_key_is_not_the_default(None)] == ["core.E001"]


def test_another_secret_key_is_accepted(settings):
    settings.SECRET_KEY = "x" * 50
    assert secret_key_is_not_the_default(None) == []
