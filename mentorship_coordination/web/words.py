"""How the pages say things: due times, what happened, states. `core/static/web/sla.js` repaints due times likewise."""

from __future__ import annotations

from datetime import datetime, timedelta

SOON = timedelta(hours=4)
ACTIONS = {
    "submitted": "handed in",
    "approved": "was approved for",
    "changes_requested": "was asked for changes to",
    "rejected": "was refused",
    "session_completed": "met you:",
    "session_cancelled_by_mentor": "lost a session:",
    "session_cancelled_by_mentee": "cancelled",
    "session_no_show_mentee": "missed",
    "session_no_show_mentor": "waited for you:",
    "completed_mission_review": "got an answer:",
    "completed_session_notes": "has session notes:",
    "completed_goal_feedback": "got feedback on a goal:",
    "completed_risk_flag": "was looked after:",
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


def action_words(action: str) -> str:
    return ACTIONS.get(action, action.replace("_", " "))


def state_words(state: str) -> str:
    return STATES.get(state, state.replace("_", " "))
