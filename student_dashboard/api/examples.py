"""What the schema shows for each operation: shapes of real answers, with made-up people."""

from typing import Any, Final

STUDENT_DASHBOARD: Final[dict[str, Any]] = {
    "student": {"id": "019b8f41-2d70-7aa4-8a0e-5f2f4a1c9e01", "name": "Mina Okafor"},
    "mentor": {"id": "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5", "name": "Tomas Berg"},
    "readiness": 78.24,
    "readiness_coverage": 0.85,
    "trend_7d": 2.1,
    "support": {"is_at_risk": False, "since": None, "reasons": []},
    "sections": {"missions": {"total_count": 8, "approved_count": 3}, "habits": {"current_streak": 12}},
    "computed_at": "2026-01-19T16:30:01Z",
    "revision": 7,
    "refresh_pending": False,
}
EXPLAINED_DASHBOARD: Final[dict[str, Any]] = STUDENT_DASHBOARD | {
    "explanation": {
        "formula_version": 1,
        "parts": [
            {
                "name": "missions",
                "weight": 35,
                "value": 0.75,
                "inputs": {"approved_weight": 3, "expected_weight": 4, "days_since_start": 30},
            },
            {"name": "attendance", "weight": 15, "value": None, "inputs": {"attended": 0, "missed": 0}},
        ],
    }
}
STREAM: Final = (
    "retry: 2310\n\n"
    "id: 7\nevent: snapshot\n"
    'data: {"computed_at":"2026-01-19T16:30:01Z","readiness":78.24,"refresh_pending":false,'
    '"revision":7,"trend_7d":2.1}\n\n'
    'id: 8\nevent: dashboard\ndata: {"revision":8}\n\n'
)
