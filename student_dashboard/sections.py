"""What a dashboard holds comes from above: each app registers what it knows of students (architecture.md §2).

A provider answers for a whole batch: the section that the student's page shows, the inputs of the parts of readiness
and the evidence of the signals of risk that it registered with itself, and when the student was last seen at work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework.serializers import Serializer

from student_dashboard.readiness import ReadinessPart
from student_dashboard.risk import RiskSignal


@dataclass(frozen=True, slots=True)
class Section:
    """What one provider knows of one student, as plain JSON values.

    `inputs` by the name of a part, `evidence` by the name of a signal; what is left out has no data. `is_watched` says
    that somebody worries gravely: her page then offers help, and is told nothing else.
    """

    content: Mapping[str, Any] | None = None
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    evidence: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    active_at: datetime | None = None
    is_watched: bool = False


SectionProvider = Callable[[Sequence[UUID], datetime], Mapping[UUID, Section]]


@dataclass(frozen=True, slots=True)
class Registered:
    provider: SectionProvider
    shape: type[Serializer[Any]] | None
    parts: tuple[ReadinessPart, ...]
    signals: tuple[RiskSignal, ...]


@dataclass(slots=True)
class Facts:
    """What all providers know of one student; `sections` holds None where a provider knows nothing of her."""

    sections: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    inputs: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    evidence: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    active_at: datetime | None = None
    is_watched: bool = False

    def add(self, name: str, section: Section | None) -> None:
        self.sections[name] = section.content if section else None
        if section is None:
            return
        self.inputs.update(section.inputs)
        self.evidence.update(section.evidence)
        self.is_watched = self.is_watched or section.is_watched
        seen = [at for at in (self.active_at, section.active_at) if at is not None]
        self.active_at = max(seen, default=None)


_providers: dict[str, Registered] = {}


def register_section(
    name: str,
    provider: SectionProvider,
    *,
    shape: type[Serializer[Any]] | None = None,
    parts: Iterable[ReadinessPart] = (),
    signals: Iterable[RiskSignal] = (),
) -> None:
    """`provider(student_ids, at)` gives the section `name` of each student, with what its parts and signals need.

    It is called as the system, in a transaction, for up to a few hundred students at once, and makes the
    same number of queries for one as for all. The student reads the section: nothing of a flag belongs in
    it. `shape` describes it in the schema of the API, which is silent of a section without one. Raises
    `ValueError` when another provider has the name, or another section a part or signal of that name.
    """
    known = _providers.get(name)
    if known is not None and known.provider is provider:
        return
    if known is not None:
        raise ValueError(f"the section {name!r} has a provider already")
    new = Registered(provider, shape, tuple(parts), tuple(signals))
    names = {part.name for part in new.parts} & {part.name for part in readiness_parts()}
    names |= {signal.name for signal in new.signals} & {signal.name for signal in risk_signals()}
    if names:
        raise ValueError(f"the section {name!r} brings what is there already: {', '.join(sorted(names))}")
    _providers[name] = new


def readiness_parts() -> tuple[ReadinessPart, ...]:
    """All parts of readiness, in the order of their registration."""
    return tuple(part for registered in _providers.values() for part in registered.parts)


def risk_signals() -> tuple[RiskSignal, ...]:
    """All signals of risk that apps registered; this app's own come on top."""
    return tuple(signal for registered in _providers.values() for signal in registered.signals)


def section_shapes() -> dict[str, type[Serializer[Any]]]:
    """What describes the content of each section, by its name."""
    return {name: registered.shape for name, registered in _providers.items() if registered.shape}


def section_names() -> tuple[str, ...]:
    return tuple(_providers)


def collect_facts(student_ids: Sequence[UUID], at: datetime) -> dict[UUID, Facts]:
    """Student → what the providers know of her as of `at`.

    Whatever a provider raises goes through, with a note that names the section.
    """
    collected = {student_id: Facts() for student_id in student_ids}
    for name, registered in _providers.items():
        try:
            found = registered.provider(student_ids, at)
        except Exception as error:
            error.add_note(f"in the section {name!r}")
            raise
        for student_id, facts in collected.items():
            facts.add(name, found.get(student_id))
    return collected
