"""What the schema shows for each operation: shapes of real answers, with made-up people."""

from typing import Any, Final

HABIT: Final[dict[str, Any]] = {
    "id": "019b9c01-7d2e-7a10-9c55-0a1b2c3d4e5f",
    "name": "An hour in the lab",
    "cadence": "daily",
    "started_on": "2026-01-12",
    "archived_on": None,
    "streak": 12,
    "longest_streak": 21,
    "is_at_risk": True,
    "is_logged_now": False,
    "keep_by": "2026-02-06",
    "kept": 22,
    "due": 25,
    "recent": [
        {"date": "2026-01-31", "state": "done"},
        {"date": "2026-02-01", "state": "skipped"},
        {"date": "2026-02-02", "state": "done"},
        {"date": "2026-02-03", "state": "done"},
        {"date": "2026-02-04", "state": "done"},
        {"date": "2026-02-05", "state": "done"},
        {"date": "2026-02-06", "state": None},
    ],
    "created_at": "2026-01-12T18:00:00Z",
    "revision": 1,
}
HABIT_INPUT: Final = {"name": "An hour in the lab", "cadence": "daily"}
LOG: Final = {"date": "2026-02-06", "state": "done", "note": "", "created_at": "2026-02-06T19:10:00Z"}
LOGGED: Final[dict[str, Any]] = {
    "log": LOG,
    "habit": HABIT
    | {
        "streak": 13,
        "is_at_risk": False,
        "is_logged_now": True,
        "keep_by": "2026-02-07",
        "kept": 23,
        "due": 26,
        "recent": [*HABIT["recent"][:-1], {"date": "2026-02-06", "state": "done"}],
    },
}
GOAL: Final[dict[str, Any]] = {
    "id": "019b9c02-11aa-7b3c-8d4e-5f6071829304",
    "title": "Pass the practice exam",
    "description": "With 80 points or more.",
    "due_date": "2026-02-02",
    "state": "open",
    "is_overdue": True,
    "closed_at": None,
    "closed_date": None,
    "feedback": [
        {
            "id": "019b9c02-2bbb-7c4d-9e5f-607182930415",
            "author": {"id": "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5", "name": "Tomas Berg"},
            "text": "Take the second mock exam first; two weeks more are fine.",
            "created_at": "2026-02-04T09:00:00Z",
        }
    ],
    "created_at": "2026-01-12T18:00:00Z",
    "revision": 2,
}
GOAL_INPUT: Final = {
    "title": "Pass the practice exam",
    "description": "With 80 points or more.",
    "due_date": "2026-02-02",
}
MOVED: Final = GOAL | {"due_date": "2026-02-16", "is_overdue": False, "revision": 3}
COMPLETED: Final = GOAL | {
    "state": "completed",
    "is_overdue": False,
    "closed_at": "2026-02-06T19:00:00Z",
    "closed_date": "2026-02-06",
    "revision": 3,
}
ABANDONED: Final = COMPLETED | {"state": "abandoned"}
MENTOR_GOAL: Final[dict[str, Any]] = GOAL | {
    "student": {"id": "019b8f41-2d70-7aa4-8a0e-5f2f4a1c9e01", "name": "Mina Okafor"}
}
ANSWER: Final = {"text": "Take the second mock exam first; two weeks more are fine."}
