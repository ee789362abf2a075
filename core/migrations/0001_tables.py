import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.fields


class Migration(migrations.Migration):
    initial = True

    replaces = [
        ("core", "0001_initial"),
        ("core", "0002_drop_doubled_indexes"),
        ("core", "0003_stream_news"),
        ("core", "0004_audit_entries"),
    ]

    dependencies = [
        ("users", "0001_tables"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("beaten_at", models.DateTimeField()),
                ("detail", models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("by", models.UUIDField(help_text="Empty: the system, by the clock or a command.", null=True)),
                ("role", models.CharField(max_length=20)),
                ("table_name", models.CharField(max_length=100)),
                ("row_id", models.CharField(max_length=64)),
                ("verb", models.CharField(max_length=6)),
                ("changed", models.JSONField(help_text="Each column with what it was and what it became.")),
            ],
            options={
                "verbose_name_plural": "audit entries",
                "indexes": [
                    models.Index(fields=["table_name", "row_id", "-at"], name="audit_of_row"),
                    models.Index(fields=["-at"], name="audit_by_time"),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("method", models.CharField(max_length=8)),
                ("path", models.CharField(max_length=300)),
                ("body_digest", models.BinaryField(max_length=32)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("answer", models.JSONField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["created_at"], name="idempotency_key_age")],
                "constraints": [models.UniqueConstraint(fields=("person", "key"), name="idempotency_key_once")],
            },
        ),
        migrations.CreateModel(
            name="StreamCounter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("audience", models.SmallIntegerField(choices=[(1, "mentor"), (2, "student"), (3, "director")])),
                ("last_number", models.BigIntegerField(default=0)),
                ("pruned_to", models.BigIntegerField(default=0)),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("recipient", "audience"), name="one_counter_per_stream"),
                    models.CheckConstraint(
                        condition=models.Q(("pruned_to__lte", models.F("last_number"))), name="pruned_within"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StreamEvent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("audience", models.SmallIntegerField(choices=[(1, "mentor"), (2, "student"), (3, "director")])),
                ("number", models.BigIntegerField()),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("snapshot", "Snapshot"),
                            ("work_queue", "Work Queue"),
                            ("session", "Session"),
                            ("risk_alert", "Risk Alert"),
                            ("capacity", "Capacity"),
                            ("dashboard", "Dashboard"),
                            ("match_run", "Match Run"),
                            ("notification", "Notification"),
                            ("reset", "Reset"),
                        ],
                        max_length=20,
                    ),
                ),
                ("data", models.TextField(help_text="Compact JSON, sent as it is.")),
                ("created_at", models.DateTimeField()),
                (
                    "written_in",
                    core.fields.TransactionIdField(db_default=core.fields.CurrentTransaction(), editable=False),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["created_at"], name="stream_event_age"),
                    models.Index(fields=["written_in"], name="stream_event_news"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("recipient", "audience", "number"), name="stream_number_once")
                ],
            },
        ),
    ]
