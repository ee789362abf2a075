"""The sweep of orphaned uploads …"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from conftest import Cast
from core import clock
from missions.actions import sweep_orphaned_uploads
from missions.tasks import sweep_orphaned_uploads as task
from missions.tests.world import files_on, pdf, submit
from tests.database import as_worker


def orphan(media: Path, name: str, *, age: timedelta) -> Path:
    path = media / "submissions" / "2026" / "01" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"left behind")
    written = (clock.now() - age).timestamp()
    os.utime(path, (written, written))
    return path


def make_old(path: Path) -> None:
    written = (clock.now() - timedelta(days=3)).timestamp()
    os.utime(path, (written, written))


def test_removes_old_files_without_a_row_and_nothing_else(cast: Cast, media: Path) -> None:
    submit(cast.student, cast.mission, files=[pdf()])
    kept = files_on(media)[0]
    make_old(kept)
    old = orphan(media, "old", age=timedelta(hours=25))
    young = orphan(media, "young", age=timedelta(hours=23))

    with as_worker():
        removed = sweep_orphaned_uploads(at=clock.now())
        again = sweep_orphaned_uploads(at=clock.now())

    assert (removed, again) == (1, 0)
    assert (kept.exists(), young.exists(), old.exists()) == (True, True, False)


def test_finds_nothing_where_nothing_was_ever_uploaded(db: None) -> None:
    with as_worker():
        assert sweep_orphaned_uploads(at=clock.now()) == 0


@pytest.mark.usefixtures("db")
def test_runs_as_a_task(media: Path) -> None:
    old = orphan(media, "old", age=timedelta(days=2))

    with as_worker():
        task()

    assert not old.exists()
