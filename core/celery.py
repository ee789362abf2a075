import gc
import os
from typing import Any

from celery import Celery, Task
from celery.signals import import_modules, task_prerun, worker_process_init
from django_structlog.celery.steps import DjangoStructLogInitStep

from core.periodic import beat_schedule, load_tasks
from core.wakeup import begins

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings")

app = Celery("core", task_cls="core.tenancy.tasks:SystemTask")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Takes the request's id from the message into the log lines of the task.
app.steps["worker"].add(DjangoStructLogInitStep)


@import_modules.connect(weak=False)
def load_jobs(**signal: Any) -> None:
    """Workers and beat send this once Django is set up."""
    load_tasks()
    app.conf.beat_schedule = dict(beat_schedule())


@task_prerun.connect(weak=False)
def let_others_follow(*, sender: Task[..., Any], **signal: Any) -> None:
    begins(sender.name)


@worker_process_init.connect(weak=False)
def keep_what_is_loaded(**signal: Any) -> None:
    """Hundreds of thousands of objects that live as long as the process: looked through again and again, they cost the
    drain an eighth of its time.
    """
    gc.collect()
    gc.freeze()
