"""What the schema shows for each operation: shapes of real answers, with made-up people."""

from typing import Any, Final

MISSION_ID: Final = "019b8f5e-7a10-7c3a-9d54-3f1f6f0b2a11"
SUBMISSION_ID: Final = "019b8f60-11d2-7b0e-8a43-0c9f51c7d902"
REVIEWER_ID: Final = "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5"

MISSION: Final[dict[str, Any]] = {
    "id": MISSION_ID,
    "number": 2,
    "title": "Timeline of a compromised host",
    "weight": 3,
    "expected_after_days": 14,
    "competencies": ["timeline-analysis"],
    "submission": {
        "id": SUBMISSION_ID,
        "state": "submitted",
        "version": 1,
        "cycle": 1,
        "score": None,
        "submitted_at": "2026-01-19T16:30:00Z",
        "decided_at": None,
    },
}
MISSION_DETAIL: Final = MISSION | {
    "brief": "Find out what happened on the host, and when.",
    "rubric": [{"criterion": "evidence", "points": 40}, {"criterion": "clarity", "points": 60}],
}
SUBMISSION_INPUT: Final = {
    "text": "The first foothold was the scheduled task of 02:14.",
    "links": ["https://git.example/mina/timeline"],
}
SUBMISSION: Final[dict[str, Any]] = {
    "id": SUBMISSION_ID,
    "mission": {"id": MISSION_ID, "number": 2, "title": "Timeline of a compromised host", "weight": 3},
    "state": "submitted",
    "version": 1,
    "cycle": 1,
    "score": None,
    "submitted_at": "2026-01-19T16:30:00Z",
    "decided_at": None,
    "updated_at": "2026-01-19T16:30:00Z",
}
SUBMISSION_DETAIL: Final = SUBMISSION | {
    "versions": [
        {
            "id": "019b8f60-11d4-7f21-9c17-5a64e2b80c33",
            "number": 1,
            "cycle": 1,
            "text": "The first foothold was the scheduled task of 02:14.",
            "links": ["https://git.example/mina/timeline"],
            "files": [
                {
                    "id": "019b8f60-11d6-7d08-b2c9-e1f7a35d6b40",
                    "name": "timeline.csv",
                    "content_type": "text/csv",
                    "size": 48213,
                    "sha256": "3b1f0d9f5c8b8a7ad0c4f6e0d7b1a2c94e5d6f708192a3b4c5d6e7f8091a2b3c",
                    "url": "/api/v1/missions/files/019b8f60-11d6-7d08-b2c9-e1f7a35d6b40",
                }
            ],
            "created_at": "2026-01-19T16:30:00Z",
        }
    ],
    "reviews": [],
}
STAFF_SUBMISSION_DETAIL: Final = SUBMISSION_DETAIL | {
    "student_id": "019b8f40-02aa-7711-8e0d-6d5c4b3a2910",
    "student_name": "Mina Okafor",
}
REVIEW_INPUT: Final[dict[str, Any]] = {
    "score": 84,
    "decision": "approved",
    "feedback": "Sound evidence for every step.",
    "competencies": ["timeline-analysis"],
    "rubric_scores": {"evidence": 90, "clarity": 78},
    "submission_version": 1,
}
DIRECTOR_REVIEW_INPUT: Final = REVIEW_INPUT | {"reason": "The mentor is away until Monday."}
REVIEW_ANSWER: Final = {
    "status": "success",
    "submission_id": SUBMISSION_ID,
    "approved": True,
    "review": {
        "id": "019b8f9a-4e01-7a66-a7d2-8b9c0d1e2f34",
        "submission_id": SUBMISSION_ID,
        "version": 1,
        "decision": "approved",
        "approved": True,
        "score": 84,
        "feedback": "Sound evidence for every step.",
        "competencies": ["timeline-analysis"],
        "rubric_scores": {"evidence": 90, "clarity": 78},
        "reviewer_id": REVIEWER_ID,
        "reviewer_name": "Dana Reyes",
        "created_at": "2026-01-20T09:05:00Z",
        "reason": "The mentor is away until Monday.",
    },
}
