"""What the schema shows for flags: the shape of real answers, with made-up people."""

from typing import Any, Final

MENTOR_ID: Final = "019b8f41-6c55-7e9b-b1f0-92d3b8c4e7a5"
MENTEE_ID: Final = "019b8f42-0d18-7a60-8c3e-5b7a19d2f460"
REASON: Final = "Has not answered for a week and missed two missions."

RAISE: Final = {"mentee_id": MENTEE_ID, "reason": REASON, "severity": "high", "category": "engagement"}
FLAG: Final[dict[str, Any]] = {
    "id": "019ba3c1-2d70-7a9e-b5f4-8e61d0c3a927",
    "mentee": MENTEE_ID,
    "mentee_name": "Mina Okafor",
    "mentor": MENTOR_ID,
    "mentor_name": "Tomas Berg",
    "author": MENTOR_ID,
    "reason": REASON,
    "severity": "high",
    "category": "engagement",
    "state": "open",
    "resolved": False,
    "director_notified": False,
    "director_notified_at": None,
    "acknowledged_at": None,
    "resolved_at": None,
    "outcome": "",
    "note": "",
    "history": [
        {
            "kind": "raised",
            "by": MENTOR_ID,
            "severity": "high",
            "text": REASON,
            "created_at": "2026-03-02T10:00:00Z",
        }
    ],
    "created_at": "2026-03-02T10:00:00Z",
    "updated_at": "2026-03-02T10:00:00Z",
    "revision": 1,
}
RAISED: Final = FLAG | {"merged": False}


def _later(kind: str, text: str, created_at: str, **changes: Any) -> dict[str, Any]:
    line = {"kind": kind, "by": MENTOR_ID, "severity": "high", "text": text, "created_at": created_at}
    return FLAG | {"history": [*FLAG["history"], line], "updated_at": created_at, "revision": 2} | changes


ACKNOWLEDGED: Final = _later(
    "acknowledged", "", "2026-03-02T11:00:00Z", state="acknowledged", acknowledged_at="2026-03-02T11:00:00Z"
)
RESOLVED: Final = _later(
    "resolved",
    "We spoke; she was ill.",
    "2026-03-04T09:00:00Z",
    state="resolved",
    resolved=True,
    resolved_at="2026-03-04T09:00:00Z",
    outcome="Back on track",
    note="We spoke; she was ill.",
)
REOPENED: Final = _later("reopened", "Silent again.", "2026-03-12T09:00:00Z")
