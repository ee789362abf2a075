"""What is sent and answered about runs of the matching."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django.core.exceptions import ValidationError as ModelValidationError
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from mentorship_coordination.actions.match_runs import MOST_WISHES
from mentorship_coordination.enums import MatchRunKind, MatchRunState, ProposalState
from mentorship_coordination.matching.explaining import Change
from mentorship_coordination.matching.policy import MOST_EVENNESS, MOST_FLOOR, MOST_SHORTFALL, MOST_STAY
from mentorship_coordination.matching.reasons import (
    filling_in_words,
    left_out_in_words,
    pair_in_words,
    parts_in_words,
    proof_in_words,
)
from mentorship_coordination.matching.weights import MEANINGS, MOST_POINTS
from mentorship_coordination.matching.words import WORDS
from mentorship_coordination.models.matching import MatchFilling, MatchProposal, MatchRun, MatchWeights
from users.availability import AvailabilityError, validate_availability
from users.models import validate_zone

MOST_CHANGES = 200
MOST_PLACES = 1000
MOST_NEW = 50


class PolicySerializer(serializers.Serializer[Any]):
    evenness = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST_EVENNESS, help_text="Points that a full mentor's last place costs."
    )
    floor = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST_FLOOR, help_text="Points below which a pair is to be avoided."
    )
    shortfall = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=MOST_SHORTFALL,
        help_text="How many times more a point under it counts.",
    )
    stay = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=MOST_STAY,
        help_text="Matching anew: points that staying brings; null: staying comes before all score.",
    )


class MatchRunInputSerializer(serializers.Serializer[Any]):
    cohort = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="Null: all of yours.")
    kind = serializers.ChoiceField(
        choices=[each for each in MatchRunKind.choices if each[0] != MatchRunKind.WHAT_IF],
        default=MatchRunKind.MATCH,
        help_text="`match`: who waits. `rematch`: pairs that cannot go on, with the fewest moves.",
    )
    policy = PolicySerializer(required=False, default=dict)


class WishSerializer(serializers.Serializer[Any]):
    mentor = serializers.UUIDField()
    mentee = serializers.UUIDField()

    def to_internal_value(self, data: Any) -> dict[str, str]:
        return {name: str(value) for name, value in super().to_internal_value(data).items()}


class AdjustmentsSerializer(serializers.Serializer[Any]):
    pinned = WishSerializer(many=True, default=list, help_text=f"Pairs to be in it; at most {MOST_WISHES} in all.")
    unwanted = WishSerializer(many=True, default=list, help_text="Pairs not to be in it.")


class NewMentorSerializer(serializers.Serializer[Any]):
    languages = serializers.ListField(child=serializers.CharField(max_length=20), min_length=1, max_length=20)
    specialties = serializers.ListField(child=serializers.CharField(max_length=80), max_length=100)
    timezone = serializers.CharField(max_length=64, help_text="IANA name.")
    availability = serializers.DictField(
        child=serializers.ListField(child=serializers.ListField(child=serializers.CharField(max_length=5))),
        help_text='Local windows of each day: `{"mon": [["09:00", "17:00"]]}`.',
    )
    places = serializers.IntegerField(min_value=1, max_value=MOST_PLACES)

    def validate_availability(self, value: dict[str, Any]) -> dict[str, Any]:
        try:
            return validate_availability(value)
        except AvailabilityError as error:
            raise serializers.ValidationError(error.message) from error

    def validate_timezone(self, value: str) -> str:
        try:
            validate_zone(value)
        except ModelValidationError as error:
            raise serializers.ValidationError(error.messages) from error
        return value


class ChangesSerializer(serializers.Serializer[Any]):
    weights = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=MOST_POINTS), required=False, help_text="By name."
    )
    policy = PolicySerializer(required=False)
    without_mentors = serializers.ListField(child=serializers.UUIDField(), required=False, max_length=MOST_CHANGES)
    places = serializers.DictField(
        child=serializers.IntegerField(min_value=0, max_value=MOST_PLACES),
        required=False,
        help_text="Mentees at once, by the mentor's id.",
    )
    joining = serializers.DictField(
        child=serializers.IntegerField(min_value=1, max_value=MOST_PLACES),
        required=False,
        help_text="How many students more, by the cohort's id; each like one of that cohort.",
    )
    new_mentors = NewMentorSerializer(many=True, required=False, help_text="At most 50.")

    def validate_new_mentors(self, value: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if len(value) > MOST_NEW:
            raise serializers.ValidationError(f"At most {MOST_NEW}.")
        return value

    def validate_places(self, value: dict[str, int]) -> dict[str, int]:
        return {str(_id(key)): limit for key, limit in value.items()}

    def validate_joining(self, value: dict[str, int]) -> dict[str, int]:
        return {str(_id(key)): count for key, count in value.items()}

    def validate_without_mentors(self, value: list[UUID]) -> list[str]:
        return [str(each) for each in value]


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise serializers.ValidationError(f"{text} is no id.") from error


class WhatIfInputSerializer(serializers.Serializer[Any]):
    cohort = serializers.UUIDField(required=False, allow_null=True, default=None, help_text="Null: all of yours.")
    policy = PolicySerializer(required=False, default=dict)
    changes = ChangesSerializer()


class CompareInputSerializer(serializers.Serializer[Any]):
    other = serializers.UUIDField(help_text="The run that this one is held against.")


class MatchWeightsSerializer(serializers.ModelSerializer[MatchWeights]):
    values = serializers.DictField(child=serializers.IntegerField())
    meanings = serializers.SerializerMethodField(help_text="The parts of a score, in words.")

    class Meta:
        model = MatchWeights
        fields = ("version", "values", "note", "meanings", "created_at")
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(child=serializers.CharField()))
    def get_meanings(self, weights: MatchWeights) -> dict[str, str]:
        return dict(MEANINGS)


class CertificateSerializer(serializers.Serializer[Any]):
    objective = serializers.IntegerField(help_text="What the answer is worth, in 1/1024 point.")
    bound = serializers.IntegerField(help_text="No assignment is worth more; equal to `objective`: proved best.")
    is_proved = serializers.BooleanField()
    rounds = serializers.IntegerField()
    match_points = serializers.IntegerField(help_text="What it is worth that a student is matched at all.")


class MatchRunSerializer(serializers.ModelSerializer[MatchRun]):
    cohort = serializers.UUIDField(source="cohort_id", allow_null=True)
    cohort_name = serializers.CharField(source="cohort.name", default=None, allow_null=True)
    kind = serializers.ChoiceField(choices=MatchRunKind.choices)
    state = serializers.ChoiceField(choices=MatchRunState.choices)
    requested_by = serializers.CharField(source="requested_by.name", default=None, allow_null=True)
    weights = MatchWeightsSerializer(allow_null=True)
    options = serializers.DictField(help_text="Scope, policy, changes, pairs wanted and unwanted.")
    progress = serializers.DictField(help_text="While it is solved: `step`, `round`, `gap` in points.")
    summary = serializers.DictField(help_text="Figures, by group, advice, lost pairs; small groups are not shown.")
    certificate = serializers.SerializerMethodField()
    proof = serializers.SerializerMethodField(help_text="The certificate in words.")

    class Meta:
        model = MatchRun
        fields = (
            "id",
            "cohort",
            "cohort_name",
            "kind",
            "state",
            "requested_by",
            "weights",
            "options",
            "progress",
            "failure",
            "summary",
            "certificate",
            "proof",
            "created_at",
            "solved_at",
            "published_at",
            "revision",
        )
        read_only_fields = fields

    @extend_schema_field(CertificateSerializer(allow_null=True))
    def get_certificate(self, run: MatchRun) -> dict[str, Any] | None:
        return run.certificate or None

    def get_proof(self, run: MatchRun) -> str:
        return proof_in_words(run.certificate)


CHANGES: Final = [change.value for change in Change]


class BestChoiceSerializer(serializers.Serializer[Any]):
    mentor = serializers.UUIDField()
    name = serializers.CharField()
    gain = serializers.IntegerField(help_text="Points that she would bring the student more.")
    others_lose = serializers.IntegerField(
        allow_null=True, help_text="What it would cost the others at least; null: somebody would have no mentor."
    )


class ChangeSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=CHANGES)
    mentor = serializers.UUIDField(required=False)
    name = serializers.CharField(required=False)
    minutes = serializers.IntegerField(required=False, help_text="Missing shared time in the worst week.")
    mentors = serializers.IntegerField(help_text="Mentors with whom the same change would do.")


class PairExplanationSerializer(serializers.Serializer[Any]):
    rank = serializers.IntegerField(required=False, help_text="Among the mentors with places whom no rule forbids.")
    choices = serializers.IntegerField(required=False)
    best = BestChoiceSerializer(required=False)
    pinned = serializers.BooleanField(required=False)
    stays = serializers.BooleanField(required=False)
    change = ChangeSerializer(required=False, help_text="Of an unmatched student: the least that would have to change.")


class MatchProposalSerializer(serializers.ModelSerializer[MatchProposal]):
    enrolment = serializers.UUIDField(source="enrolment_id")
    cohort = serializers.UUIDField(source="cohort_id")
    mentee = serializers.UUIDField(source="mentee_id")
    mentee_name = serializers.CharField(source="mentee.name")
    mentor = serializers.UUIDField(source="mentor_id", allow_null=True)
    mentor_name = serializers.CharField(source="mentor.name", default=None, allow_null=True)
    former_mentor_name = serializers.CharField(source="former_mentor.name", default=None, allow_null=True)
    state = serializers.ChoiceField(choices=ProposalState.choices)
    parts = serializers.DictField(child=serializers.IntegerField(), help_text="They sum to the score.")
    blocked = serializers.DictField(child=serializers.IntegerField(), help_text="Mentors per first blocking rule.")
    explanation = PairExplanationSerializer()
    why = serializers.SerializerMethodField(help_text="The explanation in words.")

    class Meta:
        model = MatchProposal
        fields = (
            "enrolment",
            "cohort",
            "mentee",
            "mentee_name",
            "mentor",
            "mentor_name",
            "former_mentor_name",
            "state",
            "score",
            "parts",
            "blocked",
            "explanation",
            "why",
            "lost_reason",
        )
        read_only_fields = fields

    def get_why(self, proposal: MatchProposal) -> str:
        if proposal.lost_reason:
            return f"Lost: {WORDS.get(proposal.lost_reason, proposal.lost_reason)}."
        if proposal.mentor_id is None:
            return left_out_in_words(proposal.blocked, proposal.explanation)
        return f"{pair_in_words(proposal.explanation)} {parts_in_words(proposal.parts)}".strip()


class MatchFillingSerializer(serializers.ModelSerializer[MatchFilling]):
    mentor = serializers.UUIDField(source="mentor_id")
    mentor_name = serializers.CharField(source="mentor.name")
    blocked = serializers.DictField(child=serializers.IntegerField(), help_text="Students per first blocking rule.")
    why = serializers.SerializerMethodField()

    class Meta:
        model = MatchFilling
        fields = ("mentor", "mentor_name", "load", "places", "taken", "blocked", "elsewhere", "price", "why")
        read_only_fields = fields
        extra_kwargs = {"price": {"help_text": "Worth of one more place, in 1/1024 point: part of the certificate."}}

    def get_why(self, filling: MatchFilling) -> str:
        return filling_in_words(filling.places, filling.taken, filling.blocked, filling.elsewhere)


class ChangedStudentSerializer(serializers.Serializer[Any]):
    enrolment = serializers.UUIDField()
    mentee = serializers.CharField()
    kind = serializers.CharField()
    before = serializers.CharField(allow_null=True)
    after = serializers.CharField(allow_null=True)


class ComparisonSerializer(serializers.Serializer[Any]):
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Students by what became of them.")
    changed = ChangedStudentSerializer(many=True, help_text="The first 200 for whom something differs.")
    before = serializers.DictField(help_text="The other run's figures.")
    after = serializers.DictField(help_text="This run's figures.")
