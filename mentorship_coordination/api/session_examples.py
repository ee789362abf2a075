"""What the schema shows for sessions: the shape of real answers, with made-up people."""

from typing import Any, Final

MENTOR_ID: Final = "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5"
MENTEE_ID: Final = "019b8f42-0d18-7a60-8c3e-5b7a19d2f460"

BOOK: Final = {
    "mentee_id": MENTEE_ID,
    "title": "Reading the timeline together",
    "start_time": "2026-03-02T15:00:00+03:00",
    "duration_minutes": 45,
    "type": "one_on_one",
}
BOOK_GROUP: Final = {
    "mentee_ids": [MENTEE_ID, "019b8f42-7c40-7d1b-9b0a-2f60c1e85d97"],
    "title": "Capstone kick-off",
    "start_time": "2026-03-03T15:00:00+03:00",
    "duration_minutes": 60,
    "type": "group",
}
TAKES_PART: Final[dict[str, Any]] = {"is_active": True, "attended": None, "is_disputed": False}
SESSION: Final[dict[str, Any]] = {
    "id": "019b9a10-5e7f-7b21-8d36-c4a90b17e2f8",
    "assignment": "019b8f45-91aa-7f02-a6c1-70d2e94b8a13",
    "mentee": MENTEE_ID,
    "mentee_name": "Mina Okafor",
    "mentor": MENTOR_ID,
    "mentor_name": "Tomas Berg",
    "title": "Reading the timeline together",
    "type": "one_on_one",
    "start_time": "2026-03-02T12:00:00Z",
    "end_time": "2026-03-02T12:45:00Z",
    "duration_minutes": 45,
    "zoom_url": "https://meet.example/6f1d2c9a0b8e4753a1c6d49e7f20b835",
    "agenda": "",
    "status": "scheduled",
    "sequence": 0,
    "is_in_progress": False,
    "is_unconfirmed": False,
    "is_disputed": False,
    "is_late_cancel": False,
    "close_reason": "",
    "closed_at": None,
    "participants": [
        {"person": MENTOR_ID, "name": "Tomas Berg", "role": "mentor", **TAKES_PART},
        {"person": MENTEE_ID, "name": "Mina Okafor", "role": "mentee", **TAKES_PART},
    ],
    "created_at": "2026-02-27T09:12:00Z",
    "revision": 1,
}
MOVED: Final = SESSION | {
    "start_time": "2026-03-02T13:00:00Z",
    "end_time": "2026-03-02T13:45:00Z",
    "sequence": 1,
    "revision": 2,
}
CANCELLED: Final = SESSION | {
    "status": "cancelled_by_mentor",
    "sequence": 1,
    "close_reason": "I am ill.",
    "closed_at": "2026-03-01T08:00:00Z",
    "participants": [person | {"is_active": False} for person in SESSION["participants"]],
    "revision": 2,
}
COMPLETED: Final = SESSION | {
    "status": "completed",
    "closed_at": "2026-03-02T12:50:00Z",
    "participants": [person | {"attended": True} for person in SESSION["participants"]],
    "revision": 2,
}
NO_SHOW: Final = COMPLETED | {
    "status": "no_show_mentee",
    "participants": [
        SESSION["participants"][0] | {"attended": True},
        SESSION["participants"][1] | {"attended": False},
    ],
}
UNRATED: Final = {"rating": None, "rating_comment": None, "rated_at": None}
OF_STUDENT: Final = SESSION | {"participants": [SESSION["participants"][1]]} | UNRATED
CANCELLED_LATE: Final = OF_STUDENT | {
    "status": "cancelled_by_mentee",
    "sequence": 1,
    "is_late_cancel": True,
    "close_reason": "My train is late.",
    "closed_at": "2026-03-02T08:00:00Z",
    "participants": [SESSION["participants"][1] | {"is_active": False}],
    "revision": 2,
}
RATING: Final = {"rating": 5, "comment": "I know now where to look first."}
RATED: Final = {"session": SESSION["id"], **RATING, "rated_at": "2026-03-02T17:00:00Z"}
RATED_BY_STUDENT: Final = (
    COMPLETED
    | {"participants": [COMPLETED["participants"][1]]}
    | {"rating": RATING["rating"], "rating_comment": RATING["comment"], "rated_at": RATED["rated_at"]}
)
ASK: Final = {"title": "Stuck on the timeline", "start_time": "2026-03-02T15:00:00+03:00"}
ASKED: Final = OF_STUDENT | {
    "title": "Stuck on the timeline",
    "status": "requested",
    "zoom_url": "",
    "participants": [],
}
DECLINED: Final = SESSION | {
    "status": "declined",
    "zoom_url": "",
    "close_reason": "I am away that day.",
    "closed_at": "2026-02-27T10:00:00Z",
    "participants": [],
    "revision": 2,
}
