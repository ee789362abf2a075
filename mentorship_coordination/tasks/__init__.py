"""One module per subject; Celery finds the tasks through these imports."""

from mentorship_coordination.tasks import handover, matching, notifications, queue, sessions

__all__ = ["handover", "matching", "notifications", "queue", "sessions"]
