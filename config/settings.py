"""All settings, by topic. Each is read from the environment (or `.env` beside manage.py) here and nowhere else.

Without any environment: SQLite, tasks in-process, no portal. `.env.example` lists every variable.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import django_stubs_ext
import phonenumbers
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config.environment import Env, origin_of
from crm_mirror.portal.secret import Secret, hidden

django_stubs_ext.monkeypatch()  # lets `ModelAdmin[Palette]` and friends be written at run time

BASE_DIR = Path(__file__).resolve().parent.parent

env = Env()
env_file = env.str("CALLGUARD_ENV_FILE", default=str(BASE_DIR / ".env"))  # empty: no file, as the tests want it
if env_file:
    env.read_env(env_file)  # the real environment wins over the file

# --- Start ---------------------------------------------------------------------------------------------------------
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.secret("SECRET_KEY")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Put a long random one into the environment or .env (see .env.example); "
            "on your own machine `make setup` writes one, or set DEBUG=True."
        )
    SECRET_KEY = Secret("for-development-only-and-refused-in-production")  # only with DEBUG
SECRET_KEY_FALLBACKS = hidden(env.list("SECRET_KEY_FALLBACKS", default=[]))
# What stored secrets are sealed with (crm_mirror.secrets), newest first; the others still open them.
SECRETS_KEYS = hidden(env.list("SECRETS_KEYS", default=[])) or [SECRET_KEY, *SECRET_KEY_FALLBACKS]
PUBLIC_URL = env.str("PUBLIC_URL", default="").rstrip("/")  # this server as the portal reaches it
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The page with a dialable call card lets anybody ask in anybody's name: `make demo` turns it on, production cannot.
DEMO = DEBUG and env.bool("DEMO", default=False)
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Applications --------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
    "axes",
    "csp",
    "callguard",
    "crm_mirror",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "callguard.admin.policy.UnfoldPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",  # last: it turns a refused password into the page that says so
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# --- Data ----------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'callguard.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a writer waits at BEGIN instead of failing half way
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # callguard.prepared: the look-up is planned once per connection. A pooler that hands out a server connection per
    # transaction and knows no prepared statements (PgBouncer before 1.21) wants None here.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("prepare_threshold", 0)
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}
AUTH_USER_MODEL = "callguard.Account"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# --- Tasks ---------------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="memory://")
IN_PROCESS = CELERY_BROKER_URL.startswith("memory://")
CELERY_TASK_ALWAYS_EAGER = IN_PROCESS  # a task runs where it is asked for; `manage.py work` has a queue inside itself
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# After an outage of the broker it would be spoken to by several threads at once, and the worker hang (tests/faults).
CELERY_WORKER_ENABLE_PREFETCH_COUNT_REDUCTION = False
CELERY_TIMEZONE = TIME_ZONE = env.str("TIME_ZONE", default="Europe/Moscow")
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"


def every(task: str, schedule: float | crontab, *, expires: float, of: str = "crm_mirror") -> dict[str, Any]:
    """An entry of the beat (seconds). One that found no worker in time is dropped: the next comes anyway."""
    return {"task": f"{of}.tasks.{task}", "schedule": schedule, "options": {"expires": expires}}


CELERY_BEAT_SCHEDULE = {
    "what changed": every("sync_portal", 60, expires=55),
    "events": every("drain_inbox", 2 if IN_PROCESS else 5, expires=5),  # a broker is nudged at each event besides
    "offline events": every("fetch_offline", 15, expires=15),
    "writes to the portal": every("deliver_outbox", 5, expires=5),
    "ended calls": every("fetch_calls", 300, expires=240),
    "reconciliation": every("reconcile", crontab(hour="3", minute="17"), expires=3600),
    "forgetting": every("forget", crontab(hour="4", minute="41"), expires=3600),
    # once the comparison has mended the mirror
    "cleaning": every("look_for_flaws", crontab(hour="5", minute="11"), expires=3600, of="callguard"),
    "letters": every("deliver_letters", 30, expires=25, of="callguard"),
    "forgetting personal data": every(
        "forget_personal_data", crontab(hour="4", minute="11"), expires=3600, of="callguard"
    ),
    "forgetting letters": every("forget_letters", crontab(hour="4", minute="43"), expires=3600, of="callguard"),
}

# --- The portal ----------------------------------------------------------------------------------------------------
BITRIX_WEBHOOK_URL = env.secret("BITRIX_WEBHOOK_URL")
BITRIX_PORTAL_URL = env.str("BITRIX_PORTAL_URL", default="")  # of an application's portal; a webhook says it itself
BITRIX_APP_ID = env.str("BITRIX_APP_ID", default="")
BITRIX_APP_SECRET = env.secret("BITRIX_APP_SECRET")
BITRIX_OAUTH_SERVER = env.str("BITRIX_OAUTH_SERVER", default="https://oauth.bitrix.info")
BITRIX_APPLICATION_TOKEN = env.secret("BITRIX_APPLICATION_TOKEN")
BITRIX_ADMIN_IDS = env.list("BITRIX_ADMIN_IDS", cast=int, default=[])
BITRIX_STATUS_FIELD = env.str("BITRIX_STATUS_FIELD", default="UF_CRM_CALLGUARD_STATUS")
BITRIX_STATUS_REFERENCE = env.str("BITRIX_STATUS_REFERENCE", default="")
# Provisioning makes the status read-only for people in the portal's form; then it is changed here only.
STATUS_READ_ONLY = env.bool("STATUS_READ_ONLY", default=False)
BITRIX_RATE_PER_SECOND = env.float("BITRIX_RATE_PER_SECOND", default=2.0)  # requests a second; 0: no limit (a box)
BITRIX_RATE_BURST = env.int("BITRIX_RATE_BURST", default=50)
PORTAL_ORIGIN = origin_of(BITRIX_WEBHOOK_URL or BITRIX_PORTAL_URL)

# A pass that would mark more rows deleted than this stops and asks a person: --allow-mass-delete.
MASS_DELETE_ROWS = env.int("MASS_DELETE_ROWS", default=50)
MASS_DELETE_PERCENT = env.float("MASS_DELETE_PERCENT", default=5.0)
# Functions without arguments that read the feed of changes (crm_mirror.changes), called after each round.
MIRROR_READERS = ["callguard.feed.read_all"]
# (request) -> bool: who may open the mirror's own pages in the admin; empty: superusers.
MIRROR_ADMINISTRATOR = "callguard.access.acting.administers"
# Pages of ours inside the portal (crm_mirror.placements), which an application binds when it is provisioned:
# {"placement": "CALL_CARD", "path": "/bitrix/card/", "title": "Call Guard", "options": {…}}
PORTAL_PLACEMENTS: list[dict[str, Any]] = [
    {"placement": "CALL_CARD", "path": "/bitrix/cloud/card/", "title": "Call Guard"},
    {
        "placement": "PAGE_BACKGROUND_WORKER",
        "path": "/bitrix/cloud/worker/",
        "title": "Call Guard",
        "options": {"errorHandlerUrl": f"{PUBLIC_URL}/bitrix/cloud/worker/failed/"},
    },
]

# --- The verdict ---------------------------------------------------------------------------------------------------
PHONE_REGION = env.one_of(
    "PHONE_REGION", phonenumbers.SUPPORTED_REGIONS, default="RU", example="RU, KZ, BY …", cast=str.upper
)
MIRROR_STALE_AFTER = env.int("MIRROR_STALE_AFTER", default=900)  # seconds
SHARED_NUMBER_POLICY = env.one_of(
    "SHARED_NUMBER_POLICY", ("strictest", "own_first"), default="strictest", example="strictest or own_first"
)
# Until this day (YYYY-MM-DD) calls are judged and recorded while cards keep the portal's colours, so that before and
# after can be compared. Empty: colours are shown.
COLOURS_SINCE = env.day("COLOURS_SINCE")
DISPUTE_DAYS = env.int("DISPUTE_DAYS", default=3)  # working days to decide a dispute; after twice that administrators
TAKEOVER_DAYS = env.int(
    "TAKEOVER_DAYS", default=30
)  # after a conflict in which a client that becomes his is taken over

# --- Who may what --------------------------------------------------------------------------------------------------
# A manager is the next head above, or every head above as well.
SUPERVISOR_SCOPE = env.one_of("SUPERVISOR_SCOPE", ("direct", "chain"), default="direct", example="direct or chain")
STATUS_GUARD = env.one_of("STATUS_GUARD", ("revert", "flag", "off"), default="revert", example="revert, flag or off")

# --- Privacy -------------------------------------------------------------------------------------------------------
# Days, by the night task; 0 keeps for ever. Numbers of older calls are masked (+7916*****67); still older calls go, and
# only the sums of their days stay; so do lines of the access log.
RETENTION_MASK_DAYS = env.int("RETENTION_MASK_DAYS", default=0)
RETENTION_CALLS_DAYS = env.int("RETENTION_CALLS_DAYS", default=0)
RETENTION_ACCESS_DAYS = env.int("RETENTION_ACCESS_DAYS", default=365)

# --- E-mail --------------------------------------------------------------------------------------------------------
# Letters are written to supervisors who want their digest so. Without EMAIL_URL there are none.
_mail = env.mail("EMAIL_URL")
EMAIL_CONFIGURED = bool(_mail)
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST = _mail.get("EMAIL_HOST", "")
EMAIL_PORT = _mail.get("EMAIL_PORT", 0)
EMAIL_HOST_USER = _mail.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = Secret(_mail.get("EMAIL_HOST_PASSWORD") or "")
EMAIL_USE_TLS = _mail.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _mail.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _mail.get("EMAIL_FILE_PATH") or None
EMAIL_TIMEOUT = 20  # seconds
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="")

# --- Signing in ----------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "callguard.access.backend.AtWork"]
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", default=12) * 3600  # seconds from signing in: a working day
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"  # not Strict: the way back from the portal needs the session
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "callguard.signin.pages.out_of_date"
# Wrong passwords, counted in the database: its rows are shared by all processes, the cache need not be. By name and
# address together, so that nobody locks a colleague out from elsewhere.
AXES_FAILURE_LIMIT = env.int("PASSWORD_ATTEMPTS", default=5)
AXES_COOLOFF_TIME = timedelta(minutes=env.int("PASSWORD_PAUSE_MINUTES", default=15))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who waits for the end does not begin anew by looking
AXES_CLIENT_IP_CALLABLE = "callguard.access.addresses.address_of"  # knows BEHIND_PROXY
AXES_LOCKOUT_CALLABLE = "callguard.signin.lockout.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- The API and the card ------------------------------------------------------------------------------------------
CARD_TOKEN_SECRET = env.secret("CARD_TOKEN_SECRET")
CARD_ORIGINS = env.list("CARD_ORIGINS", default=[PORTAL_ORIGIN] if PORTAL_ORIGIN else [])
CARD_TOKEN_MAX_AGE = timedelta(hours=24)
API_BODY_LIMIT = 16 * 1024  # bytes
API_RATE_PER_CALLER = env.str("API_RATE_PER_CALLER", default="120/min")
CORS_ALLOWED_ORIGINS = CARD_ORIGINS
CORS_URLS_REGEX = r"^/(api|static/callguard)/.*$"
CORS_ALLOW_CREDENTIALS = False
CORS_PREFLIGHT_MAX_AGE = 86400
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["callguard.api.auth.CardTokenAuthentication", "callguard.api.auth.StaffSession"],
    "DEFAULT_PERMISSION_CLASSES": ["callguard.api.auth.IsActiveEmployee"],
    "DEFAULT_PARSER_CLASSES": ["callguard.api.parsers.LimitedJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_THROTTLE_CLASSES": ["callguard.api.auth.CallerThrottle"],
    "DEFAULT_THROTTLE_RATES": {"caller": API_RATE_PER_CALLER},
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "callguard.api.problems.problem_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Call Guard",
    "DESCRIPTION": "Whose client is on the line: verdicts for call cards.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "ENUM_NAME_OVERRIDES": {  # two kinds of reason
        "ReasonEnum": "callguard.api.shapes.REASONS",
        "DisputeReasonEnum": "callguard.models.DisputeReason",
    },
}

# --- Language and time ---------------------------------------------------------------------------------------------
LANGUAGE_CODE = "ru"
LANGUAGES = [("ru", _("Russian")), ("en", _("English"))]
USE_I18N = True
USE_TZ = True

# --- Files ---------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # No hashed names: portals load /static/callguard/card.js by that very address.
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True  # a checkout without collectstatic serves its files as well

# --- Safety --------------------------------------------------------------------------------------------------------
HTTPS = env.bool("HTTPS", default=not DEBUG)  # off only for a server inside the company's network without TLS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
X_FRAME_OPTIONS = "DENY"
# Of every page that has no policy of its own (/demo/, /bitrix/install/). No 'unsafe-inline' anywhere; 'unsafe-eval' for
# the admin alone (callguard.admin.policy, docs/adr/0011).
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
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:  # the proxy must set this header itself
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # Bearer token for /metrics; empty: this machine only

# --- Words for operators -------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},  # whatever fails outside our own rooms, Django's pages too
    "loggers": {
        "django": {"level": "WARNING"},  # by way of the root, not of Django's own handlers as well
        "callguard": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO"), "propagate": False},
        "crm_mirror": {"handlers": ["stderr"], "level": env.str("LOG_LEVEL", default="INFO"), "propagate": False},
    },
}

# --- The admin -----------------------------------------------------------------------------------------------------
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Call Guard",
    "SITE_HEADER": "Call Guard",
    "SITE_SYMBOL": "phone_in_talk",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": STATIC_URL + "callguard/admin/favicon.svg"},
    ],
    "SITE_URL": "/demo/" if DEMO else None,
    "SHOW_LANGUAGES": True,
    "SHOW_BACK_BUTTON": True,
    "ENVIRONMENT": "callguard.admin.site.environment",
    "GLOBAL_CALLBACK": "callguard.admin.site.around",
    "DASHBOARD_CALLBACK": "callguard.admin.dashboard.dashboard",
    "STYLES": [STATIC_URL + "callguard/admin/colours.css", STATIC_URL + "callguard/admin/admin.css"],
    "SCRIPTS": [STATIC_URL + "callguard/admin/admin.js"],
    "SIDEBAR": {"show_search": True, "navigation": "callguard.admin.navigation.sidebar"},
}
