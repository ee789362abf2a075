"""What a dashboard holds comes from above: each app registers the sections it knows (architecture.md §2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

SectionProvider = Callable[[Sequence[UUID], datetime], Mapping[UUID, dict[str, Any]]]

_providers: dict[str, SectionProvider] = {}


def register_section(name: str, provider: SectionProvider) -> None:
    """`provider(student_ids, at)` gives the section `name` of each student as plain JSON values.

    It is called as the system, in a transaction, for up to a few hundred students at once, and makes the
    same number of queries for one as for all. The student reads the section: nothing of a flag belongs in
    it. Raises `ValueError` when another provider has the name.
    """
    if _providers.setdefault(name, provider) is not provider:
        raise ValueError(f"the section {name!r} has a provider already")


def collect_sections(student_ids: Sequence[UUID], at: datetime) -> dict[UUID, dict[str, Any]]:
    """Student → section name → section, `None` where a provider knows nothing of the student.

    Whatever a provider raises goes through, with a note that names the section.
    """
    collected: dict[UUID, dict[str, Any]] = {student_id: {} for student_id in student_ids}
    for name, provider in _providers.items():
        try:
            found = provider(student_ids, at)
        except Exception as error:
            error.add_note(f"in the section {name!r}")
            raise
        for student_id, sections in collected.items():
            sections[name] = found.get(student_id)
    return collected
