from django.db.models import TextChoices


class EnrolmentState(TextChoices):
    ACTIVE = "active"
    PAUSED = "paused"
    COMPLETED = "completed"
    WITHDRAWN = "withdrawn"


#: While an enrolment lives there is work on it; ends are final.
LIVING_ENROLMENTS = (EnrolmentState.ACTIVE, EnrolmentState.PAUSED)
ENROLMENT_ENDS = (EnrolmentState.COMPLETED, EnrolmentState.WITHDRAWN)


class TokenPurpose(TextChoices):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"  # noqa: S105 - a purpose, not a password
