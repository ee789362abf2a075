"""How the pages say things: due times, what happened, states. `core/static/web/sla.js` repaints due times likewise."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from core.errors import DomainError

SOON = timedelta(hours=4)
ACTIONS = {
    "submitted": "handed in",
    "approved": "was approved for",
    "changes_requested": "was asked for changes to",
    "rejected": "was refused",
    "session_requested": "asked for a session:",
    "session_declined": "was declined:",
    "session_expired": "asked in vain:",
    "session_scheduled": "has a session booked:",
    "session_completed": "met you:",
    "session_cancelled_by_mentor": "lost a session:",
    "session_cancelled_by_mentee": "cancelled",
    "session_no_show_mentee": "missed",
    "session_no_show_mentor": "waited for you:",
    "completed_session_notes": "has session notes:",
    "completed_goal_feedback": "got feedback on a goal:",
    "completed_risk_flag": "was looked after:",
    "goal_completed": "reached a goal:",
}
#: What stands before the title of an entry of the timeline.
HAPPENED = {
    "approved": "Approved:",
    "changes_requested": "Changes requested:",
    "rejected": "Refused:",
    "goal_set": "Set a goal:",
    "goal_answered": "Feedback on a goal:",
    "goal_completed": "Reached a goal:",
    "goal_abandoned": "Gave a goal up:",
    "session_scheduled": "Session:",
    "session_completed": "Met:",
    "session_cancelled_by_mentor": "Called off by the mentor:",
    "session_cancelled_by_mentee": "Called off by the mentee:",
    "session_no_show_mentee": "Missed:",
    "session_no_show_mentor": "The mentor was away:",
    "flag": "Flag:",
}
NEXT_MISSION = {
    "changes_requested": "Your mentor asked for changes: hand in a new version.",
    "begun": "You have begun this one.",
    "next_in_level": "The next one that is open to you.",
    "while_you_wait": "While your other work is being reviewed.",
}
STATES = {
    "not_started": "not started",
    "draft": "not handed in",
    "submitted": "waiting for review",
    "changes_requested": "changes requested",
    "approved": "approved",
    "rejected": "rejected",
}


def due_words(due_at: datetime | None, at: datetime) -> str:
    """`in 3 h`, `2 days late`, `paused`: minutes below 90, hours up to 48, then days."""
    if due_at is None:
        return "paused"
    minutes = round((due_at - at).total_seconds() / 60)
    size = abs(minutes)
    if size < 90:
        span = f"{size} min"
    elif size <= 2880:
        span = f"{round(size / 60)} h"
    else:
        span = f"{round(size / 1440)} days"
    return f"{span} late" if minutes < 0 else f"in {span}"


def due_level(due_at: datetime | None, at: datetime) -> str:
    if due_at is None:
        return "paused"
    if due_at < at:
        return "late"
    return "soon" if due_at - at < SOON else "ok"


def moment_words(time: datetime) -> str:
    """`Tuesday 3 March 2026, 15:00`, in the zone that `time` is in."""
    return f"{time:%A} {time.day} {time:%B %Y, %H:%M}"


def action_words(action: str) -> str:
    return ACTIONS.get(action, action.replace("_", " "))


def state_words(state: str) -> str:
    return STATES.get(state, state.replace("_", " "))


def happened_words(kind: str) -> str:
    """Empty where the title says it all."""
    return HAPPENED.get(kind, "")


def counted(number: int, noun: str) -> str:
    """`1 day`, `12 days`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def day_words(day: date, today: date) -> str:
    """How a due day lies: `today`, `in 5 days`, `2 days overdue`."""
    left = (day - today).days
    if left < 0:
        return f"{counted(-left, 'day')} overdue"
    return {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")


def refusal_words(refusal: DomainError) -> str:
    """For where there is no field to say it beside."""
    return " ".join(reason for reasons in refusal.fields.values() for reason in reasons) or refusal.message
