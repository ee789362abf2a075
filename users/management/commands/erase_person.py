"""A person is erased for good: what identifies or quotes her goes, what is counted stays."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.db import transaction

from core import clock
from core.errors import DomainError
from core.tenancy.commands import SystemCommand
from users.actions.erasure import erase_person
from users.selectors import find_person_by_email


class Command(SystemCommand):
    help = "Erase a person: her name, words and files go for good; ids, times, states, scores and counts stay."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--dry-run", action="store_true", help="say what would change, and change nothing")

    def handle(self, *args: object, **options: object) -> None:
        with transaction.atomic():
            person = find_person_by_email(str(options["email"]))
            if person is None:
                raise CommandError(f"Nobody has the address {options['email']}.")
            try:
                touched = erase_person(person_id=person.pk, by=None, at=clock.now())
            except DomainError as refusal:
                raise CommandError(refusal.message) from refusal
            if options["dry_run"]:
                transaction.set_rollback(True)
        for table, rows in touched.items():
            self.stdout.write(f"{rows:6} {table}")
        self.stdout.write("Nothing was changed." if options["dry_run"] else f"Erased: {person.pk}.")
