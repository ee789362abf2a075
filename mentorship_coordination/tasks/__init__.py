"""One module per subject; Celery finds the tasks through these imports."""

from mentorship_coordination.tasks import absences, flags, handover, matching, notifications, queue, sessions

__all__ = ["absences", "flags", "handover", "matching", "notifications", "queue", "sessions"]
