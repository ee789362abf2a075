"""An admin, made as the system: Django's own command knows neither the identities nor where passwords lie."""

import os
from argparse import ArgumentParser

from django.core.management.base import CommandError

from core import clock
from core.actions import action
from core.errors import DomainError
from core.tenancy.commands import SystemCommand
from users.actions.passwords import set_password_of
from users.actions.people import create_person
from users.management.ask_password import ask_password


@action
def create_admin(*, email: str, name: str, password: str) -> None:
    at = clock.now()
    person = create_person(email=email, name=name, is_staff=True, by=None, at=at)
    set_password_of(person_id=person.pk, password=password, at=at)


class Command(SystemCommand):
    help = "Create an admin with a password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", default=os.environ.get("DJANGO_SUPERUSER_EMAIL", ""))
        parser.add_argument("--name", default=os.environ.get("DJANGO_SUPERUSER_NAME", ""))
        parser.add_argument(
            "--no-input",
            "--noinput",
            action="store_false",
            dest="interactive",
            help="ask nothing; the password is DJANGO_SUPERUSER_PASSWORD",
        )

    def handle(self, *args: object, **options: object) -> None:
        interactive = bool(options["interactive"])
        email = self._value("email", str(options["email"]), interactive)
        name = self._value("name", str(options["name"]), interactive)
        try:
            create_admin(email=email, name=name, password=ask_password(interactive=interactive))
        except DomainError as error:
            reasons = [reason for reasons in error.fields.values() for reason in reasons]
            raise CommandError(" ".join([error.message, *reasons])) from error
        self.stdout.write(f"{email} is an admin now.")

    def _value(self, field: str, given: str, interactive: bool) -> str:
        if given:
            return given
        if not interactive:
            raise CommandError(f"Give --{field} or set DJANGO_SUPERUSER_{field.upper()}.")
        return input(f"{field.title()}: ").strip()
