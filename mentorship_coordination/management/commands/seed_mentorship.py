from __future__ import annotations

import gc
import os
import secrets
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction

from core import clock
from core.tenancy.commands import SystemCommand
from mentorship_coordination.seed.build import build, has_other_people, has_seed
from mentorship_coordination.seed.dashboards import RefreshFailed, refresh_all
from mentorship_coordination.seed.tables import count_rows_for_planner, delete_everything
from mentorship_coordination.seed.world import (
    Options,
    UnseedableError,
    Volume,
)
from users import demo
from users.models import User

SMALL = (10, 12)


class Command(SystemCommand):
    help = "Fill the database with a demonstration academy: the same for the same numbers and seed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        mentors, mentees = SMALL
        parser.add_argument("--mentors", type=int, default=mentors, help=f"default {mentors}; 1000 is full size")
        parser.add_argument("--mentees-per-mentor", type=int, default=mentees, help=f"default {mentees}")
        parser.add_argument(
            "--volume",
            choices=[str(each) for each in Volume],
            default=str(Volume.DEFAULT),
            help="large: months of work",
        )
        parser.add_argument("--seed", type=int, default=42, help="another number gives another academy")
        parser.add_argument("--reset", action="store_true", help="delete everything first")
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is anybody")
        parser.add_argument("--force", action="store_true", help="also in a database with people of its own")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            is_seeded, is_inhabited, others = has_seed(), User.objects.exists(), has_other_people()
        if options["if_empty"] and is_inhabited:
            return
        if others and not options["force"] and (options["reset"] or not settings.IS_EMBEDDED):
            raise CommandError(
                "This database has people of its own. Nothing was changed; --force seeds it all the same."
            )
        if is_seeded and not options["reset"]:
            self.stdout.write("The demonstration academy is there already: nothing to do. --reset starts again.")
            return
        wanted = self._wanted(options)
        began = perf_counter()
        if options["reset"]:
            delete_everything()
            self.stdout.write("Everything was deleted.")
        with _without_collector():
            self._seed(wanted, began)

    def _wanted(self, options: dict[str, Any]) -> Options:
        try:
            return Options(
                mentors=options["mentors"],
                mentees_per_mentor=options["mentees_per_mentor"],
                volume=Volume(options["volume"]),
                seed=options["seed"],
                at=clock.now().replace(microsecond=0),
            )
        except UnseedableError as error:
            raise CommandError(str(error)) from error

    def _seed(self, wanted: Options, began: float) -> None:
        given = os.environ.get("SEED_PASSWORD", "")
        password = given or secrets.token_urlsafe(12)
        written = build(wanted, password=password, progress=self._say)
        for name, count in written.items():
            self.stdout.write(f"  {count:>9,} {name}")
        # The academy is committed and the rest may fail: nothing else ever tells the password.
        self._tell_sign_in("as in SEED_PASSWORD" if given else password)
        count_rows_for_planner()
        self._refresh()
        self._say("seeded", sum(written.values()), perf_counter() - began)

    def _tell_sign_in(self, password: str) -> None:
        self.stdout.write("\nSign in with:")
        for role, email in demo.ACCOUNTS.items():
            self.stdout.write(f"  {role:<9} {email}")
        self.stdout.write(f"  password  {password}\n\n")
        self.stdout.flush()

    def _refresh(self) -> None:
        began = perf_counter()
        try:
            count = refresh_all()
        except RefreshFailed as error:
            self.stderr.write(self.style.WARNING(f"{error} The worker computes the dashboards that are left."))
            return
        self._say("dashboards", count, perf_counter() - began)

    def _say(self, stage: str, rows: int, seconds: float) -> None:
        self.stdout.write(f"{stage:<24} {rows:>9,} rows {seconds:7.1f} s")
        self.stdout.flush()


@contextmanager
def _without_collector() -> Iterator[None]:
    """A million rows and hardly a cycle: looking for cycles costs a sixth of the time and finds nothing."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
