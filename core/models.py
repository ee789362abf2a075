"""Tables of the kernel: the numbered stream, kept answers of retried requests, who changed what, signs of life."""

from django.conf import settings
from django.db import models

from core.enums import Audience, StreamEventName
from core.fields import CurrentTransaction, TransactionIdField


class StreamCounter(models.Model):
    """The last number of one stream. Its row lock is what keeps commits of one recipient in order."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    audience = models.SmallIntegerField(choices=Audience)
    last_number = models.BigIntegerField(default=0)
    pruned_to = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["recipient", "audience"], name="one_counter_per_stream"),
            models.CheckConstraint(condition=models.Q(pruned_to__lte=models.F("last_number")), name="pruned_within"),
        )

    def __str__(self) -> str:
        return f"{self.recipient_id}/{self.get_audience_display()} at {self.last_number}"


class StreamEvent(models.Model):
    """One change as one recipient hears of it. `number` counts per stream without holes (architecture.md §10)."""

    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    audience = models.SmallIntegerField(choices=Audience)
    number = models.BigIntegerField()
    event = models.CharField(max_length=20, choices=StreamEventName)
    data = models.TextField(help_text="Compact JSON, sent as it is.")
    created_at = models.DateTimeField()
    #: The transaction that wrote it: what is visible now and was not before is found by this.
    written_in = TransactionIdField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["recipient", "audience", "number"], name="stream_number_once"),)
        indexes = (
            models.Index(fields=["created_at"], name="stream_event_age"),
            models.Index(fields=["written_in"], name="stream_event_news"),
        )

    def __str__(self) -> str:
        return f"{self.event} {self.number}"


class IdempotencyKey(models.Model):
    """The stored answer of a creating POST, kept in the transaction of what it created."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=200)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=300)
    body_digest = models.BinaryField(max_length=32)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["person", "key"], name="idempotency_key_once"),)
        indexes = (models.Index(fields=["created_at"], name="idempotency_key_age"),)

    def __str__(self) -> str:
        return self.key


class AuditEntry(models.Model):
    """Who changed a role, a capacity, a cohort or a setting. Written once, by a trigger (`core.tenancy.audit`).

    `by` and `row_id` are no foreign keys: an entry outlives the account and the row.
    """

    at = models.DateTimeField()
    by = models.UUIDField(null=True, help_text="Empty: the system, by the clock or a command.")
    role = models.CharField(max_length=20)
    table_name = models.CharField(max_length=100)
    row_id = models.CharField(max_length=64)
    verb = models.CharField(max_length=6)
    changed = models.JSONField(help_text="Each column with what it was and what it became.")

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = (
            models.Index(fields=["table_name", "row_id", "-at"], name="audit_of_row"),
            models.Index(fields=["-at"], name="audit_by_time"),
        )

    def __str__(self) -> str:
        return f"{self.verb} {self.table_name} {self.row_id}"


class Heartbeat(models.Model):
    """When a background process was last seen, and what its last run of a job did."""

    name = models.CharField(max_length=80, primary_key=True)
    beaten_at = models.DateTimeField()
    detail = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.name} {self.beaten_at:%Y-%m-%d %H:%M:%S}"
