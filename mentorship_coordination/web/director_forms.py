"""What the director's pages accept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from core.forms import Form
from mentorship_coordination.actions.work_moves import LONGEST_REASON, MOST_ITEMS
from mentorship_coordination.selectors.mentor_loads import MentorLoad
from mentorship_coordination.selectors.period_reports import EARLIEST, LATEST, MOST_DAYS
from mentorship_coordination.web.forms import ALL, QueueFilterForm


class WorkFilterForm(Form):
    status = forms.ChoiceField(
        required=False,
        label="Which",
        choices=[
            ("", "Everything open"),
            ("overdue", "Overdue"),
            ("unassigned", "Nobody’s"),
            ("in_progress", "Taken"),
            ("pending", "Waiting"),
        ],
    )
    type = forms.ChoiceField(required=False, label="Kind", choices=QueueFilterForm.base_fields["type"].choices)  # type: ignore[attr-defined]
    mentor = forms.ChoiceField(required=False)
    mentee = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, mentors: Sequence[MentorLoad], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [ALL, *((str(each.id), each.name) for each in mentors)]
        self.fields["mentor"].choices = choices  # type: ignore[attr-defined]


class UUIDsField(forms.Field):
    """Many ids of one name."""

    widget = forms.MultipleHiddenInput

    def to_python(self, value: Any) -> list[UUID]:
        try:
            return [UUID(each) for each in value or ()]
        except ValueError as error:
            raise ValidationError("This is no id.", code="invalid") from error

    def validate(self, value: list[UUID]) -> None:
        if not 1 <= len(value) <= MOST_ITEMS:
            raise ValidationError(f"Choose 1 to {MOST_ITEMS}.", code="count")


class WorkMoveForm(Form):
    items = UUIDsField()
    mentor = forms.UUIDField()
    reason = forms.CharField(required=False, max_length=LONGEST_REASON)

    def __init__(self, data: QueryDict | None = None) -> None:
        super().__init__(data)


class TransferForm(Form):
    mentor = forms.UUIDField()


class PeriodForm(Form):
    """Days in the director's zone, the last one included."""

    first = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="To", widget=forms.DateInput(attrs={"type": "date"}))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("first"), given.get("last")
        if first and last and not EARLIEST < first <= last < LATEST:
            raise ValidationError("Ask for days that were, the first one first.", code="period")
        if first and last and not timedelta() <= last - first < timedelta(days=MOST_DAYS):
            raise ValidationError(f"Ask for at most {MOST_DAYS} days.", code="period")
        return given
