"""What the schema shows for each operation: shapes of real answers, with made-up people."""

from typing import Any, Final

MENTOR_ID: Final = "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5"
MISSION_ID: Final = "019b8f52-0a3e-7c18-9d6f-3b1e7a5c2d40"
SUBMISSION_ID: Final = "019b8f60-11d2-7b0e-8a43-0c9f51c7d902"

# What a section holds is up to the apps above: a test compares this with what they answer.
SECTIONS: Final[dict[str, Any]] = {
    "missions": {
        "total_count": 8,
        "total_weight": 12,
        "approved_count": 1,
        "approved_weight": 2,
        "counts": {
            "not_started": 6,
            "draft": 0,
            "submitted": 0,
            "changes_requested": 1,
            "approved": 1,
            "rejected": 0,
        },
        "mean_score": 84.5,
        "next_recommended": {
            "mission_id": MISSION_ID,
            "number": 2,
            "title": "Timeline of a compromised host",
            "level": 1,
            "reason": "changes_requested",
        },
        "recent_feedback": [
            {
                "mission_id": MISSION_ID,
                "mission_title": "Timeline of a compromised host",
                "submission_id": SUBMISSION_ID,
                "decision": "changes_requested",
                "score": 78,
                "excerpt": "Please separate what you observed from what you infer.",
                "at": "2026-01-19T15:10:00Z",
            }
        ],
        "missions": [
            {
                "mission_id": MISSION_ID,
                "number": 2,
                "title": "Timeline of a compromised host",
                "weight": 1,
                "level": 1,
                "state": "changes_requested",
                "score": 78,
                "submission_id": SUBMISSION_ID,
                "version": 1,
            }
        ],
    },
    "habits": {
        "habits": [
            {
                "habit_id": "019b9c01-7d2e-7a10-9c55-0a1b2c3d4e5f",
                "name": "An hour in the lab",
                "cadence": "daily",
                "streak": 12,
                "longest_streak": 21,
                "is_at_risk": True,
                "is_logged_now": False,
                "kept": 22,
                "due": 25,
                "recent": [{"date": "2026-01-18", "state": "done"}, {"date": "2026-01-19", "state": None}],
            }
        ],
        "current_streak": 12,
        "longest_streak": 21,
        "completion": 0.88,
        "kept": 22,
        "due": 25,
    },
    "goals": {
        "goals": [
            {
                "goal_id": "019b9c02-11aa-7b3c-8d4e-5f6071829304",
                "title": "Pass the practice exam",
                "due_date": "2026-02-02",
                "state": "open",
                "is_overdue": False,
                "closed_date": None,
                "feedback_count": 1,
                "latest_feedback": "Good plan: start with the older exams.",
            }
        ],
        "open_count": 1,
        "overdue_count": 0,
        "due": 2,
        "on_time": 1,
    },
    "sessions": {
        "next": {
            "id": "019b9a10-5e7f-7b21-8d36-c4a90b17e2f8",
            "title": "Reading the timeline together",
            "type": "one_on_one",
            "mentor_name": "Tomas Berg",
            "start_time": "2026-01-21T12:00:00Z",
            "end_time": "2026-01-21T12:45:00Z",
            "zoom_url": "https://meet.example/6f1d2c9a0b8e4753a1c6d49e7f20b835",
        },
        "budget": {"used": 2, "reserved": 1, "max_sessions": 12},
        "attended": 2,
        "missed": 0,
        "late_cancellations": 1,
    },
    "mentor": {"mentor_id": MENTOR_ID, "name": "Tomas Berg", "state": "active", "since": "2026-01-05T09:00:00Z"},
}
STUDENT_DASHBOARD: Final[dict[str, Any]] = {
    "student": {"id": "019b8f41-2d70-7aa4-8a0e-5f2f4a1c9e01", "name": "Mina Okafor"},
    "mentor": {"id": MENTOR_ID, "name": "Tomas Berg"},
    "readiness": 76.91,
    "readiness_coverage": 1.0,
    "trend_7d": 2.1,
    "support": {"is_at_risk": False, "since": None, "reasons": []},
    "sections": SECTIONS,
    "computed_at": "2026-01-19T16:30:01Z",
    "revision": 7,
    "refresh_pending": False,
}
#: The figures say so.
AT_RISK: Final[dict[str, Any]] = STUDENT_DASHBOARD | {
    "readiness": 41.5,
    "trend_7d": -12.25,
    "support": {
        "is_at_risk": True,
        "since": "2026-01-17T08:00:03Z",
        "reasons": ["missed_sessions", "falling_readiness"],
    },
}
#: Somebody worries, the figures do not: who and why is not told.
WATCHED: Final[dict[str, Any]] = STUDENT_DASHBOARD | {
    "support": {"is_at_risk": True, "since": None, "reasons": []},
}
PARTS: Final[list[dict[str, Any]]] = [
    {
        "name": "missions",
        "weight": 35,
        "value": 0.666667,
        "inputs": {"approved_weight": 2, "expected_weight": 3, "days_since_start": 14},
    },
    {
        "name": "quality",
        "weight": 25,
        "value": 0.815,
        "inputs": {"scores": [91, 78], "cohort_mean": 79.5, "shrinkage": 3},
    },
    {"name": "consistency", "weight": 15, "value": 0.88, "inputs": {"kept": 22, "due": 25}},
    {"name": "goals", "weight": 10, "value": 0.5, "inputs": {"due": 2, "on_time": 1}},
    {"name": "attendance", "weight": 15, "value": 1.0, "inputs": {"attended": 2, "missed": 0}},
]
EXPLAINED_DASHBOARD: Final[dict[str, Any]] = STUDENT_DASHBOARD | {
    "explanation": {"formula_version": 1, "parts": PARTS},
}
STREAM: Final = (
    "retry: 2310\n\n"
    "id: 7\nevent: snapshot\n"
    'data: {"computed_at":"2026-01-19T16:30:01Z","readiness":76.91,"refresh_pending":false,'
    '"revision":7,"trend_7d":2.1}\n\n'
    'id: 8\nevent: dashboard\ndata: {"revision":8}\n\n'
)
