ITEM = {
    "id": "0199f3a2-5c1e-7b44-9d0e-3f1b6a7c8d90",
    "type": "mission_review",
    "priority": "urgent",
    "base_priority": "high",
    "status": "overdue",
    "title": "Review: Triage a suspicious host",
    "description": "Mina Okafor has handed in “Triage a suspicious host”.",
    "mentee": "0199f3a2-0a11-7c02-8e55-64d5a1b2c3d4",
    "mentee_name": "Mina Okafor",
    "reference_id": "0199f3a2-5b00-7a31-a1f4-90c1d2e3f405",
    "reference_version": 1,
    "reference_url": "/api/v1/mentor/missions/0199f3a2-5b00-7a31-a1f4-90c1d2e3f405",
    "cycle": 1,
    "sla_hours": 48.0,
    "sla_remaining": -1800,
    "is_paused": False,
    "due_at": "2026-03-04T09:00:00Z",
    "breached_at": "2026-03-04T09:00:00Z",
    "lease_until": None,
    "snoozed_until": None,
    "outcome": "",
    "completed_at": None,
    "created_at": "2026-03-02T09:00:00Z",
    "revision": 4,
    "why": ["Urgent: its time has run out.", "Priority high by its type."],
}
CLAIMED = (
    ITEM
    | {"status": "in_progress", "priority": "high", "sla_remaining": 86400}
    | {
        "lease_until": "2026-03-03T09:30:00Z",
        "breached_at": None,
        "revision": 2,
        "why": ["Priority high by its type."],
    }
)
RELEASED = CLAIMED | {"status": "pending", "lease_until": None, "revision": 3}
SNOOZED = RELEASED | {"snoozed_until": "2026-03-03T15:00:00Z"}
PAUSED = RELEASED | {
    "is_paused": True,
    "due_at": None,
    "revision": 4,
    "why": ["Last: its clock is paused.", "Priority high by its type."],
}
RESUMED = RELEASED | {"due_at": "2026-03-04T15:30:00Z", "revision": 5}
COMPLETED = ITEM | {
    "type": "session_notes",
    "title": "Notes: Weekly session",
    "description": "",
    "reference_url": "/api/v1/mentor/sessions/0199f3a2-5b00-7a31-a1f4-90c1d2e3f405",
    "priority": "normal",
    "base_priority": "normal",
    "status": "completed",
    "sla_hours": 24.0,
    "sla_remaining": 43200,
    "breached_at": None,
    "outcome": "done",
    "completed_at": "2026-03-03T21:00:00Z",
    "why": ["Priority normal by its type."],
}
SLA = {
    "id": ITEM["id"],
    "calendar": "Office hours New York",
    "timezone": "America/New_York",
    "started_at": "2026-01-09T21:30:00Z",
    "budget_seconds": 3600,
    "spans": [
        {
            "start": "2026-01-09T21:30:00Z",
            "end": "2026-01-09T22:00:00Z",
            "seconds": 1800.0,
            "counts": True,
            "reason": "open",
        },
        {
            "start": "2026-01-09T22:00:00Z",
            "end": "2026-01-12T14:00:00Z",
            "seconds": 230400.0,
            "counts": False,
            "reason": "closed",
        },
        {
            "start": "2026-01-12T14:00:00Z",
            "end": "2026-01-12T14:30:00Z",
            "seconds": 1800.0,
            "counts": True,
            "reason": "open",
        },
    ],
    "pauses": [],
    "counted_seconds": 3600,
    "elapsed_seconds": 1800,
    "remaining_seconds": 1800,
    "is_paused": False,
    "warn_75_at": "2026-01-12T14:15:00Z",
    "warn_90_at": "2026-01-12T14:24:00Z",
    "due_at": "2026-01-12T14:30:00Z",
    "breached_at": None,
}
