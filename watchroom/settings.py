"""Django's settings. What a force may change is policy (`watchroom/force/data`), not a setting."""

import json
import os
import re
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from watchroom.rooms import ROOMS

BASE_DIR = Path(__file__).resolve().parent
WATCHROOM_DATA = Path(os.environ.get("WATCHROOM_DATA", ".watchroom")).resolve()
WATCHROOM_JOURNEY = "watchroom.journey"
WATCHROOM_FORCES = "watchroom.force.queries.codes"
WATCHROOM_SEEN = "watchroom.staff.actions.seen"  # told about once a minute that a member has a live screen open
# topics of the live stream that are about one record: `contact-12` goes to who has opened the contact 12, and to nobody else
WATCHROOM_RECORD_TOPICS = {"contact": "contact", "log": "incident"}
WATCHROOM_WRITING = "watchroom.incidents.writing.topics"  # which screens show that somebody writes under this key of a draft
WATCHROOM_NAME = "watchroom.staff.queries.name"  # `staff:12` → how colleagues call this person
WATCHROOM_COVERED = "watchroom.assessment.queries.covered"  # which call of a member hides queue and units from them (R47)
WATCHROOM_APP_ROLE = os.environ.get("WATCHROOM_APP_ROLE", "watchroom_app")
WATCHROOM_AUDITOR_ROLE = "watchroom_auditor"
WATCHROOM_TRUSTED_VIEWS = ("django.contrib.staticfiles", "django.views.static")
WATCHROOM_PUBLIC_FORCE = os.environ.get(
    "WATCHROOM_PUBLIC_FORCE", ""
)  # whose public pages `/public/` shows; empty: the first force's
WATCHROOM_EXIT_TO = os.environ.get(
    "WATCHROOM_EXIT_TO", "https://www.bbc.co.uk/weather"
)  # where “Exit this page” leads: somewhere harmless
WATCHROOM_PUBLIC_PATHS = ("/report/", "/public/")  # what goes wrong there is said as to the public
WATCHROOM_PROXIES = int(os.environ.get("WATCHROOM_PROXIES") or 0)  # how many of ours stand before us; none: no header is believed
WATCHROOM_STREAMS = int(
    os.environ.get("WATCHROOM_STREAMS") or 32
)  # live screens of one member in each process; a browser needs one
DEMO = os.environ.get("WATCHROOM_DEMO") == "1"  # shows the demo accounts at the log-in and the words of simulated callers


def _kept(name: str) -> str:
    """A random secret of this installation, made once and kept in its state folder."""
    path = WATCHROOM_DATA / "secrets.json"
    kept = json.loads(path.read_text()) if path.exists() else {}
    if name not in kept:
        WATCHROOM_DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
        kept[name] = secrets.token_urlsafe(48)
        path.touch(mode=0o600)
        path.write_text(json.dumps(kept))
    return kept[name]


SECRET_KEY = os.environ.get("WATCHROOM_SECRET_KEY") or _kept("django")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("WATCHROOM_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")


def _database(url: str, **options: object) -> dict:
    parts = urlsplit(url)
    return {
        "ENGINE": "watchroom.foundation.postgres",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # after a restart of PostgreSQL the pool's connections are replaced, not used
        "OPTIONS": {**dict(parse_qsl(parts.query)), **options},
    }


# Statements are prepared in the server at their fifth use: planning them anew each time, with the policies of row-level
# security in each, was half of PostgreSQL's work (docs/benchmarks.md).
_PREPARED = {"server_side_binding": True, "prepare_threshold": 5}
_app_url = os.environ.get("WATCHROOM_APP_URL", "postgresql://watchroom_app@127.0.0.1:1/none")
DATABASES = {
    "default": _database(_app_url, **_PREPARED, pool={"min_size": 1, "max_size": 12, "timeout": 10}),
    "owner": _database(os.environ.get("WATCHROOM_OWNER_URL", _app_url)),
}
DATABASES["owner"]["TEST"] = {"MIRROR": None}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
    "csp",
    "procrastinate.contrib.django",
    *(
        f"watchroom.{room.name}.apps.{''.join(part.title() for part in re.split('[._]', room.name))}Config"
        for room in ROOMS
        if (BASE_DIR / room.name.replace(".", "/") / "apps.py").exists()
    ),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "watchroom.foundation.middleware.NoStoreMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "watchroom.foundation.middleware.ScopeMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "watchroom.foundation.middleware.RefusedMiddleware",
    "watchroom.foundation.permissions.EveryViewDeclares",
    "watchroom.foundation.middleware.LiveSeqMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "watchroom.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "watchroom.shell.context.shell",
                "watchroom.force.context.surge",
            ],
        },
    }
]

AUTH_USER_MODEL = "staff.Member"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "watchroom.staff.auth.ForceBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours; a locked-out handler cannot wait for an administrator
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "watchroom.staff.auth.counted_as"
AXES_LOCKOUT_CALLABLE = "watchroom.staff.auth.locked_out"
AXES_CLIENT_IP_CALLABLE = "watchroom.foundation.addresses.of"
AXES_VERBOSE = False
AXES_DISABLE_ACCESS_LOG = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # a shift; counted from the log-in, however much is done in it (foundation/sessions.py)
SESSION_EXPIRE_AT_BROWSER_CLOSE = True  # the next at a shared desk does not find it open
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None  # ends with the browser: a visit to the public pages leaves nothing behind
CSRF_FAILURE_VIEW = "watchroom.shell.views.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # no site we link to learns where the visitor came from
X_FRAME_OPTIONS = "DENY"
if os.environ.get("WATCHROOM_HTTPS") == "1":
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

STATIC_URL = "/static/"
STATIC_ROOT = WATCHROOM_DATA / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
# Only counters of `rates.py`. Django's 300 entries would let somebody with a few hundred addresses push their own count out;
# so many need 50 MB at most, and of them a tenth goes at a time.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "OPTIONS": {"MAX_ENTRIES": 100_000, "CULL_FREQUENCY": 10},
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
SILENCED_SYSTEM_CHECKS = ["auth.W004"]  # a name is unique within its force, and log-in names carry the force
LOGGING_CONFIG = None
