"""One process, one port: streams go to the raw ASGI application, everything else to a pool of threads.

Django's own ASGI handler gives each synchronous request a fresh thread and so a fresh database connection; a pool of
WSGI threads keeps both (architecture.md §4).
"""

import os
from typing import Any

from a2wsgi import WSGIMiddleware
from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")
django_application = get_wsgi_application()

from core.stream.application import path_handled, stream_application  # noqa: E402 - needs the apps loaded
from core.stream.hub import Hub  # noqa: E402
from core.stream.store import Store  # noqa: E402
from core.tenancy.logins import refuse_owner  # noqa: E402

refuse_owner(settings.DATABASE_LOGIN)
streams = stream_application(Hub(Store()))
pool = WSGIMiddleware(
    django_application,  # type: ignore[arg-type]
    workers=settings.WEB_THREADS,
)


async def lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await streams.startup()
            await send({"type": "lifespan.startup.complete"})
        else:
            await streams.shutdown()
            await send({"type": "lifespan.shutdown.complete"})
            return


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http" and path_handled(scope["path"]):
        await streams(scope, receive, send)
    elif scope["type"] == "http":
        await pool(scope, receive, send)
