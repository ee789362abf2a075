"""What the pages read. The rules are those of the actions; a form turns text into their values."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.http import QueryDict

from core.clock import known_zones
from core.forms import Form, HoursInput, Typed
from core.tenancy.identity import Role
from users.availability import DAYS, AvailabilityError, parse_availability
from users.mail_wishes import KEY, Channel, list_mail_kinds, read_mail_wishes
from users.models import User
from users.profile_fields import LONGEST_NAME, LONGEST_URL, MOST_SESSIONS_A_WEEK

LONGEST_PASSWORD = 1000
SEPARATORS = re.compile(r"[\s,;]+")
CHANNELS = [
    ("", "As usual"),
    (Channel.AT_ONCE, "At once"),
    (Channel.DIGEST, "In the digest at 08:00"),
    (Channel.OFF, "No mail"),
]
HOURS_HELP = "In your time zone. Until 00:00 is midnight; hours beyond it go on into the next day."
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _password(label: str, autocomplete: str, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=LONGEST_PASSWORD,
        strip=False,
        help_text=help_text,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class SignInForm(Form):
    email = forms.EmailField(
        label="E-mail",
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )
    password = _password("Password", "current-password")


class ForgotPasswordForm(Form):
    email = forms.EmailField(label="E-mail", widget=forms.EmailInput(attrs={"autocomplete": "username"}))


class SetPasswordForm(Form):
    password = _password("New password", "new-password", "At least 10 characters.")


class ChangePasswordForm(Form):
    current_password = _password("Current password", "current-password")
    new_password = _password("New password", "new-password", "At least 10 characters.")


class TokenForm(Form):
    name = forms.CharField(label="What it is for", max_length=80)
    expires_at = forms.DateTimeField(
        label="Until (UTC)",
        required=False,
        help_text="Empty: until you revoke it.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )


class WordsField(forms.CharField):
    """Words between commas or spaces, as a list."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [word for word in SEPARATORS.split(super().to_python(value) or "") if word]


class HoursField(forms.Field):
    """Weekly hours in the canonical form."""

    def __init__(self, **kwargs: Any) -> None:
        week = dict(zip(DAYS, DAY_NAMES, strict=True))
        super().__init__(required=False, widget=HoursInput(week), help_text=HOURS_HELP, **kwargs)

    def to_python(self, value: dict[str, list[Typed]] | None) -> Any:
        spans = [(day, begins, ends) for day, typed in (value or {}).items() for begins, ends in typed]
        if any(not begins or not ends for _, begins, ends in spans):
            raise forms.ValidationError("Give both times of a span, or none.")
        try:
            return parse_availability("; ".join(f"{day} {begins}-{ends}" for day, begins, ends in spans))
        except AvailabilityError as error:
            raise forms.ValidationError(error.message) from None


class MailWishesForm(Form):
    """A choice for each kind of mail, and the hours in which none comes."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    quiet_from = forms.TimeField(label="No mail from", required=False, widget=forms.TimeInput(attrs={"type": "time"}))
    quiet_to = forms.TimeField(
        label="until",
        required=False,
        help_text="Your local time. What comes meanwhile is sent afterwards; a critical flag comes at once.",
        widget=forms.TimeInput(attrs={"type": "time"}),
    )

    def __init__(self, person: User, data: QueryDict | None = None) -> None:
        wishes = read_mail_wishes(person.preferences)
        begins, ends = wishes.quiet or (None, None)
        super().__init__(data, initial={"revision": person.revision, "quiet_from": begins, "quiet_to": ends})
        kinds = {
            f"mail_{each.kind}": forms.ChoiceField(
                label=each.words, choices=CHANNELS, required=False, initial=str(wishes.channels.get(each.kind, ""))
            )
            for each in list_mail_kinds(person.roles)
        }
        self.fields = {**kinds, **self.fields}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if bool(given.get("quiet_from")) != bool(given.get("quiet_to")):
            self.add_error("quiet_to", "Give both times, or none.")
        elif given.get("quiet_from") and given["quiet_from"] == given["quiet_to"]:
            self.add_error("quiet_to", "Quiet hours end at another time than they begin.")
        return given

    def preferences(self, person: User) -> dict[str, Any]:
        """The person's preferences with what she has chosen here."""
        given = self.cleaned_data
        known = {each.kind for each in list_mail_kinds(tuple(Role))}
        stored = read_mail_wishes(person.preferences).channels
        kept = {kind: channel for kind, channel in stored.items() if kind in known}
        chosen = {each.kind: given[f"mail_{each.kind}"] for each in list_mail_kinds(person.roles)}
        mail = {kind: str(channel) for kind, channel in {**kept, **chosen}.items() if channel}
        quiet = [f"{given[name]:%H:%M}" for name in ("quiet_from", "quiet_to") if given[name]]
        wishes = {**({"mail": mail} if mail else {}), **({"quiet_hours": quiet} if quiet else {})}
        return {**person.preferences, KEY: wishes}


class ProfileForm(Form):
    """Only what concerns the person's roles: a student has no weekly sessions to offer."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=LONGEST_NAME)
    timezone = forms.ChoiceField(label="Time zone")
    languages = WordsField(label="Languages", required=False, help_text="Two-letter codes, such as en, es")
    student_availability = HoursField(label="Your hours as a student")
    wanted_skills = WordsField(
        label="Skills you want to learn", required=False, help_text="Such as forensics, log-analysis"
    )
    mentor_availability = HoursField(label="Your hours as a mentor")
    mentor_specialties = WordsField(
        label="Your specialties", required=False, help_text="Such as forensics, log-analysis"
    )
    mentor_capacity_weekly = forms.IntegerField(label="Sessions a week", min_value=0, max_value=MOST_SESSIONS_A_WEEK)
    standing_meeting_url = forms.CharField(
        label="Your own meeting room",
        required=False,
        max_length=LONGEST_URL,
        help_text="An https address; empty: a new room for each session.",
    )

    OF_MENTORS = (
        "mentor_availability",
        "mentor_specialties",
        "mentor_capacity_weekly",
        "standing_meeting_url",
    )
    OF_STUDENTS = ("student_availability", "wanted_skills")

    def __init__(self, person: User, data: QueryDict | None = None) -> None:
        super().__init__(data, initial={name: getattr(person, name) for name in self.base_fields})
        hidden = {
            *(() if Role.MENTOR in person.roles else self.OF_MENTORS),
            *(() if Role.STUDENT in person.roles else self.OF_STUDENTS),
        }
        for name in hidden:
            del self.fields[name]
        zones = self.fields["timezone"]
        if isinstance(zones, forms.ChoiceField):
            zones.choices = [(zone, zone.replace("_", " ")) for zone in sorted(known_zones())]
