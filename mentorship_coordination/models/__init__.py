from mentorship_coordination.models import assignments, flags, matching, notifications, queue, sessions

__all__ = ["assignments", "flags", "matching", "notifications", "queue", "sessions"]
