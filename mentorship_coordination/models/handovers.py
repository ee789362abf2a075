"""A mentor who goes, and what becomes of all that she holds. Source: product.md §6."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.identifiers import new_id
from mentorship_coordination.enums import OPEN_HANDOVERS, HandoverState


class MentorHandover(models.Model):
    """One leaving. `plan` is what was shown before, `result` what happened to each mentee, both by assignment id.

    `ends_mentoring` and `ends_account` are the flags that fall at the very end.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=HandoverState, default=HandoverState.REQUESTED)
    reason = models.CharField(max_length=300)
    ends_mentoring = models.BooleanField(default=True)
    ends_account = models.BooleanField(default=False)
    plan = models.JSONField(default=dict)
    result = models.JSONField(default=dict)
    refusal = models.CharField(max_length=300, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["mentor"], condition=Q(state__in=OPEN_HANDOVERS), name="one_open_handover_a_mentor"
            ),
        )
        indexes = (
            models.Index(
                fields=["created_at"], condition=Q(state__in=("requested", "running")), name="handovers_to_do"
            ),
        )

    def __str__(self) -> str:
        return f"{self.mentor_id} leaves: {self.state}"
