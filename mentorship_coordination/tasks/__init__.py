"""One module per subject; Celery finds the tasks through these imports."""

from mentorship_coordination.tasks import matching, notifications, queue, sessions

__all__ = ["matching", "notifications", "queue", "sessions"]
