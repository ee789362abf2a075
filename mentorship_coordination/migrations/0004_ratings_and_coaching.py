import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.identifiers
from core.tenancy.operations import SyncTenancy

#: When it was said is not known of old ratings: the session's end stands in.
MOVE_RATINGS = """
INSERT INTO mentorship_coordination_sessionrating (id, session_id, student_id, rating, comment, rated_at)
SELECT gen_random_uuid(), p.session_id, p.person_id, p.rating, '', coalesce(s.closed_at, s.ends_at)
FROM mentorship_coordination_sessionparticipant p JOIN mentorship_coordination_mentorsession s ON s.id = p.session_id
WHERE p.rating IS NOT NULL AND p.role = 'mentee'
"""
MOVE_RATINGS_BACK = """
UPDATE mentorship_coordination_sessionparticipant p SET rating = r.rating
FROM mentorship_coordination_sessionrating r WHERE r.session_id = p.session_id AND r.student_id = p.person_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("coaching", "0001_initial"),
        ("missions", "0002_levels_and_cohort_scores"),
        ("student_dashboard", "0002_risk_and_daily_renewal"),
        ("mentorship_coordination", "0003_default_policies"),
    ]

    operations = [
        migrations.CreateModel(
            name="SessionRating",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=core.identifiers.new_id, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("rating", models.PositiveSmallIntegerField()),
                ("comment", models.CharField(blank=True, max_length=1000)),
                ("rated_at", models.DateTimeField()),
                (
                    "session",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ratings",
                        to="mentorship_coordination.mentorsession",
                    ),
                ),
                (
                    "student",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("session", "student"), name="rated_once"),
                    models.CheckConstraint(
                        condition=models.Q(("rating__gte", 1), ("rating__lte", 5)), name="rating_one_to_five"
                    ),
                ],
            },
        ),
        migrations.RunSQL(MOVE_RATINGS, MOVE_RATINGS_BACK),
        migrations.RemoveConstraint(model_name="sessionparticipant", name="rating_one_to_five"),
        migrations.RemoveField(model_name="sessionparticipant", name="rating"),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("flag", "Flag"),
                    ("breach", "Breach"),
                    ("warning", "Warning"),
                    ("capacity", "Capacity"),
                    ("session", "Session"),
                    ("review", "Review"),
                    ("assignment", "Assignment"),
                    ("goal", "Goal"),
                ],
                max_length=12,
            ),
        ),
        SyncTenancy(),
    ]
