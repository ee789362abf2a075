"""What the pages accept. The actions decide; the forms turn text into values and say where it fails."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from core.enums import Rank
from core.forms import Form
from mentorship_coordination.enums import FlagCategory, SessionType, Severity, WorkType
from mentorship_coordination.selectors.queue import PUT_OFF
from missions.handed_in import LONGEST_TEXT

ALL = ("", "All")
SESSION_WORDS = {
    SessionType.ONE_ON_ONE: "One on one",
    SessionType.GOAL_REVIEW: "Goal review",
    SessionType.CAPSTONE_REVIEW: "Capstone review",
}


class QueueFilterForm(Form):
    type = forms.ChoiceField(
        required=False,
        label="Kind",
        choices=[
            ALL,
            (WorkType.MISSION_REVIEW, "Mission reviews"),
            (WorkType.SESSION_NOTES, "Session notes"),
            (WorkType.GOAL_FEEDBACK, "Goal feedback"),
            (WorkType.RISK_FLAG, "Risk"),
        ],
        widget=forms.Select(attrs={"data-filter": ""}),
    )
    status = forms.ChoiceField(
        required=False,
        choices=[
            ("", "Everything open"),
            ("overdue", "Overdue"),
            ("in_progress", "Taken"),
            ("pending", "Waiting"),
            (PUT_OFF, "Put off"),
        ],
    )
    priority = forms.ChoiceField(
        required=False, choices=[ALL, *((rank.label, rank.label.capitalize()) for rank in Rank)]
    )
    rows = forms.IntegerField(required=False, min_value=1, max_value=500)


class SessionForm(Form):
    title = forms.CharField(max_length=160, label="What about")
    start_time = forms.DateTimeField(
        label="When",
        help_text="In your time zone.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    duration_minutes = forms.IntegerField(
        label="Minutes", initial=45, min_value=15, max_value=240, help_text="15 to 240"
    )
    type = forms.ChoiceField(choices=list(SESSION_WORDS.items()), label="Kind")


class FlagForm(Form):
    severity = forms.TypedChoiceField(
        choices=[(each.value, each.label.capitalize()) for each in Severity],
        coerce=lambda value: Severity(int(value)),
        initial=Severity.MEDIUM.value,
    )
    category = forms.ChoiceField(
        choices=[(each.value, each.label) for each in FlagCategory], initial=FlagCategory.OTHER
    )
    reason = forms.CharField(
        max_length=5000,
        label="What worries you",
        help_text="Never shown to the student.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        given = [each for each in data or [] if each]
        return [super(ManyFilesField, self).clean(each, initial) for each in given]


class HandInForm(Form):
    text = forms.CharField(
        required=False,
        strip=False,
        label="Your answer",
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    links = forms.CharField(
        required=False, label="Links", help_text="One to a line.", widget=forms.Textarea(attrs={"rows": 2})
    )
    files = ManyFilesField(  # type: ignore[assignment]  # in the class only
        required=False,
        allow_empty_file=True,
        label="Files",
        widget=ManyFilesInput,
        help_text=f"Up to {settings.UPLOAD_MAX_FILES}, each of {settings.UPLOAD_MAX_BYTES // 1024**2} MB at most.",
    )

    def clean_links(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["links"].splitlines() if line.strip()]
