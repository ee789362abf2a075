"""What the pages about sessions accept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest

from core.forms import Form
from mentorship_coordination.actions.session_disputes import LONGEST_REASON, OUTCOMES
from mentorship_coordination.actions.session_notes import LONGEST_ITEM, LONGEST_NOTE, WantedItem


class InstantValueField(forms.Field):
    """An instant as the page itself wrote it, with its offset."""

    widget = forms.HiddenInput
    default_error_messages = {"invalid": "Choose one of the free times.", "required": "Choose one of the free times."}

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            instant = datetime.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if instant.utcoffset() is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return instant


class SlotForm(Form):
    title = forms.CharField(max_length=160, label="What about")
    start = InstantValueField()


#: Action items that the page offers at once; more may be added afterwards.
ITEMS = 3
KEEP = ("", "As the mentor said")


class NotesForm(Form):
    """`owners`: (id, name) of whoever may have something to do; the first one usually has."""

    notes = forms.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        label="For both of you",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    private_notes = forms.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        label="For you alone",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, owners: Sequence[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(str(pk), name) for pk, name in owners]
        for nth in range(1, ITEMS + 1):
            self.fields[f"item_{nth}"] = forms.CharField(
                required=False, max_length=LONGEST_ITEM, label=f"To be done, {nth}"
            )
            self.fields[f"owner_{nth}"] = forms.ChoiceField(required=False, choices=choices, label=f"By whom, {nth}")
            self.fields[f"due_{nth}"] = forms.DateField(
                required=False, label=f"Until, {nth}", widget=forms.DateInput(attrs={"type": "date"})
            )

    def items(self) -> list[WantedItem]:
        given = self.cleaned_data
        return [
            WantedItem(
                given[f"item_{nth}"],
                UUID(given[f"owner_{nth}"]) if given[f"owner_{nth}"] else None,
                given[f"due_{nth}"],
            )
            for nth in range(1, ITEMS + 1)
            if given[f"item_{nth}"]
        ]


class AttendanceForm(Form):
    """Who came."""

    came = forms.MultipleChoiceField(required=False)

    def __init__(self, *args: Any, mentees: Sequence[UUID], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._mentees = mentees
        self.fields["came"].choices = [(str(each), "") for each in mentees]  # type: ignore[attr-defined]

    def absent(self) -> list[UUID]:
        return [each for each in self._mentees if str(each) not in self.cleaned_data["came"]]


class GoalDayForm(Form):
    due_date = forms.DateField(required=False)


class SettlementForm(Form):
    status = forms.ChoiceField(required=False, choices=[KEEP, *((each.value, each.label) for each in OUTCOMES)])
    answer = forms.CharField(required=False, max_length=LONGEST_REASON)


#: What the page says of attendance, and what it means; None leaves what was said.
ATTENDED = {"": None, "came": True, "did_not": False}


class AttendanceSettlementForm(Form):
    attended = forms.ChoiceField(required=False, choices=[KEEP, ("came", "Was there"), ("did_not", "Was not there")])
    answer = forms.CharField(required=False, max_length=LONGEST_REASON)


class ReasonForm(Form):
    reason = forms.CharField(required=False, max_length=300)


def reason_of(request: HttpRequest) -> str:
    """Why something is called off, declined or disputed; may be empty. Raises BadRequest for what no page sends."""
    form = ReasonForm(request.POST)
    if not form.is_valid():
        raise BadRequest("Words that this page did not send.")
    reason: str = form.cleaned_data["reason"]
    return reason
