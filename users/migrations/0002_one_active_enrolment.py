"""Databases that were made by the migrations before 0001_tables lack this index: dropping the index of the column's
foreign key took it along. A student with two active enrolments stops it; end one of them and run it again.
"""

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("users", "0001_tables")]

    operations = [
        migrations.RunSQL(
            [
                # It waits for the transactions of others twice, and what it leaves when it gives up enforces nothing.
                "SET lock_timeout = 0",
                "DROP INDEX CONCURRENTLY IF EXISTS one_active_enrolment",
                (
                    "CREATE UNIQUE INDEX CONCURRENTLY one_active_enrolment"
                    " ON users_enrolment (student_id) WHERE state = 'active'"
                ),
                "RESET lock_timeout",
            ],
            migrations.RunSQL.noop,
        )
    ]
