"""What each page shows, once more from rows: `tests.figures` knows a student, this what her readers see of her."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.figures import DAY, Rows, Student, days_of, longest_streak, period_of

LIMIT = 35
SEVERITIES = {1: "low", 2: "medium", 3: "high", 4: "critical"}
OPEN = ("pending", "in_progress")
SESSION_FIGURES = (
    "held",
    "mentee_no_shows",
    "mentor_no_shows",
    "mentee_late_cancellations",
    "mentor_late_cancellations",
)


def habits_section(student: Student) -> dict[str, Any]:
    """The counters, and each habit that is kept up by its id."""
    kept, due = student.kept_and_due()
    found = student.habits()
    streaks = student.streaks()
    return {
        "kept": kept,
        "due": due,
        "completion": round(kept / due, 3) if due else None,
        "current_streak": max(streaks.values(), default=None),
        "longest_streak": max((longest_streak(habit[1], habit[4]) for habit in found), default=None),
        "habits": {habit[0]: _habit(student, streaks[habit[0]], *habit[1:]) for habit in found if habit[3] is None},
    }


def _habit(student: Student, streak: int, cadence: str, started_on: Any, _: Any, logs: dict[Any, str]) -> Any:
    kept, due = student.counted(cadence, started_on, None, logs)
    is_logged = any(day in logs for day in days_of(cadence, period_of(cadence, student.today)))
    recent = [student.today - back * DAY for back in range(6, -1, -1)]
    return {
        "cadence": cadence,
        "streak": streak,
        "longest_streak": longest_streak(cadence, logs),
        "is_at_risk": streak > 0 and not is_logged,
        "is_logged_now": is_logged,
        "kept": kept,
        "due": due,
        "recent": [{"date": day.isoformat(), "state": logs.get(day)} for day in recent],
    }


def goals_section(student: Student) -> dict[str, Any]:
    """The counters, and the open goals by date with the three closed last."""
    query = """SELECT id::text, state, due_date, closed_date FROM coaching_goal WHERE student_id = %s
      ORDER BY state <> 'open', CASE state WHEN 'open' THEN due_date END, updated_at DESC, id"""
    goals = student.rows.all(query, student.id)
    on_time, due = student.goals_kept()
    open_goals = [goal for goal in goals if goal[1] == "open"]
    return {
        "open_count": len(open_goals),
        "overdue_count": sum(goal[2] < student.today for goal in open_goals),
        "due": due,
        "on_time": on_time,
        "goals": [_goal(student, *goal) for goal in goals[: len(open_goals) + 3]],
    }


def _goal(student: Student, goal_id: str, state: str, due_date: Any, closed_date: Any) -> dict[str, Any]:
    query = "SELECT text FROM coaching_goalfeedback WHERE goal_id = %s ORDER BY created_at DESC, id DESC"
    words = [text for (text,) in student.rows.all(query, goal_id)]
    return {
        "goal_id": goal_id,
        "state": state,
        "due_date": due_date.isoformat(),
        "closed_date": closed_date.isoformat() if closed_date else None,
        "is_overdue": state == "open" and due_date < student.today,
        "feedback_count": len(words),
        "latest_feedback": words[0] if words else None,
    }


def support(student: Student) -> tuple[bool, list[str]]:
    """Whether help is offered, and the names of the reasons where the figures say so."""
    risk = student.risk()
    query = """SELECT count(*) FROM mentorship_coordination_mentorflag
      WHERE mentee_id = %s AND state <> 'resolved' AND severity >= 3"""
    is_at_risk = sum(risk.values()) >= LIMIT
    reasons = sorted(risk, key=lambda name: (-risk[name], name)) if is_at_risk else []
    return is_at_risk or bool(student.rows.one(query, student.id)), reasons


def present_mentor(student: Student) -> str | None:
    query = """SELECT mentor_id::text FROM mentorship_coordination_menteementorassignment
      WHERE mentee_id = %s AND state IN ('active', 'paused')"""
    found = student.rows.all(query, student.id)
    return str(found[0][0]) if found else None


def mean_score(student: Student) -> float | None:
    scores = student.scores()
    return sum(scores) / len(scores) if scores else None


def session_use(student: Student) -> tuple[int, int, int]:
    """Used, reserved and the most of the enrolment: what was held or missed, or called off too late, is used."""
    query = """SELECT s.status, s.is_late_cancel, p.is_active FROM mentorship_coordination_sessionparticipant p
      JOIN mentorship_coordination_mentorsession s ON s.id = p.session_id
      WHERE p.enrolment_id = %s AND p.role = 'mentee'"""
    found = student.rows.all(query, student.enrolment)
    used = sum(
        is_active if status in ("completed", "no_show_mentee") else status == "cancelled_by_mentee" and is_late
        for status, is_late, is_active in found
    )
    reserved = sum(status == "scheduled" and is_active for status, _, is_active in found)
    most = student.rows.one("SELECT max_sessions FROM users_enrolment WHERE id = %s", student.enrolment)
    return used, reserved, int(most)


def cockpit_metrics(student: Student, mentor_id: str) -> dict[str, Any]:
    """All but the mean score, which the test compares within its rounding."""
    missions = """SELECT count(*), count(*) FILTER (WHERE s.state = 'approved') FROM users_enrolment e
      JOIN users_cohort c ON c.id = e.cohort_id JOIN missions_mission m ON m.track_id = c.track_id AND m.is_published
      LEFT JOIN missions_missionsubmission s ON s.mission_id = m.id AND s.enrolment_id = e.id WHERE e.id = %s"""
    [(total, completed)] = student.rows.all(missions, student.enrolment)
    items = """SELECT count(*) FROM mentorship_coordination_mentorworkqueue
      WHERE mentor_id = %s AND mentee_id = %s AND status IN %s"""
    kept, due = student.kept_and_due()
    used, reserved, most = session_use(student)
    attended, known = student.attended_and_known()
    late = """SELECT count(*) FROM mentorship_coordination_mentorsession
      WHERE enrolment_id = %s AND mentee_id IS NOT NULL AND is_late_cancel"""
    return {
        "habit_completion": round(kept / due, 3) if due else None,
        "habit_streak": max(student.streaks().values(), default=None),
        "missions_completed": completed,
        "missions_total": total,
        "sessions_used": used,
        "sessions_reserved": reserved,
        "sessions_limit": most,
        "attendance": round(attended / known, 6) if known else None,
        "late_cancellations": student.rows.one(late, student.enrolment),
        "open_items": student.rows.one(items, mentor_id, student.id, OPEN),
    }


def due_today(rows: Rows, mentor_id: str, at: datetime) -> int:
    """Open items whose due time falls on the mentor's own day, late ones too."""
    zone = ZoneInfo(rows.one("SELECT timezone FROM users_user WHERE id = %s", mentor_id))
    query = """SELECT due_at FROM mentorship_coordination_mentorworkqueue
      WHERE mentor_id = %s AND status IN %s AND due_at IS NOT NULL"""
    today = at.astimezone(zone).date()
    return sum(due_at.astimezone(zone).date() == today for (due_at,) in rows.all(query, mentor_id, OPEN))


def sessions_today(rows: Rows, mentor_id: str, at: datetime) -> list[str]:
    """Held or to be held, and touching the mentor's own day, in order."""
    zone = ZoneInfo(rows.one("SELECT timezone FROM users_user WHERE id = %s", mentor_id))
    query = """SELECT id::text, starts_at, ends_at FROM mentorship_coordination_mentorsession WHERE mentor_id = %s
      AND status IN ('scheduled', 'completed', 'no_show_mentee', 'no_show_mentor') ORDER BY starts_at"""
    today, moment = at.astimezone(zone).date(), timedelta(microseconds=1)
    return [
        session_id
        for session_id, starts_at, ends_at in rows.all(query, mentor_id)
        if starts_at.astimezone(zone).date() <= today <= (ends_at - moment).astimezone(zone).date()
    ]


def unresolved_flags(rows: Rows, mentor_id: str, mentee_id: str) -> list[tuple[str, str]]:
    """Id and severity, the worst first and the older of two as bad."""
    query = """SELECT id::text, severity FROM mentorship_coordination_mentorflag
      WHERE mentor_id = %s AND mentee_id = %s AND state <> 'resolved' ORDER BY severity DESC, created_at"""
    return [(flag_id, SEVERITIES[severity]) for flag_id, severity in rows.all(query, mentor_id, mentee_id)]


def recent_activity(rows: Rows, mentor_id: str, at: datetime) -> list[tuple[str, str]]:
    """Action and reference of the last twenty things in seven days: her present mentees' and her own."""
    query = """WITH present AS (SELECT mentee_id, enrolment_id FROM mentorship_coordination_menteementorassignment
        WHERE mentor_id = %(mentor)s AND state IN ('active', 'paused')),
      handed AS (SELECT s.* FROM missions_missionsubmission s JOIN present USING (enrolment_id))
      SELECT 'submitted', submitted_at, id::text FROM handed WHERE submitted_at IS NOT NULL
      UNION ALL SELECT r.decision, r.created_at, s.id::text FROM handed s
        JOIN missions_missionreview r ON r.submission_id = s.id
      UNION ALL SELECT 'session_' || status, coalesce(closed_at, created_at), id::text
        FROM mentorship_coordination_mentorsession WHERE mentor_id = %(mentor)s
      UNION ALL SELECT 'completed_' || type, completed_at, id::text FROM mentorship_coordination_mentorworkqueue
        WHERE mentor_id = %(mentor)s AND status = 'completed' AND type <> 'mission_review'
      UNION ALL SELECT 'goal_completed', closed_at, g.id::text FROM coaching_goal g
        JOIN present ON g.student_id = mentee_id WHERE g.state = 'completed'"""
    with rows.connection.cursor() as cursor:
        cursor.execute(query, {"mentor": mentor_id})
        lately = [each for each in cursor.fetchall() if each[1] >= at - timedelta(days=7)]
    lately.sort(key=lambda each: (-each[1].timestamp(), each[2]))
    return [(action, reference) for action, _, reference in lately[:20]]


def session_figures(rows: Rows, mentor_id: str, at: datetime) -> dict[str, int]:
    """How the sessions that were to begin in 28 days went, counted one by one, and her notes of that time."""
    query = """SELECT status, starts_at - closed_at, closed_by_id = mentor_id, starts_at
      FROM mentorship_coordination_mentorsession WHERE mentor_id = %s"""
    since, counts = at - 28 * DAY, dict.fromkeys(SESSION_FIGURES, 0)
    for status, notice, is_by_mentor, starts_at in rows.all(query, mentor_id):
        if not since <= starts_at < at:
            continue
        is_late = notice is not None and notice < DAY
        counts["held"] += status == "completed"
        counts["mentee_no_shows"] += status == "no_show_mentee"
        counts["mentor_no_shows"] += status == "no_show_mentor"
        counts["mentee_late_cancellations"] += status == "cancelled_by_mentee" and is_late
        counts["mentor_late_cancellations"] += status == "cancelled_by_mentor" and is_late and bool(is_by_mentor)
    notes = """SELECT completed_at <= due_at FROM mentorship_coordination_mentorworkqueue WHERE mentor_id = %s
      AND type = 'session_notes' AND status = 'completed' AND completed_at >= %s AND completed_at < %s"""
    on_time = [each for (each,) in rows.all(notes, mentor_id, since, at)]
    return counts | {"notes_finished": len(on_time), "notes_on_time": sum(on_time)}
