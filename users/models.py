"""People, how they get in, and what they belong to. Source: product.md §2."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from core.clock import known_zones
from core.erasure import TOMBSTONE_DOMAIN
from core.identifiers import new_id
from core.tenancy.identity import Role
from users.availability import AvailabilityError, validate_availability
from users.enums import EnrolmentState, TokenPurpose


def validate_zone(value: str) -> None:
    if value not in known_zones():
        raise ValidationError("%(value)s is not an IANA time zone.", code="unknown_zone", params={"value": value})


def validate_list_of_text(value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        raise ValidationError("Give a list of words.", code="not_a_list")


def validate_weekly_hours(value: object) -> None:
    try:
        validate_availability(value)
    except AvailabilityError as error:
        raise ValidationError(str(error), code="bad_availability") from error


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A person: mentor, student, director and admin at once if need be.

    There is no password here. The hash lies in `Credential`, which no runtime role can read, so that whoever may see a
    person sees nothing that lets her in. `auth_version` rises when the password changes or access is taken away; every
    session and stream carries the version it was opened with.
    """

    password = None  # type: ignore[assignment]
    last_login = None

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("is admin", default=False)
    is_mentor = models.BooleanField(default=False)
    leaving_at = models.DateTimeField(null=True, blank=True)
    auth_version = models.PositiveIntegerField(default=1, editable=False)

    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    languages = models.JSONField(default=list, blank=True, validators=[validate_list_of_text])
    wanted_skills = models.JSONField(default=list, blank=True, validators=[validate_list_of_text])
    student_availability = models.JSONField(default=dict, blank=True, validators=[validate_weekly_hours])
    mentor_capacity_weekly = models.PositiveSmallIntegerField("sessions a week", default=10)
    mentor_max_mentees = models.PositiveSmallIntegerField("mentees at once", default=20)
    mentor_availability = models.JSONField(default=dict, blank=True, validators=[validate_weekly_hours])
    mentor_specialties = models.JSONField(default=list, blank=True, validators=[validate_list_of_text])
    standing_meeting_url = models.URLField(blank=True)
    preferences = models.JSONField(default=dict, blank=True)

    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    revision = models.PositiveIntegerField(default=1, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    #: Set when the person signs in: the roles found with the session or token.
    roles: frozenset[Role] = frozenset()

    class Meta:
        ordering = ("name", "id")
        constraints = (models.CheckConstraint(condition=models.Q(email=Lower("email")), name="email_is_lower_case"),)
        indexes = (
            models.Index(fields=["id"], condition=models.Q(is_mentor=True, is_active=True), name="active_mentors"),
            # Who answers for a cohort without a director is asked with each flag.
            models.Index(fields=["id"], condition=models.Q(is_staff=True), name="staff_members"),
        )

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)

    @property
    def is_erased(self) -> bool:
        return self.email.endswith(f"@{TOMBSTONE_DOMAIN}")

    def holds(self, role: Role) -> bool:
        """Whether this signed-in person may act as `role`."""
        return self.is_active and (role is Role.PERSON or role in self.roles)

    def get_session_auth_hash(self) -> str:
        return salted_hmac("users.session", f"{self.pk}:{self.auth_version}", algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> Any:
        for secret in settings.SECRET_KEY_FALLBACKS:
            yield salted_hmac(
                "users.session", f"{self.pk}:{self.auth_version}", secret=secret, algorithm="sha256"
            ).hexdigest()

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_active and self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and self.is_staff


class Credential(models.Model):
    """The password hash. Read and written through definer functions alone."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="+")
    password = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"credential of {self.user_id}"


class LoginSession(models.Model):
    """A signed-in browser, keyed by the SHA-256 of its cookie."""

    key_digest = models.BinaryField(max_length=32, unique=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    auth_version = models.PositiveIntegerField(default=0)
    data = models.TextField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"session until {self.expires_at:%Y-%m-%d %H:%M}"


class AccessToken(models.Model):
    """A script's key, shown once at creation and kept as SHA-256."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="access_tokens")
    name = models.CharField(max_length=80)
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class LoginAttempt(models.Model):
    """A failed try, by the digest of what was tried (an address, an account). Kept for the lock-out window only."""

    key_digest = models.BinaryField(max_length=32)
    failed_at = models.DateTimeField()

    class Meta:
        indexes = (models.Index(fields=["key_digest", "failed_at"], name="login_attempts_of_key"),)

    def __str__(self) -> str:
        return f"failed at {self.failed_at:%Y-%m-%d %H:%M:%S}"


class OneTimeToken(models.Model):
    """An invitation or a password reset: one link, one use.

    The secret is made by the task that mails it and kept as SHA-256 alone; until then `digest` is NULL.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    purpose = models.CharField(max_length=20, choices=TokenPurpose)
    digest = models.BinaryField(max_length=32, unique=True, null=True)
    created_at = models.DateTimeField()
    available_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.TextField(blank=True)
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user", "purpose"], condition=models.Q(sent_at__isnull=True), name="one_unsent_token"
            ),
        )
        indexes = (
            models.Index(fields=["available_at"], condition=models.Q(sent_at__isnull=True), name="tokens_to_send"),
        )

    def __str__(self) -> str:
        return f"{self.purpose} of {self.created_at:%Y-%m-%d %H:%M}"


class FeedToken(models.Model):
    """The private address of a person's calendar feed; revocable."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"feed since {self.created_at:%Y-%m-%d}"


class Track(models.Model):
    """A program of study: missions, service levels and calendars hang on it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    skills = models.JSONField(default=list, blank=True, validators=[validate_list_of_text])

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Cohort(models.Model):
    """Students of one track who start together, in one zone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    track = models.ForeignKey(Track, models.PROTECT, related_name="cohorts")
    name = models.CharField(max_length=120, unique=True)
    timezone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    start_date = models.DateField()
    end_date = models.DateField()
    matches_automatically = models.BooleanField(default=True)
    directors: models.ManyToManyField[User, CohortDirector] = models.ManyToManyField(
        User, through="CohortDirector", related_name="directed_cohorts"
    )

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(end_date__gt=models.F("start_date")), name="cohort_ends_after_start"
            ),
        )

    def __str__(self) -> str:
        return self.name


class CohortDirector(models.Model):
    cohort = models.ForeignKey(Cohort, models.CASCADE, related_name="director_links", db_index=False)
    user = models.ForeignKey(User, models.CASCADE, related_name="director_links")

    class Meta:
        constraints = (models.UniqueConstraint(fields=["cohort", "user"], name="director_of_cohort_once"),)

    def __str__(self) -> str:
        return f"{self.user_id} directs {self.cohort_id}"


class Enrolment(models.Model):
    """A student's place in a cohort, with her session budget. One is active at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    student = models.ForeignKey(User, models.PROTECT, related_name="enrolments", db_index=False)
    cohort = models.ForeignKey(Cohort, models.PROTECT, related_name="enrolments")
    state = models.CharField(max_length=12, choices=EnrolmentState, default=EnrolmentState.ACTIVE)
    max_sessions = models.PositiveSmallIntegerField(default=12)
    enrolled_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("enrolled_at", "id")
        constraints = (
            models.UniqueConstraint(fields=["student", "cohort"], name="enrolled_in_cohort_once"),
            models.UniqueConstraint(
                fields=["student"], condition=models.Q(state="active"), name="one_active_enrolment"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["active", "paused"], ended_at__isnull=True)
                | models.Q(state__in=["completed", "withdrawn"], ended_at__isnull=False),
                name="enrolment_end_matches_state",
            ),
        )

    def __str__(self) -> str:
        return f"{self.student_id} in {self.cohort_id}"
