"""The stream alone as a server process: `uvicorn --factory core.tests.stream_server:application`."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import django
from django.db import connection

django.setup()

from core.enums import Audience  # noqa: E402 - needs the apps loaded
from core.stream import snapshots  # noqa: E402
from core.stream.application import Receive, Scope, Send, stream_application  # noqa: E402
from core.stream.hub import Hub, HubLimits  # noqa: E402
from core.stream.store import Store  # noqa: E402


def who_reads(user_id: UUID) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('role'), current_setting('transaction_isolation')")
        role, isolation = cursor.fetchone()
    return {"user": user_id, "role": role, "isolation": isolation}


def application() -> Any:
    # The product's own provider knows nothing of roles and isolation, which these tests are about.
    snapshots._providers[Audience.MENTOR] = who_reads
    stream = stream_application(
        Hub(Store(), HubLimits(reconcile=1.0, reconcile_without_bus=0.2, rights=1.0, heartbeat=0.5))
    )

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await stream(scope, receive, send)
            return
        while (await receive())["type"] == "lifespan.startup":
            await stream.startup()
            await send({"type": "lifespan.startup.complete"})
        await stream.shutdown()
        await send({"type": "lifespan.shutdown.complete"})

    return serve
