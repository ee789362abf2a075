"""Sets somebody's password at the console, where Django's own command would change nothing."""

from argparse import ArgumentParser

from django.core.management.base import CommandError
from django.db import transaction

from core import clock
from core.errors import DomainError
from core.tenancy.commands import SystemCommand
from users.actions.passwords import set_password_of
from users.management.ask_password import ask_password
from users.selectors import find_person_by_email


class Command(SystemCommand):
    help = "Set the password of a person. All her sessions end."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")

    def handle(self, *args: object, **options: object) -> None:
        with transaction.atomic():
            person = find_person_by_email(str(options["email"]))
        if person is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        password = ask_password(interactive=True)
        try:
            set_password_of(person_id=person.pk, password=password, at=clock.now())
        except DomainError as error:
            raise CommandError(" ".join([error.message, *error.fields.get("password", [])])) from error
        self.stdout.write(f"The password of {person.email} is set.")
