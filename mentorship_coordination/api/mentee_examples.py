"""What the schema shows for mentees: the shape of real answers, with made-up people."""

from typing import Any, Final

_GOAL: Final = {
    "id": "019b9c02-11aa-7b3c-8d4e-5f6071829304",
    "title": "Pass the practice exam",
    "due_date": "2026-02-02",
    "state": "open",
    "is_overdue": False,
    "closed_at": None,
    "feedback": [],
}
_HABIT: Final = {
    "habit_id": "019b9c01-7d2e-7a10-9c55-0a1b2c3d4e5f",
    "name": "An hour in the lab",
    "cadence": "daily",
    "streak": 12,
    "longest_streak": 21,
    "is_at_risk": True,
    "is_logged_now": False,
    "kept": 22,
    "due": 25,
    "recent": [{"date": "2026-01-20", "state": "done"}],
}
MENTEES: Final[dict[str, Any]] = {
    "next": None,
    "previous": None,
    "results": [
        {
            "mentee_id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "assignment_id": "01890a5d-ac96-774b-bcce-b302099a8058",
            "name": "Mina Okafor",
            "timezone": "Africa/Lagos",
            "cohort": "Incident Response 2026-1",
            "track": "Incident Response",
            "state": "active",
            "started_at": "2026-01-12T09:00:00Z",
            "open_items": 2,
            "overdue_items": 0,
            "unresolved_flags": 1,
            "next_session_at": None,
            "readiness": 71.25,
            "trend_7d": -1.5,
            "risk_score": 12.0,
            "risk_since": None,
            "habit_streak": 12,
        }
    ],
}
COCKPIT: Final[dict[str, Any]] = {
    "profile": {
        "mentee_id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "name": "Mina Okafor",
        "timezone": "Africa/Lagos",
        "languages": ["en"],
        "track": "Incident Response",
        "cohort": "Incident Response 2026-1",
        "mentored_since": "2026-01-12T09:00:00Z",
        "readiness": 71.25,
        "trend_7d": -1.5,
        "risk_score": 12.0,
        "risk_since": None,
        "computed_at": "2026-01-20T09:00:00Z",
    },
    "quick_actions": [{"type": "raise_flag", "title": "Raise a flag", "url": "/api/v1/mentor/flags"}],
    "metrics": {
        "habit_completion": 0.88,
        "habit_streak": 12,
        "missions_completed": 3,
        "missions_total": 12,
        "mean_score": 84.5,
        "sessions_used": 2,
        "sessions_reserved": 1,
        "sessions_limit": 12,
        "attendance": 0.8,
        "late_cancellations": 0,
        "open_items": 0,
    },
    "missions": [],
    "sessions": [],
    "flags": [],
    "goals": [_GOAL],
    "habits": [_HABIT],
    "readiness": {
        "parts": [
            {
                "name": "consistency",
                "weight": 15,
                "value": 0.88,
                "inputs": {"kept": 22, "due": 25},
            }
        ],
        "days": [
            {"date": "2026-01-19", "readiness": 72.75},
            {"date": "2026-01-20", "readiness": 71.25},
        ],
    },
    "risk": [
        {
            "name": "silence",
            "points": 12,
            "text": "Nothing heard for 12 days.",
            "evidence": {"days": 12, "since": "2026-01-08T08:00:00Z"},
        }
    ],
    "timeline": [
        {
            "time": "2026-01-19T16:30:00Z",
            "kind": "submitted",
            "title": "Handed in version 1 of Timeline of a compromised host",
            "reference_id": "019b8f60-11d2-7b0e-8a43-0c9f51c7d902",
        }
    ],
}
MENTOR: Final[dict[str, Any]] = {
    "assignment_id": "01890a5d-ac96-774b-bcce-b302099a8058",
    "mentor_id": "01890a5d-ac96-774b-bcce-b302099a8059",
    "name": "Tomas Berg",
    "timezone": "Europe/Oslo",
    "languages": ["en", "no"],
    "specialties": ["forensics"],
    "state": "active",
    "since": "2026-01-12T09:00:00Z",
}
