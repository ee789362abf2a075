"""What students handed in and how it was judged, each round with its work item."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Final
from zoneinfo import ZoneInfo

from mentorship_coordination.enums import WorkType
from mentorship_coordination.seed.content import MissionContent
from mentorship_coordination.seed.items import Items, Work
from mentorship_coordination.seed.texts import review_feedback, submission_text
from mentorship_coordination.seed.world import SeedCohort, SeedMentor, SeedStudent, World
from missions.enums import Decision, SubmissionState
from missions.models import MissionReview, MissionSubmission, SubmissionVersion

SCORES: Final = {
    Decision.APPROVED: (70, 98),
    Decision.CHANGES_REQUESTED: (40, 69),
    Decision.REJECTED: (5, 35),
}
_FIRST_ANSWERS: Final = ((Decision.APPROVED, 78), (Decision.CHANGES_REQUESTED, 18), (Decision.REJECTED, 4))
_LATER_ANSWERS: Final = ((Decision.APPROVED, 92), (Decision.CHANGES_REQUESTED, 8))
_MOST_ROUNDS: Final = 3
_COMES_BACK: Final = 0.75
_CORRECTS_AT_ONCE: Final = 0.05
_REVIEWED_LATE: Final = 0.12
_DRAFTS: Final = 0.03
_NEWCOMER_HANDS_IN: Final = 0.35


@dataclass(frozen=True, slots=True)
class Round:
    """One cycle of a submission: when each version came, and the answer if there is one yet."""

    versions: tuple[datetime, ...]
    decision: Decision | None = None
    decided_at: datetime | None = None
    mentor: SeedMentor | None = None
    is_plain: bool = False
    pause_after: timedelta | None = None


class Submissions:
    def __init__(self, world: World, items: Items, random: Random) -> None:
        self._world = world
        self._items = items
        self._random = random

    def add_for(self, cohort: SeedCohort, student: SeedStudent) -> None:
        """The missions behind the student, the one she waits for an answer to, and now and then a draft."""
        random, amounts = self._random, self._world.options.amounts
        if student.is_new:
            if random.random() < _NEWCOMER_HANDS_IN:
                handed_in = student.enrolled_at + (self._world.at - student.enrolled_at) * random.uniform(0.2, 0.9)
                self.write(cohort, student, 0, [Round((handed_in,))])
            return
        done = random.randint(*amounts.decided)
        for number in range(done):
            handed_in = self._expected(cohort, student, number)
            if handed_in < self._world.ago(hours=3):
                self.write(cohort, student, number, self._rounds(student, handed_in))
        if random.random() < amounts.waiting_share:
            handed_in = self._world.ago(hours=60 * random.random() ** 1.5, minutes=random.uniform(1, 50))
            self.write(cohort, student, done, [Round((handed_in,))])
        elif random.random() < _DRAFTS:
            self._draft(cohort, student, done)

    def _expected(self, cohort: SeedCohort, student: SeedStudent, number: int) -> datetime:
        """Around the day that the mission is expected, at an hour at which the student is awake."""
        days = cohort.track.missions[number][1].expected_after_days + self._random.randint(-2, 2)
        minutes = self._random.randint(8 * 60, 23 * 60)
        clock = time(minutes // 60, minutes % 60, self._random.randint(0, 59))
        day = cohort.start_date + timedelta(days=days)
        return datetime.combine(day, clock, ZoneInfo(student.timezone)).astimezone(UTC)

    def _rounds(self, student: SeedStudent, handed_in: datetime) -> list[Round]:
        rounds: list[Round] = []
        while len(rounds) < _MOST_ROUNDS:
            found = self._round(student, handed_in, answers=_LATER_ANSWERS if rounds else _FIRST_ANSWERS)
            rounds.append(found)
            if found.decision != Decision.CHANGES_REQUESTED or self._random.random() > _COMES_BACK:
                break
            handed_in = (found.decided_at or handed_in) + timedelta(hours=self._random.uniform(18, 90))
            if handed_in >= self._world.at:
                break
        return rounds

    def _round(self, student: SeedStudent, handed_in: datetime, *, answers: tuple[tuple[Decision, int], ...]) -> Round:
        random, at = self._random, self._world.at
        is_late = random.random() < _REVIEWED_LATE
        hours = random.uniform(49, 80) if is_late else random.uniform(5, 47)
        decided_at = handed_in + timedelta(hours=hours)
        versions = [handed_in]
        corrected = handed_in + timedelta(hours=random.uniform(0.5, 4))
        if random.random() < _CORRECTS_AT_ONCE and corrected < at:
            versions.append(corrected)
        mentor = student.mentor_at(decided_at)
        if decided_at >= at or mentor is None:
            return Round(tuple(versions))
        decision = random.choices([each for each, _ in answers], [weight for _, weight in answers])[0]
        return Round(tuple(versions), decision, decided_at, mentor)

    def write(self, cohort: SeedCohort, student: SeedStudent, number: int, rounds: list[Round]) -> str:
        """One submission with its versions, reviews and items; `number` counts the track's missions from 0."""
        mission_id, mission = cohort.track.missions[number]
        submission_id, last = self._world.ids.new(), rounds[-1]
        scores = [self._random.randint(*SCORES[each.decision]) if each.decision else None for each in rounds]
        self._world.writer.add(
            MissionSubmission,
            id=submission_id,
            mission_id=mission_id,
            enrolment_id=student.enrolment_id,
            student_id=student.id,
            cohort_id=cohort.id,
            state=SubmissionState(last.decision) if last.decision else SubmissionState.SUBMITTED,
            version=sum(len(each.versions) for each in rounds),
            cycle=len(rounds),
            score=scores[-1],
            submitted_at=last.versions[-1],
            decided_at=last.decided_at,
            created_at=rounds[0].versions[0],
            updated_at=last.decided_at or last.versions[-1],
        )
        version = 0
        for cycle, (each, score) in enumerate(zip(rounds, scores, strict=True), start=1):
            version_id = None
            for handed_in in each.versions:
                version += 1
                version_id = self._version(cohort, submission_id, mission, version, cycle, handed_in)
            if score is not None and version_id is not None:
                self._review(cohort, submission_id, version_id, each, score)
            self._items.add(cohort, student, _work(submission_id, mission, each, cycle, version))
        return submission_id

    def _version(
        self,
        cohort: SeedCohort,
        submission_id: str,
        mission: MissionContent,
        number: int,
        cycle: int,
        handed_in: datetime,
    ) -> str:
        version_id = self._world.ids.new()
        slug = f"{self._random.getrandbits(32):08x}"
        self._world.writer.add(
            SubmissionVersion,
            id=version_id,
            submission_id=submission_id,
            number=number,
            cycle=cycle,
            text=submission_text(self._random, mission_title=mission.title, skills=cohort.track.content.skills),
            links=[f"https://git.demo.example/lab/{slug}"] if number % 2 else [],
            created_at=handed_in,
        )
        return version_id

    def _review(self, cohort: SeedCohort, submission_id: str, version_id: str, found: Round, score: int) -> None:
        random = self._random
        around = {key: min(100, max(0, score + random.randint(-8, 8))) for key in ("evidence", "method", "report")}
        self._world.writer.add(
            MissionReview,
            id=self._world.ids.new(),
            submission_id=submission_id,
            version_id=version_id,
            reviewer_id=found.mentor.id if found.mentor else None,
            decision=found.decision,
            score=score,
            feedback=review_feedback(random, str(found.decision)),
            competencies=random.sample(cohort.track.content.skills, 2),
            rubric_scores=around,
            created_at=found.decided_at,
        )

    def _draft(self, cohort: SeedCohort, student: SeedStudent, number: int) -> None:
        begun = self._world.ago(hours=self._random.uniform(1, 90))
        self._world.writer.add(
            MissionSubmission,
            id=self._world.ids.new(),
            mission_id=cohort.track.missions[number][0],
            enrolment_id=student.enrolment_id,
            student_id=student.id,
            cohort_id=cohort.id,
            created_at=begun,
            updated_at=begun,
        )


def _work(submission_id: str, mission: MissionContent, found: Round, cycle: int, version: int) -> Work:
    return Work(
        type=WorkType.MISSION_REVIEW,
        reference_id=submission_id,
        title=f"Review: {mission.title}",
        description=f"Version {version} waits for an answer.",
        started_at=found.versions[0],
        cycle=cycle,
        version=version,
        closed_at=found.decided_at,
        outcome=str(found.decision or ""),
        is_plain=found.is_plain,
        pause_after=found.pause_after,
    )
