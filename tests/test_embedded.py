"""The embedded servers, seen from processes that use them, die, and come back."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
import redis
from kombu import Connection

from core.embedded.errors import EmbeddedServerError
from core.embedded.processes import service_account
from core.embedded.servers import PROJECT, Endpoints, admin_url, celery_url, ensure_running
from core.embedded.supervisor import GRACE_SECONDS

pytestmark = pytest.mark.skipif(
    os.geteuid() == 0 and bool(os.environ.get("PG_BINDIR")),
    reason="PostgreSQL before 16 does not start below the closed directories that pytest gives root",
)
USER = """
import dataclasses, json, os, sys
from pathlib import Path
from core.embedded.servers import ensure_running
endpoints = ensure_running(Path(sys.argv[1]), fast=True)
if sys.argv[2] == "fork" and os.fork():
    os._exit(0)
print(json.dumps({**dataclasses.asdict(endpoints), "pid": os.getpid()}), flush=True)
sys.stdin.read()
"""


class User:
    """A process that uses the servers until it is told to go."""

    def __init__(self, data_dir: Path, mode: str = "") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(data_dir), mode],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def endpoints(self) -> Endpoints:
        assert self.process.stdout
        answer = json.loads(self.process.stdout.readline())
        self.pid = answer.pop("pid")
        return Endpoints(**answer)

    def leave(self) -> None:
        self.process.communicate()


@contextlib.contextmanager
def using(data_dir: Path, mode: str = "") -> Iterator[tuple[User, Endpoints]]:
    user = User(data_dir, mode)
    try:
        yield user, user.endpoints()
    finally:
        user.leave()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One directory for the tests that can share it: making a cluster takes a second."""
    return tmp_path_factory.mktemp("servers")


def ask(url: str, query: str) -> object:
    connection = psycopg2.connect(url)
    try:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None
    finally:
        connection.close()


def supervisor_pid(data_dir: Path) -> int:
    return int(json.loads((data_dir / "run" / "control.json").read_text())["pid"])


def postmaster_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def broker_pid(endpoints: Endpoints) -> int:
    return int(redis.Redis.from_url(endpoints.redis_url).info("server")["process_id"])


def is_alive(pid: int) -> bool:
    state = Path(f"/proc/{pid}/stat")
    return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def eventually(is_true: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(psycopg2.OperationalError, redis.ConnectionError, FileNotFoundError):
            if is_true():
                return True
        time.sleep(0.02)
    return False


def test_many_first_users_get_one_supervisor(tmp_path: Path) -> None:
    users = [User(tmp_path) for _ in range(4)]
    try:
        answers = {user.endpoints() for user in users}
        supervisors = (tmp_path / "log" / "supervisor.log").read_text().count("supervising")
    finally:
        for user in users:
            user.leave()
    assert (len(answers), supervisors) == (1, 1)


def test_both_servers_answer(data_dir: Path) -> None:
    with using(data_dir) as (_, endpoints):
        assert ask(endpoints.owner_url, "SELECT current_user") == "mentorship_owner"
        assert ask(endpoints.app_url, "SELECT session_user") == "mentorship_app"
        assert ask(endpoints.worker_url, "SELECT session_user") == "mentorship_worker"
        broker = redis.Redis.from_url(endpoints.redis_url)
        assert broker.ping()
        assert broker.config_get("maxmemory-policy", "save") == {"maxmemory-policy": "noeviction", "save": ""}


def test_celery_reaches_the_broker(data_dir: Path) -> None:
    with using(data_dir) as (_, endpoints), Connection(celery_url(endpoints.redis_url)) as connection:
        queue = connection.SimpleQueue("greetings")
        queue.put({"word": "hello"})
        assert queue.get(timeout=2).payload == {"word": "hello"}


def test_no_one_enters_without_the_password(data_dir: Path) -> None:
    with using(data_dir) as (_, endpoints):
        with pytest.raises(psycopg2.OperationalError, match="password"):
            psycopg2.connect(endpoints.owner_url, password="wrong")
        with pytest.raises(redis.AuthenticationError):
            redis.Redis.from_url(re.sub(":[^:@]+@", ":wrong@", endpoints.redis_url)).ping()


def test_secrets_are_readable_by_their_owner_only(data_dir: Path) -> None:
    with using(data_dir):
        private = [data_dir / "credentials.json", data_dir / "run" / "control.json"]
        assert [path.stat().st_mode & 0o777 for path in private] == [0o600, 0o600]
        sockets = [data_dir / "run" / "postgres", data_dir / "run" / "broker"]
        assert [path.stat().st_mode & 0o777 for path in sockets] == [0o700, 0o700]


def test_a_warm_call_is_quick(data_dir: Path) -> None:
    measure = (
        "import sys, time; from pathlib import Path; from core.embedded.servers import ensure_running; "
        "start = time.perf_counter(); ensure_running(Path(sys.argv[1])); print(time.perf_counter() - start)"
    )
    with using(data_dir):
        times = [
            float(subprocess.check_output([sys.executable, "-c", measure, str(data_dir)], cwd=PROJECT))
            for _ in range(3)
        ]
    assert min(times) < 0.03


def test_a_fork_keeps_what_a_killed_user_shared_and_its_end_stops_it(data_dir: Path) -> None:
    with using(data_dir, "fork") as (user, endpoints):
        with using(data_dir) as (other, again):
            os.kill(other.pid, signal.SIGKILL)
        assert again == endpoints
        pids = [supervisor_pid(data_dir), postmaster_pid(data_dir), broker_pid(endpoints)]
        assert user.process.wait(5) == 0
        time.sleep(GRACE_SECONDS + 0.7)
        assert ask(endpoints.app_url, "SELECT 1") == 1
        assert [is_alive(pid) for pid in pids] == [True, True, True]
    assert eventually(lambda: not any(map(is_alive, pids)))
    assert not (data_dir / "postgres" / "postmaster.pid").exists()


def test_a_killed_postgres_comes_back_at_the_same_address(data_dir: Path) -> None:
    with using(data_dir) as (_, endpoints):
        before = postmaster_pid(data_dir)
        os.kill(before, signal.SIGKILL)
        assert eventually(lambda: postmaster_pid(data_dir) != before and ask(endpoints.app_url, "SELECT 1"))


def test_a_killed_broker_comes_back_at_the_same_address(data_dir: Path) -> None:
    with using(data_dir) as (_, endpoints):
        before = broker_pid(endpoints)
        os.kill(before, signal.SIGKILL)
        assert eventually(lambda: broker_pid(endpoints) != before)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux signals the death of a parent")
def test_servers_die_with_a_killed_supervisor_and_the_data_stays(data_dir: Path) -> None:
    with using(data_dir) as (_, endpoints):
        ask(endpoints.owner_url, "CREATE TABLE kept AS SELECT 42 AS answer")
        pids = [postmaster_pid(data_dir), broker_pid(endpoints)]
        os.kill(supervisor_pid(data_dir), signal.SIGKILL)
        assert eventually(lambda: not any(map(is_alive, pids)))
    with using(data_dir) as (_, again):
        assert again == endpoints
        assert ask(again.owner_url, "SELECT answer FROM kept") == 42


def test_a_number_in_a_stale_lock_file_is_not_believed(data_dir: Path) -> None:
    with using(data_dir) as (user, endpoints):
        pids = [supervisor_pid(data_dir), postmaster_pid(data_dir), broker_pid(endpoints)]
        # Stopped first: servers whose supervisor is gone end in order, and take their files away.
        os.kill(pids[0], signal.SIGSTOP)
        for pid in (*pids[1:], pids[0], user.pid):
            os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not any(map(is_alive, pids)))
    mark = data_dir / "postgres" / "postmaster.pid"
    # The number now belongs to another process of the servers' account, which must go on living.
    account = service_account()
    innocent = subprocess.Popen(["sleep", "60"], user=account.uid if account else None)
    try:
        mark.write_text(mark.read_text().replace(str(pids[1]), str(innocent.pid), 1))
        with using(data_dir) as (_, again):
            assert again == endpoints
            assert ask(again.app_url, "SELECT 1") == 1
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_paths_too_long_for_sockets_lead_to_tcp(tmp_path: Path) -> None:
    far = tmp_path / ("long" * 20)
    with using(far) as (_, endpoints):
        assert "@127.0.0.1:" in endpoints.app_url
        assert ask(endpoints.app_url, "SELECT 1") == 1
        assert redis.Redis.from_url(endpoints.redis_url).ping()
        assert celery_url(endpoints.redis_url) == endpoints.redis_url
        assert ask(admin_url(far), "SELECT current_user") == "postgres"
        os.kill(supervisor_pid(far), signal.SIGKILL)
    with using(far) as (_, again):
        assert again == endpoints


def test_nothing_is_started_when_nothing_is_asked(tmp_path: Path) -> None:
    untouched = tmp_path / "data"
    assert ensure_running(untouched, postgres=False, broker=False) == Endpoints("", "", "", "")
    assert not untouched.exists()


def test_only_what_is_asked_is_started(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from core.embedded.servers import ensure_running; "
        "endpoints = ensure_running(Path(sys.argv[1]), postgres=False); "
        "print(bool(endpoints.redis_url), endpoints.owner_url or None)"
    )
    output = subprocess.check_output([sys.executable, "-c", program, str(tmp_path)], cwd=PROJECT, text=True)
    assert output == "True None\n"
    assert not (tmp_path / "postgres").exists()


def test_missing_programs_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BINDIR", "/nowhere")
    with pytest.raises(EmbeddedServerError, match="PG_BINDIR=/nowhere holds no initdb and postgres"):
        ensure_running(tmp_path, broker=False)


def test_lost_credentials_are_named(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "PG_VERSION").write_text("18\n")
    with pytest.raises(EmbeddedServerError, match=r"credentials\.json is missing"):
        ensure_running(tmp_path)


def test_celery_gets_its_own_form_of_a_socket_url() -> None:
    assert celery_url("unix://:pw@/run/broker.sock?db=3") == "redis+socket://:pw@/run/broker.sock?virtual_host=3"
    assert celery_url("redis://:pw@host:6379/0") == "redis://:pw@host:6379/0"
