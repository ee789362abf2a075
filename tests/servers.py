"""The product's own processes, as they run in production, against the tests' servers."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from redis import Redis

from core.serving import free_port, web_command
from core.tests.brokers import wait_for

START_SECONDS = 60.0
STOP_SECONDS = 20.0
ROOT = Path(__file__).resolve().parent.parent
BINDING = f"_kombu.binding.{settings.CELERY_TASK_DEFAULT_QUEUE}"
STATIC = {"STATIC_STORAGE": "core.static.HashedStaticStorage"}


def environment(login: str, **more: str) -> dict[str, str]:
    """What a child process needs to use the same servers as this test run, with the login of its kind."""
    return os.environ | {
        "DATABASE_LOGIN": login,
        "DATABASE_URL": settings.DATABASE_URL,
        "DATABASE_APP_URL": settings.DATABASE_APP_URL,
        "DATABASE_WORKER_URL": settings.DATABASE_WORKER_URL,
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "STATIC_ROOT": str(settings.DATA_DIR / "static"),
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        **more,
    }


def collect_static() -> None:
    """Hashed names and compressed copies, as `make run` makes them."""
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment("app", **STATIC), check=True)


@contextmanager
def running(command: list[str], env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A child process that is asked to end, and made to if it does not."""
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=env)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def web_server(**more: str) -> Iterator[str]:
    """The whole ASGI application under uvicorn, with `more` in its environment; its address."""
    port = free_port()
    with running(web_command(port, grace=1), environment("app", **STATIC, **more)) as process:
        wait_for(port, process)
        yield f"http://127.0.0.1:{port}"


@contextmanager
def worker(**more: str) -> Iterator[None]:
    """One Celery worker that listens to the product's queue."""
    command = ["celery", "-A", "core", "worker", "--concurrency", "1", "--loglevel", "warning", "--without-mingle"]
    with running([*command, "--without-gossip"], environment("worker", **more)) as process:
        _wait_until_bound(process, more.get("REDIS_URL", settings.REDIS_URL))
        yield


def _wait_until_bound(process: subprocess.Popen[bytes], address: str) -> None:
    """Until the worker has told the broker of its queue: what is sent before goes nowhere."""
    broker = Redis.from_url(address)
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "the worker has ended"
        if broker.exists(BINDING):
            return
        time.sleep(0.05)
    raise TimeoutError("the worker does not listen")
