"""The ASGI entry point: `granian --interface asgi config.asgi:application`."""

import os

from django.core.asgi import get_asgi_application

from config.serving import refuse_wrong_settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application()
refuse_wrong_settings()
