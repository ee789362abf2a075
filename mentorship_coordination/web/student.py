"""The student's first page: where she stands, what to do next, what she practises and aims at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from coaching.enums import GoalState
from coaching.selectors import counted_habits, list_goals
from core import clock
from core.enums import Audience
from core.tenancy.identity import Role
from core.web import page
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from mentorship_coordination.selectors.mentees import find_current_assignment
from mentorship_coordination.selectors.sessions import list_next_sessions
from mentorship_coordination.selectors.unrated import find_unrated_session
from mentorship_coordination.web.goals import GoalCard, cards_of
from mentorship_coordination.web.habits import OwnHabit, own_habits
from mentorship_coordination.web.live import stream_of
from mentorship_coordination.web.people import person_of
from mentorship_coordination.web.practice_forms import RatingForm
from mentorship_coordination.web.readiness import parts_of, trend_words
from mentorship_coordination.web.words import NEXT_MISSION, counted, state_words
from missions.models import Mission
from missions.selectors import find_shown_enrolment, latest_reviews, list_missions_of
from missions.standing import NOT_STARTED
from student_dashboard.models import StudentDashboard
from student_dashboard.selectors import find_dashboard, has_pending_refresh
from users.models import Enrolment

GOAL_ROWS = 5


@dataclass(frozen=True, slots=True)
class MissionLine:
    id: UUID
    number: int
    title: str
    state: str
    words: str
    score: int | None


@dataclass(frozen=True, slots=True)
class NextMission:
    id: str
    number: int
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Support:
    """Help that is offered, to whom it may be of use, with no word on why. Without a mentor there are no addresses."""

    mentor: str = ""
    write: str = ""


@page(Role.STUDENT)
@require_safe
def student_page(request: HttpRequest) -> HttpResponse:
    return show_student(request)


def show_student(
    request: HttpRequest, *, rating_form: RatingForm | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    """The page, also with what was refused: a `rating_form` with its errors, or a sentence."""
    student, at = person_of(request), clock.now()
    stream = stream_of(Audience.STUDENT)
    enrolment = find_shown_enrolment(student.pk)
    is_refreshing = has_pending_refresh()
    dashboard = find_dashboard(student.pk)
    pair = find_current_assignment(student.pk)
    context = {
        **stream,
        **_figures(dashboard),
        "refusal": refusal,
        "pair": pair,
        "support": _support(dashboard, pair),
        "enrolment": enrolment,
        "cohort": enrolment.cohort if enrolment else None,
        "missions": [_line(each) for each in list_missions_of(enrolment)],
        "session": list_next_sessions([student.pk], at).get(student.pk),
        "feedback": _latest_feedback(enrolment),
        "is_refreshing": is_refreshing,
        "habits": _kept_up(student.pk, at),
        "goals": _open_goals(student.pk, at),
        "goal_rows": GOAL_ROWS,
        "unrated": find_unrated_session(student.pk, at),
        "rating_form": rating_form or RatingForm(),
    }
    return render(request, "mentorship_coordination/student.html", context, status=status)


def _figures(dashboard: StudentDashboard | None) -> dict[str, Any]:
    sections = dashboard.sections if dashboard else {}
    missions = sections.get("missions")
    return {
        "attendance": _attendance_words(sections.get("sessions") or {}),
        "dashboard": dashboard,
        "figures": missions,
        "trend": trend_words(dashboard.trend_7d) if dashboard else "",
        "parts": parts_of(dashboard.inputs.get("parts", [])) if dashboard else [],
        "next_mission": _next((missions or {}).get("next_recommended")),
    }


def _attendance_words(sessions: Mapping[str, Any]) -> str:
    """As the figures have it; nothing before her first session."""
    attended, missed = sessions.get("attended", 0), sessions.get("missed", 0)
    late = sessions.get("late_cancellations", 0)
    words = [f"{attended} of {counted(attended + missed, 'session')} attended"] if attended + missed else []
    return ", ".join([*words, f"{late} called off late"] if late else words)


def _next(recommended: Mapping[str, Any] | None) -> NextMission | None:
    if recommended is None:
        return None
    reason = NEXT_MISSION.get(recommended["reason"], "")
    return NextMission(recommended["mission_id"], recommended["number"], recommended["title"], reason)


def _support(dashboard: StudentDashboard | None, pair: MenteeMentorAssignment | None) -> Support | None:
    if dashboard is None or not (dashboard.risk_since or dashboard.is_watched):
        return None
    if pair is None:
        return Support()
    return Support(pair.mentor.name, f"mailto:{quote(pair.mentor.email, safe='@')}")


def _kept_up(student_id: UUID, at: datetime) -> list[OwnHabit]:
    return own_habits(each for each in counted_habits(student_id, at).values() if each.archived_on is None)


def _open_goals(student_id: UUID, at: datetime) -> list[GoalCard]:
    return cards_of(list_goals(student_id).filter(state=GoalState.OPEN).order_by("due_date", "id"), at)


def _line(mission: Mission) -> MissionLine:
    own: list[Any] = mission.own_submissions  # type: ignore[attr-defined]
    state = own[0].state if own else NOT_STARTED
    return MissionLine(
        mission.pk, mission.number, mission.title, state, state_words(state), own[0].score if own else None
    )


def _latest_feedback(enrolment: Enrolment | None) -> dict[str, Any] | None:
    review = latest_reviews([enrolment.pk]).get(enrolment.pk) if enrolment else None
    if review is None:
        return None
    return {
        "mission_id": review.submission.mission_id,
        "title": review.submission.mission.title,
        "state": review.decision,
        "words": state_words(review.decision),
        "score": review.score,
        "text": review.feedback,
        "at": review.created_at,
    }
