"""What the pages of the matching accept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError

from core.forms import Form
from mentorship_coordination.enums import MatchRunKind, PairWish, ProposalState
from mentorship_coordination.matching.policy import MOST_EVENNESS, MOST_FLOOR, MOST_SHORTFALL, MOST_STAY
from mentorship_coordination.matching.weights import MOST_POINTS, Weights
from mentorship_coordination.matching.what_if import MOST_JOINING
from mentorship_coordination.web.forms import ALL

Choices = Iterable[tuple[UUID, str]]
MOST_PLACES = 1000
WEIGHT_WORDS = {
    "skills": "All skills in common",
    "quarter_hour": "A shared quarter hour",
    "same_cohort": "Knows the cohort",
    "experience": "A student of the track before",
    "waiting_day": "A day of waiting",
}


class PolicyForm(Form):
    evenness = forms.IntegerField(
        required=False, min_value=0, max_value=MOST_EVENNESS, help_text="Points that a full mentor’s last place costs."
    )
    floor = forms.IntegerField(
        required=False, min_value=0, max_value=MOST_FLOOR, help_text="Pairs under so many points are to be avoided …"
    )
    shortfall = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_SHORTFALL,
        help_text="… each point under it counts so many times.",
    )

    def policy(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in PolicyForm.base_fields if self.cleaned_data.get(name)}


class RunForm(PolicyForm):
    scope = forms.ChoiceField(required=False, label="Over")
    kind = forms.ChoiceField(
        label="What",
        choices=[(MatchRunKind.MATCH, "Match who waits"), (MatchRunKind.REMATCH, "Move pairs that cannot go on")],
    )
    stay = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_STAY,
        label="Staying",
        help_text="Points that staying with the present mentor brings; empty: more than any score.",
    )
    field_order = ("scope", "kind")

    def __init__(self, *args: Any, cohorts: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "All my cohorts"), *((str(pk), name) for pk, name in cohorts)]
        self.fields["scope"].choices = choices  # type: ignore[attr-defined]

    def policy(self) -> dict[str, int]:
        stay = self.cleaned_data.get("stay")
        return super().policy() | ({} if stay is None else {"stay": stay})

    def cohort_id(self) -> UUID | None:
        """None for all of the director's."""
        scope = self.cleaned_data["scope"]
        return UUID(scope) if scope else None


class ProposalFilterForm(Form):
    """Cohorts are offered when there is more than one."""

    state = forms.ChoiceField(
        required=False,
        label="Which",
        choices=[
            ALL,
            (ProposalState.PROPOSED, "Proposed"),
            (ProposalState.UNMATCHED, "Without a mentor"),
            (ProposalState.PUBLISHED, "Begun"),
            (ProposalState.LOST, "Lost"),
        ],
    )
    mentor = forms.UUIDField(required=False, widget=forms.HiddenInput)
    under = forms.IntegerField(required=False, min_value=0, label="Score under")
    cohort = forms.ChoiceField(required=False, label="Cohort")
    page = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, cohorts: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [ALL, *((str(pk), name) for pk, name in cohorts)]
        self.fields["cohort"].choices = choices  # type: ignore[attr-defined]
        if len(choices) <= 2:
            self.fields["cohort"].widget = forms.HiddenInput()


class WishForm(Form):
    wish = forms.ChoiceField(choices=PairWish)
    mentor = forms.UUIDField()
    mentee = forms.UUIDField()


class WhatIfForm(PolicyForm):
    """Weights and policy are shown as they are and count when they are changed."""

    leaves = forms.ChoiceField(required=False, label="A mentor leaves")
    other_limit_of = forms.ChoiceField(required=False, label="Another limit for")
    other_limit = forms.IntegerField(
        required=False, min_value=0, max_value=MOST_PLACES, label="Mentees at once", help_text="For that mentor."
    )
    join = forms.ChoiceField(required=False, label="Students join")
    joining = forms.IntegerField(required=False, min_value=1, max_value=MOST_JOINING, label="How many")

    def __init__(self, *args: Any, cohorts: Choices, mentors: Choices, weights: Weights, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        nobody = [("", "Nobody"), *((str(pk), name) for pk, name in mentors)]
        self.fields["leaves"].choices = nobody  # type: ignore[attr-defined]
        self.fields["other_limit_of"].choices = nobody  # type: ignore[attr-defined]
        self.fields["join"].choices = [("", "None"), *((str(pk), name) for pk, name in cohorts)]  # type: ignore[attr-defined]
        self._weights = weights.as_values()
        for name, words in WEIGHT_WORDS.items():
            self.fields[name] = forms.IntegerField(
                required=False, min_value=0, max_value=MOST_POINTS, label=words, initial=self._weights[name]
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("other_limit_of")) != (given.get("other_limit") is not None):
            self.add_error("other_limit", "Choose a mentor, and say how many mentees.")
        if bool(given.get("join")) != bool(given.get("joining")):
            self.add_error("joining", "Choose a cohort, and say how many join.")
        if not self.errors and not self.changes():
            raise ValidationError("Say what would be otherwise.", code="nothing")
        return given

    def changes(self) -> dict[str, Any]:
        """As `request_match_run` takes them; empty when nothing is otherwise."""
        given = self.cleaned_data
        weights = {
            name: given[name]
            for name in WEIGHT_WORDS
            if given.get(name) is not None and given[name] != self._weights[name]
        }
        changes: dict[str, Any] = {
            "weights": weights,
            "policy": self.policy(),
            "without_mentors": [given["leaves"]] if given.get("leaves") else [],
            "places": {given["other_limit_of"]: given["other_limit"]} if given.get("other_limit_of") else {},
            "joining": {given["join"]: given["joining"]} if given.get("join") else {},
        }
        return {name: value for name, value in changes.items() if value}
