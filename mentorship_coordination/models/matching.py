"""Runs of the matching and what each proposed. Source: product.md §10."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.identifiers import new_id
from mentorship_coordination.enums import MatchRunState, ProposalState
from users.models import Cohort, Enrolment


class MatchRun(models.Model):
    """One solution for one pool (a cohort, or all). `summary` holds the figures, `options` what they were made with."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    cohort = models.ForeignKey(Cohort, models.CASCADE, null=True, blank=True, related_name="match_runs")
    state = models.CharField(max_length=10, choices=MatchRunState, default=MatchRunState.DRAFT)
    method = models.CharField(max_length=40)
    options = models.JSONField(default=dict)
    summary = models.JSONField(default=dict)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["cohort"], condition=Q(state="draft"), nulls_distinct=False, name="one_draft_per_scope"
            ),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.created_at:%Y-%m-%d %H:%M}: {self.state}"


class MatchProposal(models.Model):
    """What a run says of one enrolment: a mentor with the parts of the score, or the counts of what blocked it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="proposals")
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="+")
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="+")
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    state = models.CharField(max_length=10, choices=ProposalState)
    score = models.IntegerField(null=True)
    parts = models.JSONField(default=dict)
    blocked = models.JSONField(default=dict)
    lost_reason = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["run", "enrolment"], name="one_proposal_per_enrolment"),
            models.CheckConstraint(
                condition=Q(state="unmatched", mentor__isnull=True) | ~Q(state="unmatched") & Q(mentor__isnull=False),
                name="unmatched_has_no_mentor",
            ),
        )

    def __str__(self) -> str:
        return f"{self.mentee_id}: {self.state}"
