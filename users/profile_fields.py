"""What each field of a profile may hold, said once for the REST interface and the page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from core.errors import InvalidInput
from users.availability import AvailabilityError, validate_availability
from users.languages import LANGUAGE_CODES
from users.mail_wishes import clean_mail_wishes
from users.models import validate_zone

LONGEST_NAME: Final = 150
MOST_LANGUAGES: Final = 12
MOST_SKILLS: Final = 50
MOST_SESSIONS_A_WEEK: Final = 100
LONGEST_URL: Final = 200
LARGEST_PREFERENCES: Final = 4096
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_SLUG: Final = 60


def clean_profile(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes in their stored form. Raises InvalidInput with every field that is wrong or that nobody may
    change.
    """
    cleaned: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for field, value in changes.items():
        try:
            cleaned[field] = CLEANERS[field](value)
        except KeyError:
            faults[field] = ["This field cannot be changed here."]
        except ValidationError as error:
            faults[field] = error.messages
        except AvailabilityError as error:
            faults[field] = [error.message]
    if faults:
        raise InvalidInput(fields=faults)
    return cleaned


def _name(value: Any) -> str:
    name = " ".join(str(value).split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise ValidationError(f"Give a name of 1 to {LONGEST_NAME} letters.")
    return name


def _zone(value: Any) -> str:
    validate_zone(str(value))
    return str(value)


def _words(value: Any, *, most: int) -> list[str]:
    """A list of words in its order, each once."""
    if not isinstance(value, list | tuple) or not all(isinstance(word, str) for word in value):
        raise ValidationError("Give a list of words.")
    words = list(dict.fromkeys(word.strip().lower() for word in value))
    if len(words) > most:
        raise ValidationError(f"Give at most {most}.")
    return words


def _refuse(words: Iterable[str], reason: str) -> None:
    wrong = list(words)
    if wrong:
        raise ValidationError([f"{word!r} {reason}" for word in wrong])


def _languages(value: Any) -> list[str]:
    codes = _words(value, most=MOST_LANGUAGES)
    _refuse((code for code in codes if code not in LANGUAGE_CODES), "is not an ISO 639-1 code such as en or es.")
    return codes


def _skills(value: Any) -> list[str]:
    slugs = _words(value, most=MOST_SKILLS)
    wrong = (slug for slug in slugs if not _SLUG.fullmatch(slug) or len(slug) > _LONGEST_SLUG)
    _refuse(wrong, "is not a skill such as log-analysis: small letters, digits and single hyphens.")
    return slugs


def _sessions_a_week(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_SESSIONS_A_WEEK:
        raise ValidationError(f"Give a number from 0 to {MOST_SESSIONS_A_WEEK}.")
    return value


def _meeting_url(value: Any) -> str:
    url = str(value).strip()
    if len(url) > LONGEST_URL:
        raise ValidationError(f"Give at most {LONGEST_URL} characters.")
    if url:
        URLValidator(schemes=["https"], message="Give an address that begins with https://.")(url)
    return url


def _preferences(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValidationError("Give an object.")
    if len(json.dumps(value)) > LARGEST_PREFERENCES:
        raise ValidationError(f"Give at most {LARGEST_PREFERENCES} characters of JSON.")
    clean_mail_wishes(value)
    return value


CLEANERS: Final[dict[str, Callable[[Any], Any]]] = {
    "name": _name,
    "timezone": _zone,
    "languages": _languages,
    "wanted_skills": _skills,
    "student_availability": validate_availability,
    "mentor_availability": validate_availability,
    "mentor_specialties": _skills,
    "mentor_capacity_weekly": _sessions_a_week,
    "standing_meeting_url": _meeting_url,
    "preferences": _preferences,
}
