"""Where the embedded servers keep their files, and the secrets that live beside them."""

import dataclasses
import json
import os
import secrets
import socket
from dataclasses import dataclass
from pathlib import Path

from core.embedded.errors import EmbeddedServerError

# sun_path holds 104 bytes on macOS, 108 on Linux; "/postgres/.s.PGSQL.5432" is appended to the run directory.
LONGEST_RUN_DIRECTORY = 75
LOOPBACK = "127.0.0.1"
LARGEST_LOG_BYTES = 10_000_000


@dataclass(frozen=True)
class Layout:
    """The paths under one data directory."""

    root: Path

    @property
    def cluster(self) -> Path:
        return self.root / "postgres"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def postgres_sockets(self) -> Path:
        return self.run / "postgres"

    @property
    def broker_sockets(self) -> Path:
        return self.run / "broker"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def credentials(self) -> Path:
        return self.root / "credentials.json"

    @property
    def control(self) -> Path:
        return self.run / "control.json"

    @property
    def uses_tcp(self) -> bool:
        """True where the paths are too long for unix sockets."""
        return len(os.fsencode(self.run)) > LONGEST_RUN_DIRECTORY

    def create(self) -> None:
        """Create the directories every user needs; raises EmbeddedServerError when that is not allowed."""
        try:
            for directory in (self.root, self.run, self.log):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedServerError(f"The data directory {self.root} cannot be created: {error}.") from error
        if not os.access(self.run, os.W_OK | os.X_OK):
            raise EmbeddedServerError(
                f"The data directory {self.root} belongs to another user: "
                "run as that user, or choose another directory."
            )

    def log_file(self, name: str) -> Path:
        """Return the path of a log file, after setting aside one that has grown beyond 10 MB."""
        path = self.log / f"{name}.log"
        if path.exists() and path.stat().st_size > LARGEST_LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
        path.touch(mode=0o600)
        return path


def layout_of(data_dir: Path) -> Layout:
    """Return the layout of a data directory, by its one absolute name."""
    return Layout(root=Path(data_dir).expanduser().resolve())


@dataclass(frozen=True)
class Credentials:
    """Passwords and ports, made once per data directory. A port of 0 is not chosen yet."""

    superuser_password: str
    owner_password: str
    app_password: str
    worker_password: str
    broker_password: str
    postgres_port: int = 0
    broker_port: int = 0


def load_credentials(layout: Layout) -> Credentials:
    """Read the credentials, or make them; raises EmbeddedServerError if they are lost or damaged."""
    try:
        return Credentials(**json.loads(layout.credentials.read_text()))
    except FileNotFoundError:
        if (layout.cluster / "PG_VERSION").exists():
            raise EmbeddedServerError(
                f"{layout.credentials} is missing, so the database in {layout.cluster} cannot be opened: "
                "restore the file, or remove the directory to begin with an empty database."
            ) from None
    except (ValueError, TypeError) as error:
        raise EmbeddedServerError(f"{layout.credentials} is damaged ({error}): restore it.") from error
    credentials = Credentials(
        superuser_password=secrets.token_urlsafe(24),
        owner_password=secrets.token_urlsafe(24),
        app_password=secrets.token_urlsafe(24),
        worker_password=secrets.token_urlsafe(24),
        broker_password=secrets.token_urlsafe(24),
    )
    save_credentials(layout, credentials)
    return credentials


def save_credentials(layout: Layout, credentials: Credentials) -> None:
    """Store the credentials so that nobody else can read them."""
    write_private(layout.credentials, json.dumps(dataclasses.asdict(credentials), indent=1))


def choose_ports(layout: Layout, credentials: Credentials) -> Credentials:
    """Keep the ports chosen before, as long as they are free; choose new ones otherwise."""
    if not layout.uses_tcp:
        return credentials
    chosen = dataclasses.replace(
        credentials,
        postgres_port=_free_port(credentials.postgres_port),
        broker_port=_free_port(credentials.broker_port),
    )
    if chosen != credentials:
        save_credentials(layout, chosen)
    return chosen


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def _free_port(wanted: int) -> int:
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((LOOPBACK, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EmbeddedServerError(f"No free port on {LOOPBACK}.")
