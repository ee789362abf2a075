import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.tenancy.operations import SyncTenancy


class Migration(migrations.Migration):
    dependencies = [
        ("mentorship_coordination", "0008_stand_ins"),
        ("users", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="mentorworkqueue",
            name="finished_of_mentor",
        ),
        migrations.RemoveIndex(
            model_name="mentorworkqueue",
            name="queue_of_mentee",
        ),
        migrations.AlterField(
            model_name="mentorworkqueue",
            name="calendar",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="mentorship_coordination.businesscalendar",
            ),
        ),
        migrations.AlterField(
            model_name="mentorworkqueue",
            name="claimed_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="mentorworkqueue",
            name="cohort",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="users.cohort"
            ),
        ),
        migrations.AlterField(
            model_name="mentorworkqueue",
            name="completed_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="mentorworkqueue",
            name="enrolment",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="work_items",
                to="users.enrolment",
            ),
        ),
        migrations.AlterField(
            model_name="mentorworkqueue",
            name="mentee",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="mentorworkqueue",
            name="mentor",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="mentorworkqueue",
            name="policy",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="mentorship_coordination.slapolicy",
            ),
        ),
        migrations.AddIndex(
            model_name="mentorworkqueue",
            index=models.Index(
                condition=models.Q(("status__in", ("completed", "cancelled"))),
                fields=["mentor", "-completed_at"],
                name="finished_of_mentor",
            ),
        ),
        migrations.AddIndex(
            model_name="mentorworkqueue",
            index=models.Index(
                condition=models.Q(("status__in", ("pending", "in_progress"))),
                fields=["mentee"],
                name="queue_of_mentee",
            ),
        ),
        SyncTenancy(),
    ]
