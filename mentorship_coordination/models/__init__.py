from mentorship_coordination.models import assignments, flags, handovers, matching, notifications, queue, sessions

__all__ = ["assignments", "flags", "handovers", "matching", "notifications", "queue", "sessions"]
