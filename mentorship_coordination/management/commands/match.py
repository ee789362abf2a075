from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import CommandError
from django.db import transaction

from core import clock
from core.errors import DomainError, InvalidInput
from core.tenancy.commands import SystemCommand
from mentorship_coordination.actions.match_publishing import publish_match_run
from mentorship_coordination.actions.match_solving import draft_match_run
from mentorship_coordination.enums import MatchRunKind
from mentorship_coordination.matching.flow import SolverFailed
from mentorship_coordination.matching.reasons import advice_in_words, left_out_in_words, proof_in_words
from mentorship_coordination.models.matching import MatchProposal, MatchRun
from users.models import Cohort

SHOWN = 20


class Command(SystemCommand):
    help = "Match whoever waits for a mentor: a draft to look at, or with --publish pairs at once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--cohort", help="name or id; without it all who wait")
        parser.add_argument("--rematch", action="store_true", help="move pairs that cannot go on, nobody else")
        parser.add_argument(
            "--policy", action="append", default=[], metavar="NAME=POINTS", help="evenness, floor, shortfall or stay"
        )
        parser.add_argument("--publish", action="store_true", help="start the proposed pairs")
        parser.add_argument("--json", action="store_true", help="the answer for a program")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            cohort_id = self._cohort(options["cohort"]) if options["cohort"] else None
        at = clock.now()
        try:
            run = draft_match_run(
                cohort_id=cohort_id,
                kind=MatchRunKind.REMATCH if options["rematch"] else MatchRunKind.MATCH,
                policy=_policy(options["policy"]),
                by=None,
                at=at,
            )
            if options["publish"]:
                run = publish_match_run(run_id=run.pk, by=None, at=at)
        except InvalidInput as error:
            wrong = "; ".join(f"{name}: {' '.join(words)}" for name, words in error.fields.items())
            raise CommandError(wrong or error.message) from error
        except DomainError as error:
            raise CommandError(error.message) from error
        except SolverFailed as error:
            raise CommandError(f"The solver gave no answer, and nothing was changed: {error}") from error
        with transaction.atomic():
            unmatched: list[Any] = list(
                MatchProposal.objects.filter(run=run, mentor__isnull=True)
                .order_by("mentee__name", "id")
                .values("mentee_id", "mentee__name", "blocked", "explanation")
            )
        self._as_json(run, unmatched) if options["json"] else self._in_words(run, unmatched)

    def _cohort(self, wanted: str) -> UUID:
        try:
            found = Cohort.objects.filter(pk=UUID(wanted)).first()
        except ValueError:
            found = Cohort.objects.filter(name=wanted).first()
        if found is None:
            raise CommandError(f"There is no cohort {wanted}.")
        return found.pk

    def _as_json(self, run: MatchRun, unmatched: list[dict[str, Any]]) -> None:
        answer = {
            "run": str(run.pk),
            "state": run.state,
            "kind": run.kind,
            "method": run.method,
            "options": run.options,
            "summary": run.summary,
            "certificate": run.certificate,
            "unmatched": [
                {
                    "mentee": str(each["mentee_id"]),
                    "name": each["mentee__name"],
                    "blocked": each["blocked"],
                    "change": each["explanation"].get("change"),
                }
                for each in unmatched
            ],
        }
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))

    def _in_words(self, run: MatchRun, unmatched: list[dict[str, Any]]) -> None:
        summary = run.summary
        self.stdout.write(
            f"{summary['waiting']} waiting, {summary['matched']} matched, {summary['unmatched']} unmatched; "
            f"total score {summary['total_score']} ({run.method})."
        )
        self.stdout.write(proof_in_words(run.certificate))
        if "published" in summary:
            self.stdout.write(f"{summary['published']} pairs started, {summary['lost']} lost meanwhile.")
        else:
            self.stdout.write(f"Draft {run.pk}: nobody was paired yet.")
        for each in unmatched[:SHOWN]:
            self.stdout.write(f"  {each['mentee__name']}: {left_out_in_words(each['blocked'], each['explanation'])}")
        if len(unmatched) > SHOWN:
            self.stdout.write(f"  and {len(unmatched) - SHOWN} more; --json names them all.")
        for each in summary.get("advice", ()):
            self.stdout.write(advice_in_words(each))


def _policy(entries: list[str]) -> dict[str, int]:
    """`evenness=100` and the like. Raises CommandError for anything else."""
    policy = {}
    for entry in entries:
        name, _, value = entry.partition("=")
        if not value.isdecimal():
            raise CommandError(f"{entry}: a policy is a name and whole points, such as evenness=100.")
        policy[name] = int(value)
    return policy
