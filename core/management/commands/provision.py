"""Logins, roles, database and extensions of an external PostgreSQL, or the SQL for them."""

import os
from argparse import ArgumentParser

import psycopg2
from django.core.management.base import BaseCommand, CommandError

from core.provisioning import ProvisioningError, provision, provisioning_sql


class Command(BaseCommand):
    help = "Create the database logins, group roles and extensions that the three DATABASE URLs describe."
    # The database may not exist yet, and no check may ask for it.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--admin-url",
            default=os.environ.get("DATABASE_ADMIN_URL", ""),
            help="URL of an administrator's login; the default is DATABASE_ADMIN_URL",
        )
        parser.add_argument("--print", action="store_true", help="print the SQL for psql instead of running it")

    def handle(self, *args: object, **options: object) -> None:
        variables = ("DATABASE_URL", "DATABASE_APP_URL", "DATABASE_WORKER_URL")
        missing = [name for name in variables if not os.environ.get(name)]
        if missing:
            raise CommandError(
                f"{', '.join(missing)} is not set. The embedded PostgreSQL needs no provisioning; "
                "an external one needs all of " + ", ".join(variables) + "."
            )
        owner_url, app_url, worker_url = (os.environ[name] for name in variables)
        try:
            if options["print"]:
                script = provisioning_sql(owner_url=owner_url, app_url=app_url, worker_url=worker_url)
                self.stdout.write(script, ending="")
                return
            if not options["admin_url"]:
                raise CommandError("Give --admin-url or DATABASE_ADMIN_URL, or use --print.")
            provision(str(options["admin_url"]), owner_url=owner_url, app_url=app_url, worker_url=worker_url)
        except (ProvisioningError, psycopg2.Error) as error:
            raise CommandError(str(error).strip()) from error
        self.stdout.write("The database is provisioned; next: manage.py migrate.")
