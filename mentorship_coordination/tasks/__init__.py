"""One module per subject; Celery finds the tasks through these imports."""

from mentorship_coordination.tasks import absences, handover, matching, notifications, queue, sessions

__all__ = ["absences", "handover", "matching", "notifications", "queue", "sessions"]
