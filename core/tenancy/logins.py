"""Which of the three database logins a process uses (architecture.md §5).

The owner migrates, the worker's login runs commands and tasks, and everything that answers HTTP has the app's.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

Login = Literal["owner", "app", "worker"]

OWNER_COMMANDS = {"migrate", "makemigrations", "sqlmigrate", "showmigrations", "provision", "squashmigrations"}
WEB_COMMANDS = {"runserver"}


def login_of(argv: Sequence[str]) -> Login:
    """The login for a process started with `argv`. Unknown programs are taken for web servers: the least rights."""
    program = Path(argv[0]).name if argv else ""
    if program == "celery" or (program == "__main__.py" and Path(argv[0]).parent.name == "celery"):
        return "worker"
    if program not in {"manage.py", "django-admin"}:
        return "app"
    command = argv[1] if len(argv) > 1 else ""
    if command in OWNER_COMMANDS:
        return "owner"
    return "app" if command in WEB_COMMANDS else "worker"


def refuse_owner(login: str) -> None:
    """Raise when the web would run as the database's owner, whom no policy binds."""
    if login == "owner":
        raise RuntimeError("The web never runs on the owner's login: set DATABASE_APP_URL and DATABASE_LOGIN=app.")
