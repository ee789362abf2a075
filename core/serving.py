"""How a web process is begun where something else than a service manager begins it: by the drill and by tests."""

from __future__ import annotations

import socket
from typing import Final

PROTOCOL: Final = "core.stream.server:StreamProtocol"
#: Connections that may wait to be taken, as many as come back at once when a process is begun again.
BACKLOG: Final = 16384


def web_command(port: int, *, grace: int = 3) -> list[str]:
    """What `python -m` runs: the whole ASGI application on `port`; `grace` seconds to end what is going on."""
    command = ["uvicorn", "core.asgi:application", "--port", str(port), "--loop", "uvloop", "--http", PROTOCOL]
    options = ["--log-level", "warning", "--timeout-graceful-shutdown", str(grace), "--backlog", str(BACKLOG)]
    return [*command, *options]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
