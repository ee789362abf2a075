"""What the review page and the page of phrases accept. The actions decide; here text becomes values."""

from __future__ import annotations

from typing import Any

from django import forms

from core.forms import Form
from mentorship_coordination.actions.snippets import LONGEST_TITLE
from missions.enums import Decision
from missions.judgement import HIGHEST_SCORE, LONGEST_FEEDBACK
from missions.models import Mission
from missions.rubric import Criterion, criteria_of, weighted_score

DECISION_WORDS = {
    Decision.APPROVED: "Approve",
    Decision.CHANGES_REQUESTED: "Ask for changes",
    Decision.REJECTED: "Reject",
}


class ReviewForm(Form):
    """With a field for each criterion of the mission; all of them given, the score may be left to them."""

    decision = forms.ChoiceField(label="Decision", choices=list(DECISION_WORDS.items()), widget=forms.RadioSelect)
    score = forms.IntegerField(min_value=0, max_value=HIGHEST_SCORE, label="Score", help_text="0 to 100")
    competencies = forms.MultipleChoiceField(
        required=False, label="Shown competencies", widget=forms.CheckboxSelectMultiple
    )
    feedback = forms.CharField(
        required=False,
        label="Feedback to the student",
        max_length=LONGEST_FEEDBACK,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Needed unless you approve.",
    )
    keep_as = forms.CharField(
        required=False,
        label="Keep it as a phrase named",
        max_length=LONGEST_TITLE,
        help_text="Empty: it is not kept.",
    )
    version = forms.IntegerField(min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: Any, mission: Mission, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.mission = mission
        self.criteria = dict(_named(criteria_of(mission.rubric)))
        self.fields["competencies"].choices = [(each, each) for each in mission.competencies]  # type: ignore[attr-defined]
        if not mission.competencies:
            del self.fields["competencies"]
        if self.criteria:
            self.fields["score"].required = False
            self.fields["score"].help_text = "0 to 100; empty: what the criteria come to"
        for name, criterion in self.criteria.items():
            self.fields[name] = _criterion_field(criterion)
        self.order_fields(["decision", *self.criteria, "score"])

    def rubric_scores(self) -> dict[str, int]:
        given = self.cleaned_data
        return {each.words: given[name] for name, each in self.criteria.items() if given.get(name) is not None}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("keep_as") and not given.get("feedback", "").strip():
            self.add_error("keep_as", "There is no feedback to keep.")
        if given.get("score") is None and "score" not in self.errors:
            given["score"] = weighted_score(list(self.criteria.values()), self.rubric_scores())
            if given["score"] is None:
                self.add_error("score", "Give the score, or one for each criterion.")
        return given


def _named(criteria: list[Criterion]) -> list[tuple[str, Criterion]]:
    return [(f"criterion_{number}", each) for number, each in enumerate(criteria)]


def _criterion_field(criterion: Criterion) -> forms.IntegerField:
    return forms.IntegerField(
        required=False,
        min_value=0,
        max_value=HIGHEST_SCORE,
        label=f"{criterion.words.capitalize()} ({criterion.points})",
        widget=forms.NumberInput(attrs={"data-points": criterion.points}),
    )


class SnippetForm(Form):
    title = forms.CharField(max_length=LONGEST_TITLE, label="Name")
    text = forms.CharField(max_length=LONGEST_FEEDBACK, label="What it says", widget=forms.Textarea(attrs={"rows": 4}))
