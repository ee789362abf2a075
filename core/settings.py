"""Settings, read from the environment. `.env.example` names every variable; a missing one names itself."""

import os
import sys
from datetime import timedelta
from pathlib import Path

import django_stubs_ext
import environ
from csp.constants import NONE, SELF
from kombu import Queue

from core.api.schema_enums import ENUM_NAMES
from core.embedded.secret import kept_secret
from core.embedded.servers import celery_url, ensure_running
from core.logs import configure_logs
from core.tenancy.logins import login_of

django_stubs_ext.monkeypatch()  # lets admin classes and forms name their model in brackets, as their types do

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.read_env(BASE_DIR / ".env")
# An empty value means the default: a copied .env.example is a working .env.
env.ENVIRON = {name: value for name, value in os.environ.items() if value}

DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".data")))

# --- Servers: given by address, or embedded under DATA_DIR (docs/adr/0004-embedded-servers.md) -----------------------
DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="")
IS_EMBEDDED = not DATABASE_URL
DATABASE_APP_URL = env.str("DATABASE_APP_URL", default="") if DATABASE_URL else ""
DATABASE_WORKER_URL = env.str("DATABASE_WORKER_URL", default="") if DATABASE_URL else ""
if not DATABASE_URL or not REDIS_URL:
    endpoints = ensure_running(DATA_DIR, postgres=not DATABASE_URL, broker=not REDIS_URL)
    DATABASE_URL = DATABASE_URL or endpoints.owner_url
    DATABASE_APP_URL = DATABASE_APP_URL or endpoints.app_url
    DATABASE_WORKER_URL = DATABASE_WORKER_URL or endpoints.worker_url
    REDIS_URL = REDIS_URL or endpoints.redis_url

if not DATABASE_APP_URL or not DATABASE_WORKER_URL:
    raise environ.ImproperlyConfigured(
        "With DATABASE_URL set, set DATABASE_APP_URL and DATABASE_WORKER_URL too: `manage.py provision` makes them."
    )
#: Rehearsals live ahead of their time: with servers of their own alone.
CLOCK_AHEAD = timedelta(seconds=env.int("CLOCK_AHEAD_SECONDS", default=0) if IS_EMBEDDED else 0)

#: Each process has one login, and the web never the owner's (core.tenancy.logins).
DATABASE_LOGIN = env.str("DATABASE_LOGIN", default="") or login_of(sys.argv)
_address = env.db_url_config(
    {"owner": DATABASE_URL, "app": DATABASE_APP_URL, "worker": DATABASE_WORKER_URL}[DATABASE_LOGIN]
)
DATABASES = {
    "default": {
        **_address,
        "ENGINE": "core.tenancy.backend",
        "OPTIONS": {
            "connect_timeout": 5,
            **_address.get("OPTIONS", {}),
            "identity": DATABASE_LOGIN != "owner",
            "plans_once": DATABASE_LOGIN == "app",
        },
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=300),
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": env.bool("DISABLE_SERVER_SIDE_CURSORS", default=False),
        "ATOMIC_REQUESTS": True,
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Django ----------------------------------------------------------------------------------------------------------
SECRET_KEY = env.str("SECRET_KEY", default="") or (kept_secret(DATA_DIR / "secret_key") if IS_EMBEDDED else "")
if not SECRET_KEY:
    raise environ.ImproperlyConfigured("Set SECRET_KEY: a long random text, the same for every process.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "core.apps.CoreConfig",
    "core.apps.CoordinationAdminConfig",
    # Before Django's own: its createsuperuser and changepassword know neither identities nor our credentials.
    "users",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_structlog",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "student_dashboard",
    "missions",
    "coaching",
    "mentorship_coordination",
]
MIDDLEWARE = [
    "core.metrics.RequestMetrics",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "core.requests.RequestIdMiddleware",
    "core.requests.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "users.middleware.PersonMiddleware",
    "core.tenancy.middleware.IdentityMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "core.urls"
WSGI_APPLICATION = "core.wsgi.application"
ASGI_APPLICATION = "core.asgi.application"
APPEND_SLASH = False
#: Threads, and so database connections, of one web process.
WEB_THREADS = env.int("WEB_THREADS", default=8)
CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
    "mentorship_coordination.web.live.unread",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "core" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT_PROCESSORS},
    },
]
LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# --- People and their sessions ---------------------------------------------------------------------------------------
AUTH_USER_MODEL = "users.User"
AUTHENTICATION_BACKENDS = ["users.backends.CredentialBackend"]
SESSION_ENGINE = "users.sessions"
SESSION_COOKIE_AGE = env.int("SESSION_COOKIE_AGE", default=14 * 24 * 3600)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_FAILURES_ALLOWED = env.int("LOGIN_FAILURES_ALLOWED", default=8)
LOGIN_LOCKOUT = timedelta(minutes=15)
INVITATION_LIFETIME = timedelta(days=14)
PASSWORD_RESET_LIFETIME = timedelta(hours=2)

# --- Transport security ----------------------------------------------------------------------------------------------
IS_HTTPS = env.bool("HTTPS", default=SITE_URL.startswith("https://"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=31536000 if IS_HTTPS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^readyz$", "^metrics$"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Limits are counted per process (core.api.throttling). Room for every person of an academy, or counts would be dropped.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}

# --- Files -----------------------------------------------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(DATA_DIR / "static")))
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(DATA_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": env.str("STATIC_STORAGE", default="core.static.HashedStaticStorage")},
}
WHITENOISE_USE_FINDERS = DEBUG
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_BYTES", default=10 * 1024 * 1024)
UPLOAD_MAX_FILES = 10
# What a request may hold besides its files.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = UPLOAD_MAX_FILES
FILE_UPLOAD_PERMISSIONS = 0o600

# --- Mail, meetings --------------------------------------------------------------------------------------------------
EMAIL_URL = env.str("EMAIL_URL", default="")
vars().update(env.email_url_config(EMAIL_URL) if EMAIL_URL else {})
if not EMAIL_URL:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="mentorship@localhost")
ZOOM = env.dict("ZOOM", default={})
JITSI_BASE_URL = env.str("JITSI_BASE_URL", default="https://meet.jit.si").rstrip("/")
# Free time that is left before and after every session, how long before a student may ask for one, and how far ahead.
SESSION_BUFFER_MINUTES = env.int("SESSION_BUFFER_MINUTES", default=0)
SESSION_NOTICE_MINUTES = env.int("SESSION_NOTICE_MINUTES", default=120)
SESSION_HORIZON_DAYS = env.int("SESSION_HORIZON_DAYS", default=90)
REVIEW_LOAD_LATE_ITEMS = env.int("REVIEW_LOAD_LATE_ITEMS", default=2)  # more that will be late are too many

# --- REST ------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["users.api.authentication.PersonAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.ActsAsItsRole"],
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "core.api.keyset.RowKeysetPagination",
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.ProblemAutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttling.PersonThrottle", "core.api.throttling.AddressThrottle"],
    "DEFAULT_THROTTLE_RATES": {
        "person": env.str("THROTTLE_PERSON", default="1200/min"),
        "address": env.str("THROTTLE_ADDRESS", default="120/min"),
    },
    "EXCEPTION_HANDLER": "core.api.problems.exception_handler",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "NUM_PROXIES": env.int("NUM_PROXIES", default=0),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mentorship Coordination Engine",
    "DESCRIPTION": "Matching, work queue, sessions and risk for online academies.",
    "VERSION": "0.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PUBLIC": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": False, "docExpansion": "none", "filter": True},
    "ENUM_NAME_OVERRIDES": ENUM_NAMES,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.api.schema_enums.name_query_enums",
    ],
}

# --- Background work: a dead broker costs a request next to nothing (docs/scaling.md) --------------------------------
CELERY_BROKER_URL = celery_url(REDIS_URL)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_TIMEOUT = 0.3
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.25,
    "retry_on_timeout": False,
    "max_retries": 0,
    "visibility_timeout": 300,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 120
CELERY_TASK_SOFT_TIME_LIMIT = 100
CELERY_TASK_QUEUES = (Queue("mentorship"),)
CELERY_TASK_DEFAULT_QUEUE = "mentorship"
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # core.requests has checked or made it

# --- Logs ------------------------------------------------------------------------------------------------------------
LOGGING = configure_logs(level=env.str("LOG_LEVEL", default="INFO"), as_json=env.bool("LOG_JSON", default=False))
