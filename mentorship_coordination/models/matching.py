"""Runs of the matching and what each proposed. Source: product.md §10."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.identifiers import new_id
from mentorship_coordination.enums import OPEN_RUNS, MatchRunKind, MatchRunState, ProposalState
from users.models import Cohort, Enrolment


class MatchWeights(models.Model):
    """What the parts of a score are worth from `created_at` on; `values` as in `matching.weights`, never changed."""

    version = models.PositiveIntegerField(unique=True)
    values = models.JSONField(default=dict)
    note = models.CharField(max_length=300, help_text="Why it was changed, in plain words.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-version",)
        verbose_name_plural = "match weights"

    def __str__(self) -> str:
        return f"Version {self.version}"


class MatchRun(models.Model):
    """One solution for one pool: a cohort, or without one all cohorts of the director who asked, or all there are.

    `options` say what was asked for, `summary` holds the figures, `certificate` the proof, `progress` how far it is.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    cohort = models.ForeignKey(Cohort, models.CASCADE, null=True, blank=True, related_name="match_runs")
    kind = models.CharField(max_length=10, choices=MatchRunKind, default=MatchRunKind.MATCH)
    state = models.CharField(max_length=10, choices=MatchRunState, default=MatchRunState.DRAFT)
    method = models.CharField(max_length=40, blank=True)
    weights = models.ForeignKey(MatchWeights, models.PROTECT, null=True, blank=True, related_name="+")
    options = models.JSONField(default=dict)
    summary = models.JSONField(default=dict)
    certificate = models.JSONField(default=dict)
    progress = models.JSONField(default=dict)
    failure = models.CharField(max_length=500, blank=True)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    #: Whoever works on it is taken for dead after this.
    lease_until = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    solved_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    #: Rises by a trigger with every change.
    revision = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=["cohort"],
                condition=Q(state__in=OPEN_RUNS, cohort__isnull=False) & ~Q(kind="what_if"),
                name="one_open_run_per_cohort",
            ),
            models.UniqueConstraint(
                fields=["requested_by"],
                condition=Q(state__in=OPEN_RUNS, cohort__isnull=True) & ~Q(kind="what_if"),
                nulls_distinct=False,
                name="one_open_run_per_director",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.created_at:%Y-%m-%d %H:%M}: {self.state}"


class MatchProposal(models.Model):
    """What a run says of one enrolment: a mentor with the parts of the score, or the counts of what blocked it.

    `explanation`: where the mentor stands among the student's choices, or the least that would have to change.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="proposals", db_index=False)
    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="+")
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="+")
    mentee = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="+")
    #: The mentor she has, in a rematch.
    former_mentor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=ProposalState)
    score = models.IntegerField(null=True)
    parts = models.JSONField(default=dict)
    blocked = models.JSONField(default=dict)
    explanation = models.JSONField(default=dict)
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


class MatchFilling(models.Model):
    """What a run says of one mentor: her places, how many it fills, and what keeps the others from her.

    `price` in units of 1/1024 point: what one more place of hers would be worth, and part of the certificate.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(MatchRun, models.CASCADE, related_name="fillings", db_index=False)
    mentor = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    load = models.PositiveIntegerField()
    places = models.PositiveIntegerField()
    taken = models.PositiveIntegerField()
    blocked = models.JSONField(default=dict)
    elsewhere = models.PositiveIntegerField()
    price = models.BigIntegerField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["run", "mentor"], name="one_filling_per_mentor"),)

    def __str__(self) -> str:
        return f"{self.mentor_id}: {self.taken} of {self.places}"
