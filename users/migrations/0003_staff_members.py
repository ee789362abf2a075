from django.db import migrations, models

from core.operations import AddIndexBesideWork


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("users", "0002_one_active_enrolment")]

    operations = [
        AddIndexBesideWork(
            "user", models.Index(fields=["id"], condition=models.Q(("is_staff", True)), name="staff_members")
        ),
    ]
