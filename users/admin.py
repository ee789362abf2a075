"""People and what they belong to. Passwords, sessions and their secrets have no page: nobody may read them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin  # noqa: F401 - registers the page taken out below
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import QuerySet, URLField
from django.forms import EmailField, Form, ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from core import clock
from core.admin_base import RecordAdmin, ShowOnlyAdmin, ShowOnlyInline, tell_outcome
from core.errors import DomainError
from core.personal_data import as_json, collect
from core.records import delete_record, save_record
from users.actions.access import change_person
from users.actions.erasure import erase_person
from users.actions.invitations import invite
from users.models import (
    AccessToken,
    Cohort,
    CohortDirector,
    Enrolment,
    FeedToken,
    LoginAttempt,
    OneTimeToken,
    Track,
    User,
)

admin.site.unregister(Group)


class EnrolmentInline(ShowOnlyInline[Enrolment]):
    model = Enrolment
    fields = ("cohort", "state", "max_sessions", "enrolled_at")


class EraseForm(Form):
    email = EmailField(label="Her e-mail address, to be sure")

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data)
        self.person = person

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).strip().lower()
        if email != self.person.email:
            raise ValidationError("This is not the address of this person.", code="other_address")
        return email


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    list_display = ("name", "email", "is_active", "is_mentor", "is_staff", "timezone", "mentor_max_mentees")
    list_filter = ("is_active", "is_mentor", "is_staff")
    search_fields = ("name", "email")
    ordering = ("name", "id")
    list_per_page = 50
    show_full_result_count = False
    readonly_fields = ("created_at", "updated_at", "leaving_at", "changes", "data", "erasure")
    inlines = (EnrolmentInline,)
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    actions = ("send_invitations", "deactivate")
    fieldsets = (
        (None, {"fields": ("name", "email", "timezone", "languages")}),
        ("Roles", {"fields": ("is_active", "is_mentor", "is_staff", "leaving_at")}),
        (
            "As a mentor",
            {
                "fields": (
                    "mentor_specialties",
                    "mentor_availability",
                    "mentor_capacity_weekly",
                    "mentor_max_mentees",
                    "standing_meeting_url",
                )
            },
        ),
        ("As a student", {"fields": ("wanted_skills", "student_availability")}),
        ("History", {"fields": ("created_at", "updated_at", "changes", "data", "erasure")}),
    )

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        erase = self.admin_site.admin_view(self.erase)
        return [
            path("<uuid:person_id>/export/", export, name="users_user_export"),
            path("<uuid:person_id>/erase/", erase, name="users_user_erase"),
            *super().get_urls(),
        ]

    def export(self, request: HttpRequest, person_id: UUID) -> HttpResponse:
        """All that is kept of a person, as a file for her."""
        person = get_object_or_404(User, pk=person_id)
        answer = HttpResponse(as_json(collect(person.pk, clock.now())), content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="{person.pk}.json"'
        answer["Cache-Control"] = "private, no-store"
        return answer

    def erase(self, request: HttpRequest, person_id: UUID) -> HttpResponse:
        """What would go, and the address to be typed; then it goes for good."""
        person = get_object_or_404(User, pk=person_id)
        form = EraseForm(request.POST or None, person=person)
        if form.is_valid():
            try:
                touched = erase_person(person_id=person.pk, by=request.user, at=clock.now())  # type: ignore[arg-type]
            except DomainError as refusal:
                form.add_error(None, refusal.message)
            else:
                messages.success(request, f"Erased: {sum(touched.values())} rows in {len(touched)} tables.")
                return redirect("admin:users_user_change", person.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Erase a person",
            "opts": self.model._meta,
            "person": person,
            "form": form,
        }
        return TemplateResponse(request, "admin/erase_person.html", context)

    @admin.display(description="Erasure")
    def erasure(self, person: User) -> str:
        if person._state.adding:
            return "–"
        return format_html('<a href="{}">Erase her for good…</a>', reverse("admin:users_user_erase", args=[person.pk]))

    @admin.display(description="All that is kept of her")
    def data(self, person: User) -> str:
        if person._state.adding:
            return "–"
        return format_html('<a href="{}">As JSON</a>', reverse("admin:users_user_export", args=[person.pk]))

    @admin.display(description="Roles and capacity")
    def changes(self, person: User) -> str:
        if person._state.adding:
            return "–"
        address = f"{reverse('admin:core_auditentry_changelist')}?q={person.pk}"
        return format_html('<a href="{}">Who changed them</a>', address)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever was erased is to be looked at: a page that was opened before would bring her back."""
        return super().has_change_permission(request, obj) and not (obj is not None and obj.is_erased)

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm[User], change: bool) -> None:
        change_person(person=obj, by=request.user, at=clock.now())  # type: ignore[arg-type]

    @admin.action(description="Send an invitation by mail")
    def send_invitations(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        done, refusals = 0, []
        for person in queryset:
            try:
                invite(person_id=person.pk, by=request.user, at=clock.now())  # type: ignore[arg-type]
                done += 1
            except DomainError as refusal:
                refusals.append(refusal)
        tell_outcome(request, "invitations", done, refusals)

    @admin.action(description="Deactivate (a mentor hands over first, a student is withdrawn)")
    def deactivate(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        done, refusals = 0, []
        for person in queryset.filter(is_active=True):
            person.is_active = False
            try:
                change_person(person=person, by=request.user, at=clock.now())  # type: ignore[arg-type]
                done += 1
            except DomainError as refusal:
                refusals.append(refusal)
        tell_outcome(request, "deactivations", done, refusals)


@admin.register(Track)
class TrackAdmin(RecordAdmin[Track]):
    list_display = ("name", "slug")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}


class DirectorInline(admin.TabularInline[CohortDirector, Cohort]):
    model = CohortDirector
    extra = 0
    autocomplete_fields = ("user",)


@admin.register(Cohort)
class CohortAdmin(RecordAdmin[Cohort]):
    list_display = ("name", "track", "timezone", "start_date", "end_date", "matches_automatically")
    list_filter = ("track", "matches_automatically")
    list_select_related = ("track",)
    search_fields = ("name",)
    inlines = (DirectorInline,)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for removed in formset.deleted_objects:
            delete_record(record=removed, by=request.user, at=clock.now())
        for link, _ in [*formset.changed_objects, *((each, None) for each in formset.new_objects)]:
            save_record(record=link, by=request.user, at=clock.now())


@admin.register(CohortDirector)
class CohortDirectorAdmin(RecordAdmin[CohortDirector]):
    list_display = ("cohort", "user")
    list_filter = ("cohort",)
    list_select_related = ("cohort", "user")
    search_fields = ("user__name", "user__email", "cohort__name")
    autocomplete_fields = ("user", "cohort")


@admin.register(AccessToken)
class AccessTokenAdmin(ShowOnlyAdmin[AccessToken]):
    list_display = ("name", "user", "created_at", "expires_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("name", "user__email")
    exclude = ("digest",)
    ordering = ("-created_at",)


@admin.register(OneTimeToken)
class OneTimeTokenAdmin(ShowOnlyAdmin[OneTimeToken]):
    list_display = ("user", "purpose", "created_at", "sent_at", "expires_at", "used_at", "attempts", "last_error")
    list_filter = ("purpose",)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("digest",)
    ordering = ("-created_at",)


@admin.register(FeedToken)
class FeedTokenAdmin(ShowOnlyAdmin[FeedToken]):
    list_display = ("user", "created_at", "revoked_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)
    exclude = ("digest",)
    ordering = ("-created_at",)


@admin.register(LoginAttempt)
class LoginAttemptAdmin(ShowOnlyAdmin[LoginAttempt]):
    list_display = ("failed_at",)
    exclude = ("key_digest",)
    ordering = ("-failed_at",)
