"""Flags with their history, what directors were told of them, and mentors' snippets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from mentorship_coordination.enums import (
    FlagCategory,
    FlagEntryKind,
    FlagState,
    MailState,
    NotificationKind,
    Severity,
)
from mentorship_coordination.models.flags import MentorFlag, MentorFlagEntry
from mentorship_coordination.models.notifications import FeedbackSnippet, Notification
from mentorship_coordination.seed.texts import FLAG_REASONS, flag_reason
from mentorship_coordination.seed.world import SeedCohort, SeedMentor, SeedStudent, World

_FLAGGED: Final = 0.06
_UNDELIVERED: Final = 0.03
_SEVERITIES: Final = ((Severity.LOW, 25), (Severity.MEDIUM, 40), (Severity.HIGH, 25), (Severity.CRITICAL, 10))
_COURSES: Final = (
    ((), 40),
    ((FlagEntryKind.COMMENTED,), 8),
    ((FlagEntryKind.WORSENED,), 7),
    ((FlagEntryKind.ACKNOWLEDGED,), 20),
    ((FlagEntryKind.ACKNOWLEDGED, FlagEntryKind.RESOLVED), 20),
    ((FlagEntryKind.ACKNOWLEDGED, FlagEntryKind.RESOLVED, FlagEntryKind.REOPENED), 5),
)
_STATE_AFTER: Final = {
    FlagEntryKind.ACKNOWLEDGED: FlagState.ACKNOWLEDGED,
    FlagEntryKind.RESOLVED: FlagState.RESOLVED,
    FlagEntryKind.REOPENED: FlagState.OPEN,
}
#: What directors are told of: an episode begins.
_BEGINS: Final = (FlagEntryKind.RAISED, FlagEntryKind.WORSENED, FlagEntryKind.REOPENED)
_TEXTS: Final = {
    FlagEntryKind.COMMENTED: "Wrote again, no answer yet.",
    FlagEntryKind.WORSENED: "A second week without any change.",
    FlagEntryKind.ACKNOWLEDGED: "Seen, I am on it.",
    FlagEntryKind.RESOLVED: "Talked it through; a lighter plan for three weeks.",
    FlagEntryKind.REOPENED: "The same pattern is back.",
}
_SNIPPETS: Final = (
    ("Time zones", "Please name the time zone in every timestamp."),
    ("Reproduce", "Add the commands that you used, so that somebody else reaches the same result."),
    ("Observed or inferred", "Separate what you observed from what you infer."),
    ("First page", "Put the main finding on the first page."),
)


@dataclass(slots=True)
class _Flag:
    severity: Severity
    state: FlagState
    entries: list[tuple[FlagEntryKind, datetime, Severity]]

    def at_of(self, kind: FlagEntryKind) -> datetime | None:
        return next((at for each, at, _ in self.entries if each == kind), None)


class Worries:
    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._random = random

    def add_for(self, cohort: SeedCohort, student: SeedStudent) -> None:
        """A flag for one student in seventeen, in any state that a flag can be in."""
        random, spell = self._random, student.spell
        if spell is None or random.random() >= _FLAGGED:
            return
        severity = random.choices([each for each, _ in _SEVERITIES], [weight for _, weight in _SEVERITIES])[0]
        course = random.choices([each for each, _ in _COURSES], [weight for _, weight in _COURSES])[0]
        category = FlagCategory(random.choice(sorted(FLAG_REASONS)))
        days = min(20.0, (self._world.at - spell.started_at) / timedelta(days=1)) * random.uniform(0.1, 0.95)
        self.write(cohort, student, severity, category, self._world.ago(days=days), course)

    def write(
        self,
        cohort: SeedCohort,
        student: SeedStudent,
        severity: Severity,
        category: FlagCategory,
        raised_at: datetime,
        course: tuple[FlagEntryKind, ...] = (),
    ) -> str:
        """A flag raised by the student's mentor, and what happened to it since."""
        flag_id, mentor = self._world.ids.new(), student.mentor
        if mentor is None:
            raise ValueError("A flag is raised by a mentor.")
        flag = self._history(severity, raised_at, course)
        if flag.state != FlagState.RESOLVED:
            student.worst_flag = max(student.worst_flag, flag.severity)
        reason = flag_reason(self._random, str(category))
        is_resolved = flag.state == FlagState.RESOLVED
        delivered_at = self._tell_directors(cohort, student, flag_id, category, flag)
        self._world.writer.add(
            MentorFlag,
            id=flag_id,
            mentee_id=student.id,
            enrolment_id=student.enrolment_id,
            cohort_id=cohort.id,
            mentor_id=mentor.id,
            author_id=mentor.id,
            category=category,
            severity=flag.severity,
            reason=reason,
            state=flag.state,
            director_notified_at=delivered_at,
            acknowledged_at=flag.at_of(FlagEntryKind.ACKNOWLEDGED) if flag.state != FlagState.OPEN else None,
            resolved_at=flag.at_of(FlagEntryKind.RESOLVED) if is_resolved else None,
            outcome="supported" if is_resolved else "",
            note=_TEXTS[FlagEntryKind.RESOLVED] if is_resolved else "",
            created_at=raised_at,
            updated_at=flag.entries[-1][1],
            revision=len(flag.entries),
        )
        self._entries(flag_id, mentor.id, reason, flag)
        return flag_id

    def _history(self, severity: Severity, raised_at: datetime, course: tuple[FlagEntryKind, ...]) -> _Flag:
        flag = _Flag(severity, FlagState.OPEN, [(FlagEntryKind.RAISED, raised_at, severity)])
        at = raised_at
        for kind in course:
            at += (self._world.at - at) * self._random.uniform(0.1, 0.5)
            if kind == FlagEntryKind.WORSENED:
                flag.severity = Severity(min(Severity.CRITICAL, flag.severity + 1))
            flag.state = _STATE_AFTER.get(kind, flag.state)
            flag.entries.append((kind, at, flag.severity))
        return flag

    def _entries(self, flag_id: str, mentor_id: str, reason: str, flag: _Flag) -> None:
        for kind, at, severity in flag.entries:
            self._world.writer.add(
                MentorFlagEntry,
                id=self._world.ids.new(),
                flag_id=flag_id,
                kind=kind,
                by_id=mentor_id,
                severity=severity,
                text=_TEXTS.get(kind, reason),
                created_at=at,
            )

    def _tell_directors(
        self, cohort: SeedCohort, student: SeedStudent, flag_id: str, category: FlagCategory, flag: _Flag
    ) -> datetime | None:
        """Mails about the last episode of high and critical flags, most of them delivered; when they were."""
        told = [at for kind, at, severity in flag.entries if kind in _BEGINS and severity >= Severity.HIGH]
        if not told:
            return None
        told_at = max(told)
        reopened = sum(kind == FlagEntryKind.REOPENED for kind, _, _ in flag.entries)
        is_lost = self._random.random() < _UNDELIVERED
        for director in cohort.directors:
            self._world.writer.add(
                Notification,
                id=self._world.ids.new(),
                recipient_id=director,
                kind=NotificationKind.FLAG,
                title=f"{flag.severity.label.capitalize()} flag: {student.name}",
                body=f"Category: {category}. Read what happened and acknowledge it in the list of flags.",
                flag_id=flag_id,
                dedupe_key=f"flag:{flag_id}:{int(flag.severity)}" + (f":{reopened}" if reopened else ""),
                created_at=told_at,
                mail_state=MailState.FAILED if is_lost else MailState.SENT,
                mail_attempts=8 if is_lost else 1,
                mail_sent_at=None if is_lost else told_at + timedelta(seconds=4),
                mail_error="550 5.1.1 mailbox unavailable" if is_lost else "",
            )
        return None if is_lost or not cohort.directors else told_at + timedelta(seconds=4)

    def add_snippets(self, mentor: SeedMentor) -> None:
        for title, text in self._random.sample(_SNIPPETS, 3):
            self._world.writer.add(
                FeedbackSnippet,
                id=self._world.ids.new(),
                mentor_id=mentor.id,
                title=title,
                text=text,
                created_at=self._world.ago(days=60),
            )
