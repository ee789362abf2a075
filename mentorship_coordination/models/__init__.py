from mentorship_coordination.models import (
    assignments,
    capacity,
    decisions,
    flags,
    handovers,
    matching,
    notifications,
    queue,
    sessions,
)

__all__ = [
    "assignments",
    "capacity",
    "decisions",
    "flags",
    "handovers",
    "matching",
    "notifications",
    "queue",
    "sessions",
]
