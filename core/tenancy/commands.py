"""Base of the management commands: a command acts as the system, and says so here."""

from typing import Any

from django.core.management.base import BaseCommand

from core.tenancy.identity import SYSTEM, acting_as


class SystemCommand(BaseCommand):
    def execute(self, *args: Any, **options: Any) -> str | None:
        with acting_as(SYSTEM):
            return super().execute(*args, **options)
