from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.db import transaction

from core import clock
from core.tenancy.commands import SystemCommand
from mentorship_coordination.selectors.invariants import Finding, check_invariants

SHOWN = 20


class Command(SystemCommand):
    help = "Check the rules that must always hold; exit code 1 and the offending ids when one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="the findings for a program, with every id")

    def handle(self, *args: Any, **options: Any) -> None:
        with transaction.atomic():
            findings = list(check_invariants(clock.now()))
        self._as_json(findings) if options["json"] else self._in_words(findings)
        if any(finding.offending for finding in findings):
            sys.exit(1)

    def _as_json(self, findings: list[Finding]) -> None:
        answer = [
            {
                "number": finding.invariant.number,
                "name": finding.invariant.name,
                "holds": not finding.offending,
                "kept_by_constraint": finding.kept_by or None,
                "offending": list(finding.offending),
            }
            for finding in findings
        ]
        self.stdout.write(json.dumps(answer, indent=2))

    def _in_words(self, findings: list[Finding]) -> None:
        for finding in findings:
            verdict = "broken" if finding.offending else "holds"
            kept = f" (kept by constraint {finding.kept_by})" if finding.kept_by else ""
            self.stdout.write(f"{finding.invariant.number:>2} {verdict:<6} {finding.invariant.name}{kept}")
            for identifier in finding.offending[:SHOWN]:
                self.stdout.write(f"           {identifier}")
            if len(finding.offending) > SHOWN:
                self.stdout.write(f"           and {len(finding.offending) - SHOWN} more; --json names them all")
