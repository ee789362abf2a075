import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("missions", "0001_initial"),
        ("users", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CohortScore",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("local_date", models.DateField(help_text="The day in the cohort's zone on which it was computed.")),
                ("mean_score", models.DecimalField(decimal_places=2, max_digits=5)),
                ("score_count", models.PositiveIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="mission",
            name="level",
            field=models.PositiveSmallIntegerField(
                default=1, help_text="1 to 5; a level opens as the one below it is done."
            ),
        ),
        migrations.AddConstraint(
            model_name="mission",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__gte", 1), ("level__lte", 5)), name="mission_level_in_range"
            ),
        ),
        migrations.AddField(
            model_name="cohortscore",
            name="cohort",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="users.cohort"
            ),
        ),
        migrations.AddConstraint(
            model_name="cohortscore",
            constraint=models.UniqueConstraint(fields=("cohort", "local_date"), name="one_cohort_score_a_day"),
        ),
    ]
