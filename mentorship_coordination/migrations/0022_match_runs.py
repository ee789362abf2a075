import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.identifiers
from core import clock
from core.tenancy.operations import SyncTenancy

FIRST_WEIGHTS = {
    "skills": 400,
    "quarter_hour": 5,
    "most_quarter_hours": 60,
    "same_cohort": 100,
    "experience": 20,
    "most_experience": 5,
    "waiting_day": 2,
    "most_waiting_days": 50,
}


def _make_first_weights(apps, schema_editor):
    apps.get_model("mentorship_coordination", "MatchWeights").objects.create(
        version=1, values=FIRST_WEIGHTS, note="The weights the engine came with.", created_at=clock.now()
    )


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0021_meeting_links"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="MatchFilling",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("load", models.PositiveIntegerField()),
                ("places", models.PositiveIntegerField()),
                ("taken", models.PositiveIntegerField()),
                ("blocked", models.JSONField(default=dict)),
                ("elsewhere", models.PositiveIntegerField()),
                ("price", models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="MatchWeights",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(unique=True)),
                ("values", models.JSONField(default=dict)),
                ("note", models.CharField(help_text="Why it was changed, in plain words.", max_length=300)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "verbose_name_plural": "match weights",
                "ordering": ("-version",),
            },
        ),
        migrations.RemoveConstraint(
            model_name="matchrun",
            name="one_draft_per_scope",
        ),
        migrations.AddField(
            model_name="matchproposal",
            name="explanation",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="matchproposal",
            name="former_mentor",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="attempts",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="certificate",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="failure",
            field=models.CharField(blank=True, max_length=500),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="kind",
            field=models.CharField(
                choices=[("match", "Match"), ("rematch", "Rematch"), ("what_if", "What If")],
                default="match",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="lease_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="progress",
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="revision",
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="solved_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="started_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="matchrun",
            name="method",
            field=models.CharField(blank=True, max_length=40),
        ),
        migrations.AlterField(
            model_name="matchrun",
            name="state",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("running", "Running"),
                    ("draft", "Draft"),
                    ("compared", "Compared"),
                    ("publishing", "Publishing"),
                    ("published", "Published"),
                    ("discarded", "Discarded"),
                    ("failed", "Failed"),
                ],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="matchfilling",
            name="mentor",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="matchfilling",
            name="run",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="fillings",
                to="mentorship_coordination.matchrun",
            ),
        ),
        migrations.AddField(
            model_name="matchweights",
            name="created_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="matchrun",
            name="weights",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="mentorship_coordination.matchweights",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("cohort__isnull", False),
                    ("state__in", ("requested", "running", "draft", "compared", "publishing")),
                    models.Q(("kind", "what_if"), _negated=True),
                ),
                fields=("cohort",),
                name="one_open_run_per_cohort",
            ),
        ),
        migrations.AddConstraint(
            model_name="matchrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("cohort__isnull", True),
                    ("state__in", ("requested", "running", "draft", "compared", "publishing")),
                    models.Q(("kind", "what_if"), _negated=True),
                ),
                fields=("requested_by",),
                name="one_open_run_per_director",
                nulls_distinct=False,
            ),
        ),
        migrations.AddConstraint(
            model_name="matchfilling",
            constraint=models.UniqueConstraint(fields=("run", "mentor"), name="one_filling_per_mentor"),
        ),
        migrations.RunPython(_make_first_weights, migrations.RunPython.noop),
        SyncTenancy(),
    ]
