"""One cell of a roster to one normalised value. Every reader raises FieldError for what it cannot read."""

import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

from core.clock import known_zones
from users.availability import Availability, AvailabilityError, parse_availability
from users.languages import known_names, language_code

MOST_SESSIONS_A_WEEK: Final = 100
MOST_MENTEES: Final = 500
LONGEST_TEXT: Final = 150

_EMAIL: Final = re.compile(
    r"(?=.{1,64}@)[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?=.{4,253}\Z)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{2,59})"
)
_LINE_BREAK: Final = re.compile(r"[\r\n]+")
_BLANK: Final = frozenset({"", "-", "--", "\u2013", "\u2014", "n/a", "na", "none", "null", "nil"})
_OFFSET: Final = re.compile(r"(?:utc|gmt|z)?\s*[+\u2212-]\s*\d{1,2}(?::?\d{2})?", re.IGNORECASE)
# Links of the zone database that are offsets or whole regions under an abbreviation, never a place.
_ABBREVIATIONS: Final = frozenset(
    ["EST", "MST", "HST", "CET", "EET", "MET", "WET", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT"]
)
_SYMBOL_SKILLS: Final = {"c++": "c-plus-plus", "c#": "c-sharp", "f#": "f-sharp", ".net": "dot-net"}
_NAME_SUFFIX: Final = re.compile(r"(?:jr|sr|ii|iii|iv|phd|ph\.d|md|m\.d|esq|cissp|msc|mba)\.?", re.IGNORECASE)


class FieldError(ValueError):
    """A cell that cannot be read: a stable code and a message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def tidy(text: str) -> str:
    """Composed characters, single spaces, none at the ends; a dash, "n/a" and the like become empty."""
    plain = " ".join(unicodedata.normalize("NFC", text).replace("\u200b", "").replace("\ufeff", "").split())
    return "" if plain.casefold() in _BLANK else plain


def read_role(text: str) -> str:
    """`mentor` or `student`; "mentee" and plurals are understood."""
    word = tidy(text).casefold().removesuffix("s")
    if not word:
        raise FieldError("required", "A role is required: mentor or student.")
    role = {"mentor": "mentor", "student": "student", "mentee": "student"}.get(word)
    if role is None:
        hint = _suggestion(word, ["mentor", "student"])
        raise FieldError("unknown_role", f"{text.strip()!r} is not a role: mentor or student.{hint}")
    return role


def read_email(text: str) -> str:
    """A lower-case e-mail address; "mailto:" and angle brackets fall off."""
    address = tidy(text).lower().removeprefix("mailto:").strip("<> ")
    if not address:
        raise FieldError("required", "An e-mail address is required.")
    if not _EMAIL.fullmatch(address):
        raise FieldError("bad_email", f"{text.strip()!r} is not an e-mail address such as ada@example.org.")
    return address


def read_name(text: str) -> str:
    """A display name; "Lovelace, Ada" becomes "Ada Lovelace", "Ada Lovelace, PhD" stays."""
    name = read_text(text, "A name")
    last, comma, first = (part.strip() for part in name.partition(","))
    if comma and first and last and "," not in first and not _NAME_SUFFIX.fullmatch(first):
        name = f"{first} {last}"
    if not any(character.isalpha() for character in name):
        raise FieldError("bad_name", f"{name!r} is not a name.")
    return name


def read_text(text: str, what: str) -> str:
    """Text that must be there, at most 150 characters, without control characters."""
    plain = tidy(text)
    if not plain:
        raise FieldError("required", f"{what} is required.")
    if len(plain) > LONGEST_TEXT:
        raise FieldError("too_long", f"{what} has at most {LONGEST_TEXT} characters, this one has {len(plain)}.")
    if any(unicodedata.category(character) == "Cc" for character in plain):
        raise FieldError("control_character", f"{what} contains a control character.")
    return plain


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in known_zones() if name not in _ABBREVIATIONS | {"Factory"}}


@lru_cache(maxsize=4096)
def read_zone(text: str) -> str:
    """An IANA zone name in its own spelling; case and a space for an underscore are forgiven."""
    wanted = tidy(text)
    if not wanted:
        raise FieldError("required", "A time zone is required, such as Europe/Paris.")
    found = _zones().get(wanted.casefold().replace(" ", "_"))
    if found:
        return found
    if _OFFSET.fullmatch(wanted) or wanted.upper() in _ABBREVIATIONS:
        raise FieldError(
            "unknown_zone",
            f"{wanted!r} does not follow clock changes; name a place such as America/New_York.",
        )
    hint = _suggestion(wanted.casefold().replace(" ", "_"), list(_zones()), _zones())
    raise FieldError("unknown_zone", f"{wanted!r} is not an IANA time zone.{hint}")


@lru_cache(maxsize=4096)
def read_languages(text: str) -> tuple[str, ...]:
    """ISO 639-1 codes in the order given, each once; empty when the cell is."""
    codes: dict[str, None] = {}
    for part in re.split(r"[;,/|&+]|\band\b", tidy(_LINE_BREAK.sub(";", text))):
        if not part.strip():
            continue
        code = language_code(part)
        if code is None:
            hint = _suggestion(part.strip().casefold(), known_names())
            raise FieldError("unknown_language", f"{part.strip()!r} is not a language or ISO 639-1 code.{hint}")
        codes[code] = None
    return tuple(codes)


def slug_of(text: str) -> str:
    """Lower-case ASCII words joined by hyphens; empty when nothing is left."""
    plain = unicodedata.normalize("NFKD", text.casefold().strip())
    plain = _SYMBOL_SKILLS.get(plain, plain)
    return re.sub(r"[^a-z0-9]+", "-", plain.encode("ascii", "ignore").decode()).strip("-")


@lru_cache(maxsize=4096)
def read_skills(text: str) -> tuple[str, ...]:
    """Skill slugs in the order given, each once; empty when the cell is."""
    slugs: dict[str, None] = {}
    for part in re.split(r"[;,|]", tidy(_LINE_BREAK.sub(";", text))):
        if not part.strip():
            continue
        slug = slug_of(part)
        if not slug or len(slug) > 60:
            raise FieldError("bad_skill", f"{part.strip()!r} is not the name of a skill.")
        slugs[slug] = None
    return tuple(slugs)


def read_track(text: str, known_tracks: Mapping[str, str]) -> str | None:
    """The slug of a track given by slug or name, None for an empty cell; `known_tracks`: slug to name."""
    wanted = tidy(text)
    if not wanted:
        return None
    by_name = {slug_of(name): slug for slug, name in known_tracks.items()}
    found = slug_of(wanted)
    if found in known_tracks:
        return found
    if found in by_name:
        return by_name[found]
    hint = _suggestion(found, [*known_tracks, *by_name])
    raise FieldError("unknown_track", f"{wanted!r} is not a track of this academy.{hint}")


@lru_cache(maxsize=4096)
def _availability(text: str) -> Availability:
    return parse_availability(text)


def read_availability(text: str) -> Availability | None:
    """Canonical weekly availability (users/availability.py); None when the cell is empty."""
    if not tidy(text):
        return None
    try:
        canonical = _availability(text.replace("\u200b", "").replace("\ufeff", "").strip())
    except AvailabilityError as error:
        raise FieldError("bad_availability", error.message) from error
    return {day: [list(window) for window in windows] for day, windows in canonical.items()}


def read_count(text: str, most: int) -> int | None:
    """A whole number from 0 to `most`; a spreadsheet's "10.0" counts as 10; None when the cell is empty."""
    plain = tidy(text)
    if not plain:
        return None
    match = re.fullmatch(r"([+-]?[0-9]{1,9})(?:[.,]0+)?", plain)
    if not match:
        raise FieldError("bad_number", f"{plain!r} is not a whole number.")
    if not 0 <= int(match[1]) <= most:
        raise FieldError("out_of_range", f"{plain} is not between 0 and {most}.")
    return int(match[1])


def _suggestion(wrong: str, known: list[str], spelling: Mapping[str, str] | None = None) -> str:
    close = get_close_matches(wrong, known, n=1, cutoff=0.75)
    return f" Did you mean {(spelling or {}).get(close[0], close[0])}?" if close else ""
