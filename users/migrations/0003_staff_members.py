from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("users", "0002_one_active_enrolment")]

    operations = [
        AddIndexConcurrently(
            "user", models.Index(fields=["id"], condition=models.Q(("is_staff", True)), name="staff_members")
        ),
    ]
