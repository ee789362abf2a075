"""What the pages about sessions accept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from mentorship_coordination.web.forms import Form


class InstantValueField(forms.Field):
    """An instant as the page itself wrote it, with its offset."""

    widget = forms.HiddenInput
    default_error_messages = {"invalid": "Choose one of the free times.", "required": "Choose one of the free times."}

    def to_python(self, value: Any) -> datetime | None:
        if not value:
            return None
        try:
            instant = datetime.fromisoformat(value)
        except ValueError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if instant.utcoffset() is None:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return instant


class SlotForm(Form):
    title = forms.CharField(max_length=160, label="What about")
    start = InstantValueField()


class ReasonForm(Form):
    reason = forms.CharField(required=False, max_length=300)
