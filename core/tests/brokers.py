"""A broker of one test's own, so that it may be killed."""

from __future__ import annotations

import socket
import subprocess
import time
from pathlib import Path

from core.embedded.binaries import find_broker
from core.serving import free_port


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        assert process.poll() is None, "the server has ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on {port}")


class Broker:
    """Runs from its making on; `kill` and `start` may alternate, `close` ends it for good."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.start()

    def start(self) -> None:
        command = [str(find_broker().path), "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.process = subprocess.Popen(command, cwd=self.directory, stdout=subprocess.DEVNULL)
        wait_for(self.port, self.process)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    close = kill
