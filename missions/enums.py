from django.db.models import TextChoices


class SubmissionState(TextChoices):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"


class Decision(TextChoices):
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"


#: States from which a student may hand in (again).
OPEN_TO_SUBMIT = (SubmissionState.DRAFT, SubmissionState.SUBMITTED, SubmissionState.CHANGES_REQUESTED)
