from django.db.models import IntegerChoices, TextChoices


class Audience(IntegerChoices):
    """As whom a person listens to a stream: each has its own numbering."""

    MENTOR = 1, "mentor"
    STUDENT = 2, "student"
    DIRECTOR = 3, "director"


class StreamEventName(TextChoices):
    SNAPSHOT = "snapshot"
    WORK_QUEUE = "work_queue"
    SESSION = "session"
    RISK_ALERT = "risk_alert"
    CAPACITY = "capacity"
    DASHBOARD = "dashboard"
    MATCH_RUN = "match_run"
    NOTIFICATION = "notification"
    RESET = "reset"


class Rank(IntegerChoices):
    """Priorities and refresh ranks. Smaller is sooner, so that an ascending index is the order of work."""

    URGENT = 0, "urgent"
    HIGH = 1, "high"
    NORMAL = 2, "normal"
    LOW = 3, "low"
