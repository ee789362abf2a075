from mentorship_coordination.models import (
    assignments,
    capacity,
    flags,
    handovers,
    matching,
    notifications,
    queue,
    sessions,
)

__all__ = ["assignments", "capacity", "flags", "handovers", "matching", "notifications", "queue", "sessions"]
