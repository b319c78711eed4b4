"""The product's settings with what only tests need: fast hashing and a broker inside the process."""

from oms.settings import *

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, object] = {}
SECURE_SSL_REDIRECT = False
