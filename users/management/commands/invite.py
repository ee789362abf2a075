"""An invitation for somebody who is known already, by mail or to hand over by hand."""

from argparse import ArgumentParser
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction

from core import clock
from core.errors import DomainError
from core.tenancy.commands import SystemCommand
from users.actions.invitations import invite, make_invitation_link
from users.selectors import find_person_by_email


class Command(SystemCommand):
    help = "Invite a person to choose a password: queue the mail, or print the link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="address of a person who is in the database")
        parser.add_argument("--print-link", action="store_true", help="print the link instead of mailing it")

    def handle(self, *args: object, **options: object) -> None:
        person_id = self._person(str(options["email"]))
        try:
            if options["print_link"]:
                self.stdout.write(make_invitation_link(person_id=person_id, at=clock.now()))
                return
            invite(person_id=person_id, by=None, at=clock.now())
        except DomainError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"The invitation of {options['email']} is queued; a worker mails it.")

    def _person(self, email: str) -> UUID:
        with transaction.atomic():
            person = find_person_by_email(email)
        if person is None:
            raise CommandError(f"Nobody has the address {email}.")
        return person.pk
