"""An invitation for somebody who is known already, by mail or to hand over by hand."""

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction

from core import clock
from core.errors import DomainError, NotVisible
from core.tenancy.commands import SystemCommand
from users.actions.invitations import invite, make_invitation_link
from users.models import User
from users.selectors import find_person_by_email, get_person


class Command(SystemCommand):
    help = "Invite a person to choose a password: queue the mail, or print the link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="address, or id, of a person who is in the database")
        parser.add_argument("--print-link", action="store_true", help="print the link instead of mailing it")

    def handle(self, *args: object, **options: object) -> None:
        person = self._person(str(options["email"]))
        try:
            if options["print_link"]:
                self.stderr.write(f"For {person.email}:")
                self.stdout.write(make_invitation_link(person_id=person.pk, at=clock.now()))
                return
            invite(person_id=person.pk, by=None, at=clock.now())
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"The invitation of {person.email} is queued; a worker mails it.")

    def _person(self, email: str) -> User:
        with transaction.atomic():
            person = find_person_by_email(email) if "@" in email else self._by_id(email)
        if person is None:
            raise CommandError(f"Nobody has the address {email}.")
        return person

    def _by_id(self, text: str) -> User | None:
        try:
            return get_person(UUID(text))
        except (ValueError, NotVisible):
            return None
