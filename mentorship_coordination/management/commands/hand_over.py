from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError
from django.db import transaction

from core import clock
from core.errors import DomainError
from core.tenancy.commands import SystemCommand
from mentorship_coordination.actions.handover import carry_out, request_handover
from mentorship_coordination.handover.plan import plan_document, words_of_plan
from mentorship_coordination.selectors.handover import get_handover, get_handover_plan
from users.selectors import find_person_by_email


class Command(SystemCommand):
    help = "Hand over all that a mentor holds: mentees, open items, sessions to come, flags; then end her mentoring."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="of the mentor who leaves")
        parser.add_argument("--preview", action="store_true", help="say what would happen, and change nothing")
        parser.add_argument("--reason", default="The mentor leaves.")
        parser.add_argument("--close-account", action="store_true", help="she cannot sign in afterwards")

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        with transaction.atomic():
            mentor = find_person_by_email(options["email"].strip().lower())
        if mentor is None:
            raise CommandError(f"Nobody has the address {options['email']}.")
        if options["preview"]:
            with transaction.atomic():
                plan, names = get_handover_plan(mentor.pk, at)
            self._show(plan_document(plan, names))
            return
        try:
            handover = request_handover(
                mentor_id=mentor.pk,
                reason=options["reason"],
                by=None,
                at=at,
                ends_account=options["close_account"],
                is_started=True,
            )
        except DomainError as error:
            raise CommandError(error.message) from error
        is_done = carry_out(handover_id=handover.pk, at=at)
        with transaction.atomic():
            self._show(get_handover(handover.pk).plan)
        if not is_done:
            raise CommandError("Some mentees could not be handed over; the job tries them again.")
        self.stdout.write("Done.")

    def _show(self, plan: dict[str, Any]) -> None:
        self.stdout.write(words_of_plan(plan))
        for move in plan["moves"]:
            self.stdout.write(f"  {move['mentee_name']} → {move['mentor_name'] or 'waiting list'}")
