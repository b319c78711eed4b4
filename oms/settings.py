"""Settings of Halles. Everything comes from the environment; each value is optional in development.

The README's table lists every variable. Nothing here starts a server: `manage.py` and the Makefile
hand down `DATABASE_URL`.
"""

from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from oms.admin_theme import UNFOLD as UNFOLD
from oms.document_names import ENUM_NAMES
from oms.stock_settings import *

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

DEVELOPMENT_SECRET_KEY = "development-only-not-a-secret-refused-when-debug-is-off"  # noqa: S105 (a check refuses it)
DEBUG = env.bool("DEBUG", default=True)
SECRET_KEY = env.str("SECRET_KEY", default=DEVELOPMENT_SECRET_KEY)
if not DEBUG and SECRET_KEY == DEVELOPMENT_SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY is the one every developer knows: set it, or DEBUG in development.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"] if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "oms.core",
    "stock",
    "oms.orchestration",
    "orders",
    "returns",
    "oms.store",
    "oms.public",
    "oms.integrations",
    "oms.demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "import_export",
    "django_htmx",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "oms.core.middleware.RequestContextMiddleware",
    "oms.core.middleware.ContentSecurityPolicyMiddleware",
    "oms.core.middleware.ReadableAddressMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "oms.core.middleware.LanguageMiddleware",
    "oms.core.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "oms.core.middleware.NotFoundMiddleware",
]

ROOT_URLCONF = "oms.urls"
WSGI_APPLICATION = "oms.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "oms.store.context.frame",
            ],
            "builtins": ["oms.core.templatetags.days"],
        },
    },
]

# --- Database -------------------------------------------------------------------------------------

_CONNECTION_FIELDS = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}


def database_from_url(url: str) -> dict[str, Any]:
    """Django's database dictionary for any libpq URL or key=value string, Unix sockets included."""
    parameters = conninfo_to_dict(url)
    database: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {},
    }
    for name, value in parameters.items():
        if name in _CONNECTION_FIELDS:
            database[_CONNECTION_FIELDS[name]] = str(value)
        else:
            database["OPTIONS"][name] = value
    return database


DATABASE_URL = env.str("DATABASE_URL", default="postgresql://localhost/halles")
DATABASES = {"default": database_from_url(DATABASE_URL)}
# Hand-written statements that run often are prepared from this many runs on; 0 prepares none, as PgBouncer
# before 1.21 needs it in transaction mode.
DATABASE_PREPARE_THRESHOLD = env.int("DATABASE_PREPARE_THRESHOLD", default=2)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache: a hint only, the database decides -----------------------------------------------------

CACHES = {
    "default": env.cache_url("CACHE_URL", default="locmemcache://"),
}

# --- Users and access -----------------------------------------------------------------------------

AUTH_USER_MODEL = "core.User"
AUTHENTICATION_BACKENDS = ["oms.core.logins.LimitedBackend"]
ACCESS_RESOLVER = "stock.queries.access.access_of"
CLIENT_BINDING = "stock.queries.access.BINDING"
SUBSCRIPTIONS = "oms.subscriptions.SUBSCRIPTIONS"
FIELD_NAMES = "oms.field_names.FIELD_NAMES"
AUDIT_WORDS = "oms.audit_words"
CELERY_APPLICATION = "oms.celery"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
CSRF_FAILURE_VIEW = "oms.core.views.csrf_failure"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
# How many proxies of ours stand in front: whose word on the client's address counts.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# --- Languages, time and money --------------------------------------------------------------------

LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["oms.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Paris")
BASE_CURRENCY = env.str("BASE_CURRENCY", default="EUR")
# Standard rates of value added tax by destination country; prices include tax, `tax` is the part contained.
TAX_RATES = env.dict("TAX_RATES", default={"FR": "0.20", "BE": "0.21", "DE": "0.19", "ES": "0.21", "IT": "0.22"})
DEFAULT_TAX_RATE = env.str("DEFAULT_TAX_RATE", default="0.20")

# --- What customers are sent ----------------------------------------------------------------------

# Where customers reach us: the beginning of the links in what they are sent.
PUBLIC_URL = env.str("PUBLIC_URL", default=f"http://localhost:{env.int('PORT', default=8000)}").rstrip("/")
# For example smtp+tls://user:password@smtp.example.org:587; without it mails are kept and shown at /mailbox/.
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    globals().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "oms.integrations.mailbox.MailboxBackend"
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=10)
# The address all mails come from, under the name of the order's banner.
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="orders@halles.example")

# --- Orders ---------------------------------------------------------------------------------------

# Gateways that only pretend: anybody can "pay". Off in production unless somebody insists.
SIMULATED_PAYMENTS = env.bool("SIMULATED_PAYMENTS", default=DEBUG)
# An order that waits for its payment longer than this expires and frees its stock.
ORDER_PAY_WITHIN_MINUTES = env.int("ORDER_PAY_WITHIN_MINUTES", default=60)
# How long before a payment link may be sent to the same address once more, and how often at all, for one order.
PAYMENT_LINK_RESENT_AFTER_MINUTES = env.int("PAYMENT_LINK_RESENT_AFTER_MINUTES", default=2)
PAYMENT_LINK_RESENT_AT_MOST = env.int("PAYMENT_LINK_RESENT_AT_MOST", default=5)
# How long goods wait in a store for their customer, paid for or merely reserved.
PICKUP_KEPT_DAYS = env.int("PICKUP_KEPT_DAYS", default=14)
RESERVATION_KEPT_DAYS = env.int("RESERVATION_KEPT_DAYS", default=3)
# How long an order may ask for exactly the delivery that was promised, unless its cut-off passes before.
PROMISE_KEPT_MINUTES = env.int("PROMISE_KEPT_MINUTES", default=30)
# What sourcing may take from an order's confirmation to a stock point's work, when milestones are counted back.
ORDER_RELEASE_WITHIN_MINUTES = env.int("ORDER_RELEASE_WITHIN_MINUTES", default=15)
# How long a statement of a delivery promise may take before the promise is told without the stock: wider and later.
PROMISE_STATEMENT_MS = env.int("PROMISE_STATEMENT_MS", default=800)
# How long a statement of a page in the store may take before the page says so.
SCREEN_STATEMENT_MS = env.int("SCREEN_STATEMENT_MS", default=5000)
# How long after its last moment for the hand-over an order is given a new day, and its customer told.
PROMISE_REPLACED_AFTER_MINUTES = env.int("PROMISE_REPLACED_AFTER_MINUTES", default=60)
# Minutes around a milestone at which somebody is told of it: the store before it passes (and when it does), then
# whoever looks after several stores, then customer service.
PROMISE_ALERT_MINUTES = {
    "before": env.int("PROMISE_ALERT_BEFORE_MINUTES", default=60),
    "regional_manager": env.int("PROMISE_ALERT_REGIONAL_MANAGER_MINUTES", default=60),
    "customer_service": env.int("PROMISE_ALERT_CUSTOMER_SERVICE_MINUTES", default=240),
}
# Sourcing moves goods that are reserved already only where that saves more than this, in the channel's currency.
SOURCING_WORTHWHILE_GAIN = env.str("SOURCING_WORTHWHILE_GAIN", default="0.05")

# What stock is worth to the objectives `scarcity` and `ageing` (shares of a unit's price; see docs/rule-sets.md),
# and what a decline costs in the channel's currency.
SOURCING_VALUATION = {
    "scarce_below": env.int("SOURCING_SCARCE_BELOW", default=10),
    "scarce_share": env.str("SOURCING_SCARCE_SHARE", default="0.10"),
    "last_unit_share": env.str("SOURCING_LAST_UNIT_SHARE", default="0.15"),
    "markdown_share": env.str("SOURCING_MARKDOWN_SHARE", default="0.40"),
    "slow_after_days": env.int("SOURCING_SLOW_AFTER_DAYS", default=180),
    "decline_cost": env.str("SOURCING_DECLINE_COST", default="4.00"),
}

# Who tells the learning of times what has begun and is not over yet. What is learned with is chosen in the admin.
UNDER_WAY = {
    "works": "orders.queries.under_way.works_under_way",
    "parcels": "orders.queries.under_way.parcels_under_way",
}

# --- The demonstration -----------------------------------------------------------------------------

# Whether a running demo is given a new order now and then (never when DEBUG is off).
DEMO_TRICKLE = env.bool("DEMO_TRICKLE", default=True)

# --- Static files ---------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / ".data" / "static"
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / ".data" / "media")))
DATA_UPLOAD_MAX_MEMORY_SIZE = env.int("DATA_UPLOAD_MAX_MEMORY_SIZE", default=10 * 1024 * 1024)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# Webhooks go to the public internet alone; here they may also go to the machine a developer works on.
WEBHOOKS_ALLOW_PRIVATE_ADDRESSES = env.bool("WEBHOOKS_ALLOW_PRIVATE_ADDRESSES", default=False)
# The database tells the time: a machine whose clock is off neither ends anything early nor keeps it too long.
CLOCK_FOLLOWS_DATABASE = env.bool("CLOCK_FOLLOWS_DATABASE", default=True)
IMPORT_EXPORT_USE_TRANSACTIONS = True

# --- The API --------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["oms.core.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["oms.core.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["oms.core.api.renderers.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["oms.core.api.parsers.JsonParser"],
    "DEFAULT_PAGINATION_CLASS": "oms.core.api.pagination.CursorPagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "oms.core.api.schema.ProblemAutoSchema",
    "EXCEPTION_HANDLER": "oms.core.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": None,
    # `?format=` belongs to the endpoints (a label is pdf or zpl), not to the choice of a renderer.
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "COERCE_DECIMAL_TO_STRING": True,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Halles",
    "DESCRIPTION": "Order management: unified stock, sourcing, and the life of an order until delivered.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
}

# --- The house carrier service (api.md): always there, so a missing tariff never blocks an order ---

HOUSE_SERVICE = {
    "fixed_per_parcel": env.str("HOUSE_FIXED_PER_PARCEL", default="3.50"),
    "per_kg": env.str("HOUSE_PER_KG", default="0.40"),
    "per_kg_km": env.str("HOUSE_PER_KG_KM", default="0.0012"),
    # Estimates: docs/emissions.md says where factors are to be taken from.
    "emission_g_per_t_km": env.str("HOUSE_EMISSION_G_PER_T_KM", default="400"),
    "emission_g_per_parcel": env.str("HOUSE_EMISSION_G_PER_PARCEL", default="200"),
}

# --- Celery ---------------------------------------------------------------------------------------

BROKER_URL = env.str("BROKER_URL", default="")
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any]
if BROKER_URL:
    CELERY_BROKER_URL = BROKER_URL
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 5}
    if BROKER_URL.startswith(("redis", "valkey")):
        CELERY_BROKER_TRANSPORT_OPTIONS = {
            "socket_connect_timeout": 1,
            "visibility_timeout": 30,
            "unacked_restore_interval": 10,
            "unacked_restore_throttle": 1,
        }
else:
    # The database is the broker: one thing less to run until a retailer grows out of it.
    CELERY_BROKER_URL = "pgmq://localhost"  # a name for the logs; conn_string says where it is
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "conn_string": make_conninfo("", **conninfo_to_dict(DATABASE_URL)),  # as key=value: it misreads sockets in URLs
        "init_extension": False,
        "use_notify": True,
        "wait_time_seconds": 0,
        "polling_interval": 0.05,
        "visibility_timeout": 60,
        "pool_size": 4,
        "pool_timeout": 2,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_SERIALIZER = "json"
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"

# Wake the relay as soon as a transaction that emitted events commits; off, it waits for the next second.
OUTBOX_KICKS = env.bool("OUTBOX_KICKS", default=True)
READY_HEARTBEAT_AGE_S = env.int("READY_HEARTBEAT_AGE_S", default=30)

# --- Transport security: on whenever DEBUG is off -------------------------------------------------

if not DEBUG:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
    SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000)
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"

# --- Logging (structlog is configured in oms.core.logs) -------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_JSON = env.bool("LOG_JSON", default=not DEBUG)
LOGGING_CONFIG = "oms.core.logs.configure"
LOGGING: dict[str, Any] = {"level": LOG_LEVEL, "json": LOG_JSON}
