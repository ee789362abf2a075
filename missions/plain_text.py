"""Text as people send it: what can be stored, and what a file may be called."""

import unicodedata
from pathlib import PurePosixPath

LONGEST_NAME = 200
NAMELESS = "file"


def can_be_stored(text: str) -> bool:
    """Whether PostgreSQL takes it: no NUL, and no half of a surrogate pair, which has no UTF-8."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def file_name(given: str) -> str:
    """The last part of `given`, at most 200 characters, without what hides or reverses text on a screen.

    Unicode's "other" categories hold controls, bidirectional overrides and surrogates. A long name keeps its
    ending.
    """
    last = given.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(_visible(character) for character in unicodedata.normalize("NFC", last))
    name = " ".join(shown.split()).strip(". ")
    if len(name) > LONGEST_NAME:
        ending = PurePosixPath(name).suffix[:20]
        name = name[: LONGEST_NAME - len(ending)].rstrip() + ending
    return name or NAMELESS


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if category.startswith("Z") or character in "\t\r\n":
        return " "
    return "" if category.startswith("C") else character
