"""Reads a password at the console."""

import os
from getpass import getpass

from django.core.management.base import CommandError

VARIABLE = "DJANGO_SUPERUSER_PASSWORD"


def ask_password(*, interactive: bool) -> str:
    """The password typed twice, or that of the environment. Raises CommandError when there is none or they
    differ.
    """
    if not interactive:
        given = os.environ.get(VARIABLE, "")
        if not given:
            raise CommandError(f"Set {VARIABLE}, or leave --no-input out and type the password.")
        return given
    first, second = getpass("Password: "), getpass("Password (again): ")
    if first != second:
        raise CommandError("The passwords differ.")
    return first
