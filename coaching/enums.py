"""Rhythms and states of habits and goals. Source: product.md §9."""

from django.db.models import TextChoices


class Cadence(TextChoices):
    """How often a habit is due: every local day, or once in every ISO week."""

    DAILY = "daily"
    WEEKLY = "weekly"


class LogState(TextChoices):
    DONE = "done"
    SKIPPED = "skipped"


class GoalState(TextChoices):
    OPEN = "open"
    COMPLETED = "completed"
    ABANDONED = "abandoned"
