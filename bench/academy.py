"""A seeded academy for the scripts of this folder, in a database of its own: import it before anything of Django."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")
os.environ.setdefault("DATA_DIR", str(ROOT / ".data" / "bench"))
os.environ["DATABASE_LOGIN"] = "worker"
os.environ.setdefault("SEED_PASSWORD", "bench")
django.setup()


def manage(*arguments: str, login: str) -> None:
    environment = os.environ | {"DATABASE_LOGIN": login}
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)


def prepare(mentors: int, volume: str = "default") -> None:
    """Migrate, and fill an empty database with `mentors` mentors of 20 students each. A filled one is used as it is."""
    manage("migrate", "--verbosity", "0", login="owner")
    size = ["--mentors", str(mentors), "--mentees-per-mentor", "20", "--volume", volume]
    manage("seed_mentorship", "--if-empty", *size, login="worker")
