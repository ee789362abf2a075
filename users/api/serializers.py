"""What comes in and what goes out, apart. Rules of the product are checked by the actions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.instants import InstantField
from core.tenancy.identity import Role
from users.models import AccessToken, User
from users.profile_fields import LONGEST_NAME, LONGEST_URL, MOST_SESSIONS_A_WEEK

LONGEST_PASSWORD = 1000
ROLES = (Role.STUDENT, Role.MENTOR, Role.DIRECTOR, Role.ADMIN)


class AvailabilityField(serializers.DictField):
    """`{"mon": [["09:00", "17:00"]]}`: local windows of each day, half-open, "24:00" for the day's end."""

    def __init__(self, **kwargs: Any) -> None:
        window = serializers.ListField(child=serializers.CharField(max_length=5), min_length=2, max_length=2)
        super().__init__(child=serializers.ListField(child=window), **kwargs)


class LoginInput(serializers.Serializer[Any]):
    email = serializers.EmailField()
    password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False, write_only=True)


class PasswordChangeInput(serializers.Serializer[Any]):
    current_password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)
    new_password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)


class PasswordResetInput(serializers.Serializer[Any]):
    email = serializers.EmailField()


class OneTimePasswordInput(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=200, help_text="The secret at the end of the mailed link.")
    password = serializers.CharField(max_length=LONGEST_PASSWORD, trim_whitespace=False)


class AccessTokenInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    expires_at = InstantField(required=False, allow_null=True, default=None)


class AccessTokenOutput(serializers.ModelSerializer[AccessToken]):
    class Meta:
        model = AccessToken
        fields = ("id", "name", "created_at", "expires_at")
        read_only_fields = fields


class NewAccessTokenOutput(AccessTokenOutput):
    token = serializers.CharField(
        read_only=True,
        allow_null=True,
        help_text="The secret, in this answer alone; null in the answer to a retry with the same key.",
    )

    class Meta:
        model = AccessToken
        fields = ("id", "name", "created_at", "expires_at", "token")
        read_only_fields = fields


class ProfileOutput(serializers.ModelSerializer[User]):
    standing_meeting_url = serializers.CharField(read_only=True, help_text="An https address, or empty.")
    roles = serializers.SerializerMethodField(help_text="As whom the person may act.")
    student_availability = AvailabilityField(read_only=True)
    mentor_availability = AvailabilityField(read_only=True)
    languages = serializers.ListField(child=serializers.CharField(), read_only=True)
    wanted_skills = serializers.ListField(child=serializers.CharField(), read_only=True)
    mentor_specialties = serializers.ListField(child=serializers.CharField(), read_only=True)
    preferences = serializers.DictField(child=serializers.JSONField(), read_only=True)

    class Meta:
        model = User
        fields = (
            "id",
            "email",
            "name",
            "roles",
            "timezone",
            "languages",
            "wanted_skills",
            "student_availability",
            "mentor_availability",
            "mentor_specialties",
            "mentor_capacity_weekly",
            "mentor_max_mentees",
            "standing_meeting_url",
            "preferences",
            "created_at",
            "updated_at",
            "revision",
        )
        read_only_fields = fields

    @extend_schema_field(
        serializers.ListField(child=serializers.ChoiceField([(role.value, role.value) for role in ROLES]))
    )
    def get_roles(self, person: User) -> list[str]:
        return [role.value for role in ROLES if role in person.roles]


class ProfileInput(serializers.Serializer[Any]):
    """Fields that are not here (e-mail, roles, limits) are not the person's to change, and are ignored."""

    name = serializers.CharField(required=False, max_length=LONGEST_NAME)
    timezone = serializers.CharField(required=False, max_length=64, help_text="IANA name.")
    languages = serializers.ListField(
        child=serializers.CharField(max_length=8), required=False, help_text="ISO 639-1 codes."
    )
    wanted_skills = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, help_text="Slugs."
    )
    student_availability = AvailabilityField(required=False)
    mentor_availability = AvailabilityField(required=False)
    mentor_specialties = serializers.ListField(
        child=serializers.CharField(max_length=60), required=False, help_text="Slugs."
    )
    mentor_capacity_weekly = serializers.IntegerField(
        required=False, min_value=0, max_value=MOST_SESSIONS_A_WEEK, help_text="Sessions a week."
    )
    standing_meeting_url = serializers.CharField(
        required=False, allow_blank=True, max_length=LONGEST_URL, help_text="An https address, or empty."
    )
    preferences = serializers.DictField(
        child=serializers.JSONField(), required=False, help_text="Replaces the whole object."
    )


def new_token_answer(token: AccessToken, secret: str) -> Mapping[str, Any]:
    return {**AccessTokenOutput(token).data, "token": secret}
