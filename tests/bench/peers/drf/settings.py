"""Django's settings: a connection that is kept, no sessions, no templates, JSON only."""

import os
from urllib.parse import urlsplit

_address = urlsplit(os.environ["PEER_DSN"])

SECRET_KEY = "bench-only"  # nothing is signed with it
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "tests.bench.peers.drf.urls"
WSGI_APPLICATION = "tests.bench.peers.drf.wsgi.application"
USE_TZ = True
INSTALLED_APPS = ["rest_framework", "tests.bench.peers.drf"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _address.path.strip("/"),
        "USER": _address.username,
        "PASSWORD": _address.password,
        "HOST": _address.hostname,
        "PORT": _address.port,
        "CONN_MAX_AGE": None,
    }
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tests.bench.peers.drf.access.BearerToken"],
    "DEFAULT_PERMISSION_CLASSES": ["tests.bench.peers.drf.access.TakesLeads"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "UNAUTHENTICATED_USER": None,
}
