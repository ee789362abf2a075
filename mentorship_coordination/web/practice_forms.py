"""What the pages on habits, goals and ratings accept. The actions decide; here text becomes values."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from coaching.actions.goals import LONGEST_TEXT, LONGEST_TITLE
from coaching.actions.habits import LONGEST_NAME
from coaching.enums import Cadence, LogState
from core.forms import Form
from mentorship_coordination.actions.ratings import HIGHEST, LONGEST_COMMENT, LOWEST

#: What the log form says besides the states: the day's log is taken back.
TAKEN_BACK = "taken_back"
STUDENT_PAGE, HABITS_PAGE = "student-page", "habits-page"
RHYTHMS = {Cadence.DAILY: "Every day", Cadence.WEEKLY: "Every week"}


class LogForm(Form):
    """Pressed, never filled in: `page` is where the button was."""

    state = forms.ChoiceField(choices=[(each, each) for each in (*LogState.values, TAKEN_BACK)])
    day = forms.DateField()
    page = forms.ChoiceField(choices=[(each, each) for each in (STUDENT_PAGE, HABITS_PAGE)])


class HabitForm(Form):
    name = forms.CharField(max_length=LONGEST_NAME, label="What do you want to keep up")
    cadence = forms.ChoiceField(choices=list(RHYTHMS.items()), label="How often", initial=Cadence.DAILY)


class RenameForm(Form):
    name = forms.CharField(max_length=LONGEST_NAME, label="Name")


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class GoalForm(Form):
    title = forms.CharField(max_length=LONGEST_TITLE, label="What do you want to have done")
    due_date = forms.DateField(label="By when", help_text="The last day in time.", widget=DayInput)
    description = forms.CharField(
        required=False, max_length=LONGEST_TEXT, label="How you will know", widget=forms.Textarea(attrs={"rows": 2})
    )


class NewGoalForm(GoalForm):
    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["due_date"].widget.attrs["min"] = today.isoformat()


class AnswerForm(Form):
    text = forms.CharField(
        max_length=LONGEST_TEXT, label="What you say about it", widget=forms.Textarea(attrs={"rows": 2})
    )


class RatingForm(Form):
    rating = forms.TypedChoiceField(
        choices=[(each, str(each)) for each in range(LOWEST, HIGHEST + 1)],
        coerce=int,
        label="How useful was it?",
        help_text=f"{LOWEST}: not at all, {HIGHEST}: very much.",
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        required=False,
        max_length=LONGEST_COMMENT,
        label="A word about it",
        widget=forms.Textarea(attrs={"rows": 2}),
    )
