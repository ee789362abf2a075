"""What a submission may consist of. Nothing here touches the database or the storage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from core.errors import InvalidInput, TooLarge
from missions.plain_text import can_be_stored, file_name

LONGEST_TEXT = 50_000
LONGEST_LINK = 2_000
MOST_LINKS = 20
WEB = {"http", "https"}


@dataclass(frozen=True, slots=True)
class HandedIn:
    """Checked content of one version. Each file goes with the name under which it will be offered."""

    text: str
    links: tuple[str, ...]
    files: tuple[tuple[str, UploadedFile[bytes]], ...]


def checked(*, text: str, links: Sequence[str], files: Sequence[UploadedFile[bytes]]) -> HandedIn:
    """Text of at most 50,000 characters, at most 20 links, files within the settings' limits.

    Raises `InvalidInput` with messages per field, and `TooLarge` for a file over `UPLOAD_MAX_BYTES` bytes.
    """
    errors = {
        "text": _text_errors(text),
        "links": _link_errors(links),
        "files": _file_errors(files),
    }
    found = {field: messages for field, messages in errors.items() if messages}
    if found:
        raise InvalidInput(fields=found)
    _refuse_large(files)
    if not (text.strip() or links or files):
        raise InvalidInput(
            "Hand in a text, a link or a file.",
            code="nothing_handed_in",
            fields={"text": ["There is nothing here."]},
        )
    return HandedIn(text, tuple(links), tuple((file_name(file.name or ""), file) for file in files))


def _text_errors(text: str) -> list[str]:
    if not can_be_stored(text):
        return ["The text has characters that cannot be stored."]
    if len(text) > LONGEST_TEXT:
        return [f"The text is longer than {LONGEST_TEXT} characters."]
    return []


def _link_errors(links: Sequence[str]) -> list[str]:
    if len(links) > MOST_LINKS:
        return [f"Give at most {MOST_LINKS} links."]
    numbered = enumerate(links, 1)
    return [f"Link {number} is not a web address." for number, link in numbered if not _is_web(link)]


def _is_web(link: str) -> bool:
    if len(link) > LONGEST_LINK or not link.isprintable() or " " in link:
        return False
    try:
        parts = urlsplit(link)
        return parts.scheme in WEB and bool(parts.hostname)
    except ValueError:
        return False


def _file_errors(files: Sequence[UploadedFile[bytes]]) -> list[str]:
    if len(files) > settings.UPLOAD_MAX_FILES:
        return [f"Give at most {settings.UPLOAD_MAX_FILES} files."]
    return [f"{file_name(file.name or '')} is empty." for file in files if not file.size]


def _refuse_large(files: Sequence[UploadedFile[bytes]]) -> None:
    limit = settings.UPLOAD_MAX_BYTES
    large = [file_name(file.name or "") for file in files if (file.size or 0) > limit]
    if large:
        raise TooLarge(
            f"A file may have {limit} bytes at most.",
            fields={"files": [f"{name} is too large." for name in large]},
        )
