"""A roster uploaded in the browser. The page lies below the list of people, whose app knows nothing of rosters."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from core import clock
from core.admin_site import add_page
from core.errors import DomainError
from mentorship_coordination.actions.roster import RosterImport, import_roster
from users.models import User

MAX_BYTES = 5 * 1024 * 1024


class RosterForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        help_text="The first row names the columns: role, email, name and timezone at least.",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )
    dry_run = forms.BooleanField(
        label="Dry run", required=False, initial=True, help_text="Say what would change, and change nothing."
    )

    def clean_file(self) -> UploadedFile[bytes]:
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            message = f"The file is larger than {filesizeformat(MAX_BYTES)}. Import it in parts."
            raise forms.ValidationError(message, code="too_large")
        return file


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    form, found = RosterForm(), None
    if request.method == "POST":
        form = RosterForm(request.POST, request.FILES)
        if form.is_valid():
            found = _imported(request, form)
    context = {
        **admin.site.each_context(request),
        "title": "Import a roster",
        "opts": User._meta,
        "form": form,
        "found": found,
    }
    return TemplateResponse(request, "admin/import_roster.html", context)


def _imported(request: HttpRequest, form: RosterForm) -> RosterImport | None:
    """What the import did; None when it was refused, and then the form says why."""
    try:
        return import_roster(
            text=form.cleaned_data["file"].read(),
            by=request.user,  # type: ignore[arg-type]
            at=clock.now(),
            dry_run=form.cleaned_data["dry_run"],
        )
    except DomainError as refusal:
        form.add_error(None, refusal.message)
        return None


add_page("users/user/import-roster/", import_page, name="import-roster")
