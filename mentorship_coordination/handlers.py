"""What this app does when it hears a fact of the apps below. Each runs in the speaker's transaction."""

from __future__ import annotations

from django.urls import reverse

from coaching.events import GoalAnswered, GoalOverdue, GoalSettled, StreakBroken
from core.events import handles
from core.wakeup import wake
from mentorship_coordination.actions.enrolments import withdraw_leaver
from mentorship_coordination.actions.goal_feedback import ANSWERED, open_goal_feedback
from mentorship_coordination.actions.handover import hand_over_leaver
from mentorship_coordination.actions.notifications import notify
from mentorship_coordination.actions.queue import complete_items_about
from mentorship_coordination.actions.reviews import open_mission_review
from mentorship_coordination.actions.risk_work import (
    close_risk_assessment,
    open_risk_assessment,
    tell_streak_broken,
)
from mentorship_coordination.enums import NotificationKind, WorkType
from mentorship_coordination.mail_timing import MAIL_KINDS
from mentorship_coordination.tasks.matching import CAPACITY
from mentorship_coordination.tasks.queue import GOALS
from missions.enums import Decision
from missions.events import SubmissionReceived, SubmissionReviewed
from student_dashboard.events import RiskCleared, RiskLimitCrossed
from users.events import AccountClosed, MentorCapacityChanged, MentorLeaves
from users.mail_wishes import register_mail_kinds
from users.models import User

DECISION_WORDS = {
    Decision.APPROVED: "Approved",
    Decision.CHANGES_REQUESTED: "Changes are asked for",
    Decision.REJECTED: "Not accepted",
}


@handles(SubmissionReceived)
def open_or_update_review(event: SubmissionReceived) -> None:
    open_mission_review(
        submission_id=event.submission_id,
        enrolment_id=event.enrolment_id,
        mission_title=event.mission_title,
        student_name=event.student_name,
        version=event.version,
        cycle=event.cycle,
        started_at=event.at,
        at=event.at,
    )


@handles(SubmissionReviewed)
def complete_reviews(event: SubmissionReviewed) -> None:
    complete_items_about(
        type=WorkType.MISSION_REVIEW,
        reference_id=event.submission_id,
        outcome=event.decision,
        by=event.reviewer_id,
        at=event.at,
    )
    notify(
        recipient_id=event.student_id,
        kind=NotificationKind.REVIEW,
        title=f"{DECISION_WORDS[Decision(event.decision)]}: {event.mission_title}",
        body=f"{event.score} points.",
        url=f"{reverse('student-page')}#feedback-mission",
        dedupe_key=f"review:{event.review_id}",
        by_mail=True,
        at=event.at,
    )


@handles(StreakBroken)
def tell_of_streak(event: StreakBroken) -> None:
    tell_streak_broken(student_id=event.student_id, habit_name=event.habit_name, length=event.length, at=event.at)


@handles(GoalOverdue)
def open_feedback(event: GoalOverdue) -> None:
    open_goal_feedback(
        goal_id=event.goal_id,
        student_id=event.student_id,
        enrolment_id=event.enrolment_id,
        title=event.title,
        due_date=event.due_date,
        number=event.number,
        started_at=event.since,
        at=event.at,
    )


@handles(GoalSettled)
def call_feedback_off_soon(event: GoalSettled) -> None:
    """The student may not touch her mentor's queue: a job that acts as the system looks at what is settled."""
    wake(GOALS)


@handles(GoalAnswered)
def complete_feedback(event: GoalAnswered) -> None:
    closed = complete_items_about(
        type=WorkType.GOAL_FEEDBACK,
        reference_id=event.goal_id,
        outcome=ANSWERED,
        by=event.author_id,
        at=event.at,
    )
    if not closed:
        wake(GOALS)
    notify(
        recipient_id=event.student_id,
        kind=NotificationKind.GOAL,
        title=f"Your mentor wrote about your goal: {event.title}",
        body="",
        url=f"{reverse('goals-page')}#goal-{event.goal_id}",
        dedupe_key=f"goal:{event.feedback_id}",
        at=event.at,
    )


@handles(RiskLimitCrossed)
def open_assessment(event: RiskLimitCrossed) -> None:
    open_risk_assessment(
        episode_id=event.episode_id,
        student_id=event.student_id,
        enrolment_id=event.enrolment_id,
        mentor_id=event.mentor_id,
        score=event.score,
        reasons=event.reasons,
        at=event.at,
    )


@handles(RiskCleared)
def close_assessment(event: RiskCleared) -> None:
    close_risk_assessment(
        episode_id=event.episode_id,
        student_id=event.student_id,
        enrolment_id=event.enrolment_id,
        mentor_id=event.mentor_id,
        at=event.at,
    )


@handles(MentorCapacityChanged)
def check_capacity_soon(event: MentorCapacityChanged) -> None:
    wake(CAPACITY)


@handles(AccountClosed)
def withdraw(event: AccountClosed) -> None:
    by = User.objects.filter(pk=event.by_id).first() if event.by_id else None
    withdraw_leaver(person_id=event.person_id, by=by, at=event.at)


@handles(MentorLeaves)
def hand_over(event: MentorLeaves) -> None:
    hand_over_leaver(
        mentor_id=event.mentor_id,
        ends_mentoring=event.ends_mentoring,
        ends_account=event.ends_account,
        by_id=event.by_id,
        at=event.at,
    )


register_mail_kinds(MAIL_KINDS)
