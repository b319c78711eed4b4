"""The product's settings with what only tests need: fast hashing and a broker inside the process."""

from oms.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
SECURE_SSL_REDIRECT = False
# Tests hear their events themselves; no thread of the process talks to a broker behind their back.
OUTBOX_KICKS = False
# Nothing is collected for tests; the folder there is keeps WhiteNoise from warning about the other one.
STATIC_ROOT = BASE_DIR / "templates"
# What one test declares hot, the next must not remember.
HOT_ARTICLES_FRESH_S = 0.0
