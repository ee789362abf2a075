"""Everything that is kept of a person, for the person: JSON to the standard output or into a file."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import CommandError
from django.db import transaction

from core import clock
from core.personal_data import as_json, collect
from core.tenancy.commands import SystemCommand
from users.selectors import find_person_by_email


class Command(SystemCommand):
    help = "Print all that is kept of a person as JSON; secrets and the texts of flags are left out, with the reason."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--to", help="a file that is not there yet")

    def handle(self, *args: object, **options: object) -> None:
        with transaction.atomic():
            person = find_person_by_email(str(options["email"]))
            if person is None:
                raise CommandError(f"Nobody has the address {options['email']}.")
            text = as_json(collect(person.pk, clock.now()))
        if not options["to"]:
            self.stdout.write(text)
            return
        try:
            with Path(str(options["to"])).open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise CommandError(f"{options['to']} cannot be written: {error.strerror}.") from error
        self.stdout.write(f"Written to {options['to']}.")
