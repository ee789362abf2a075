"""Somebody who talks in a process of her own, to be killed: `python -m tests.streams.talking PEOPLE RATE FIRST`."""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID

import django

django.setup()

from tests.streams.crowd import Talker  # noqa: E402 - needs the apps loaded


def main() -> None:
    path, rate, first = sys.argv[1:]
    people = [UUID(line) for line in Path(path).read_text().split()]
    Talker(people, rate=float(rate), together=min(5, len(people)), first_serial=int(first)).run()


if __name__ == "__main__":
    main()
