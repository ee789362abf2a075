"""Bases of the admin pages. A page writes through an action, or it only shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.contrib import admin, messages
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.text import capfirst

from core import clock
from core.errors import DomainError
from core.records import delete_record, save_record

M = TypeVar("M", bound=Model)


class ShowOnlyAdmin(admin.ModelAdmin[M]):
    """History, outboxes and whatever actions keep: to look at."""

    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ShowOnlyInline(admin.TabularInline[M, Any]):
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class RecordAdmin(admin.ModelAdmin[M]):
    """Settings of the academy: rows without a life of their own, kept by `save_record`."""

    list_per_page = 50
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: M, form: ModelForm[Any], change: bool) -> None:
        save_record(record=obj, by=request.user, at=clock.now())

    def delete_model(self, request: HttpRequest, obj: M) -> None:
        delete_record(record=obj, by=request.user, at=clock.now())

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for record in queryset:
            delete_record(record=record, by=request.user, at=clock.now())


def tell_outcome(request: HttpRequest, noun: str, done: int, refusals: Sequence[DomainError]) -> None:
    """After a bulk action: how many it did, and why it did not do the others."""
    if done:
        messages.success(request, f"{capfirst(noun)}: {done} done.")
    for sentence in sorted({refusal.message for refusal in refusals}):
        count = sum(refusal.message == sentence for refusal in refusals)
        messages.warning(request, f"{count} left as they were: {sentence}")
