"""Base of the Celery tasks: a task acts as the system, in durable steps of its own, safe to run twice."""

from typing import Any

from celery import Task
from django.db import InterfaceError, OperationalError

from core.tenancy.identity import SYSTEM, acting_as


class SystemTask(Task[..., Any]):
    """Retries a lost database a bounded number of times; what is not done then, the next beat does."""

    autoretry_for = (OperationalError, InterfaceError)
    max_retries = 3
    retry_backoff = True
    retry_backoff_max = 30

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        with acting_as(SYSTEM):
            return super().__call__(*args, **kwargs)
