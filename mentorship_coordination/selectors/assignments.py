"""Pairs as those see them who answer for them. Source: product.md §6."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from core.errors import NotVisible
from mentorship_coordination.models.assignments import MenteeMentorAssignment
from users.selectors import name_of


def list_assignments_of_cohorts(cohort_ids: list[UUID]) -> QuerySet[MenteeMentorAssignment]:
    """All spells of the cohorts' pairs, with the names of both and the history of each."""
    return MenteeMentorAssignment.objects.filter(cohort__in=cohort_ids).annotate(
        mentor_name=name_of("mentor_id"), mentee_name=name_of("mentee_id")
    )


def get_assignment(pairs: QuerySet[MenteeMentorAssignment], assignment_id: UUID) -> MenteeMentorAssignment:
    """One of `pairs`. Raises NotVisible."""
    pair = pairs.filter(pk=assignment_id).first()
    if pair is None:
        raise NotVisible
    return pair
