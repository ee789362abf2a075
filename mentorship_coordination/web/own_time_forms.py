"""What the page of absences and single dates accepts. The actions decide; here text becomes values."""

from __future__ import annotations

from typing import Any, Final

from django import forms

from core.forms import Form, HoursInput
from mentorship_coordination.actions.own_time import LONGEST_REASON
from mentorship_coordination.web.practice_forms import DayInput

DAY: Final = "day"


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class AbsenceForm(Form):
    starts_at = forms.DateTimeField(label="From", widget=MomentInput, help_text="In your time zone.")
    ends_at = forms.DateTimeField(label="Back at", widget=MomentInput)
    backup = forms.EmailField(
        required=False, label="Who stands in", help_text="The e-mail of a mentor; she gets the work meanwhile."
    )
    reason = forms.CharField(required=False, label="Why", max_length=LONGEST_REASON)


class WindowsField(forms.Field):
    """Spans of one day, as the action takes them: [["09:00", "12:00"], …]."""

    def __init__(self) -> None:
        super().__init__(
            required=False,
            label="Hours on that day",
            help_text="None: no hours at all. Until 00:00 is midnight.",
            widget=HoursInput({DAY: "That day"}),
        )

    def to_python(self, value: Any) -> list[list[str]]:
        spans = (value or {}).get(DAY, [])
        if any(not begins or not ends for begins, ends in spans):
            raise forms.ValidationError("Give both times of a span, or none.")
        return [list(each) for each in spans]


class DateForm(Form):
    date = forms.DateField(label="Which day", widget=DayInput)
    windows = WindowsField()
