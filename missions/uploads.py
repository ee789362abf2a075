"""Files of submissions on the storage: written under random names, gone again when nothing came of them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from uuid import uuid4

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

log = logging.getLogger(__name__)

ROOT = "submissions"
UNKNOWN_TYPE = "application/octet-stream"
#: What a browser may be told about a file. Whatever could run in a page is not among them.
OFFERED_TYPES = frozenset(
    {
        "application/json",
        "application/pdf",
        "application/zip",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "text/csv",
        "text/markdown",
        "text/plain",
    }
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    name: str
    content_type: str
    size: int
    sha256: str
    path: str


def offered_type(declared: str | None) -> str:
    """The declared type when it is on the list, else `application/octet-stream`."""
    bare = (declared or "").partition(";")[0].strip().lower()
    return bare if bare in OFFERED_TYPES else UNKNOWN_TYPE


@contextmanager
def stored(files: Sequence[tuple[str, UploadedFile[bytes]]], *, at: datetime) -> Iterator[list[StoredFile]]:
    """Write the files (name, content) to the storage; remove them again when the block raises.

    They are written before any row is locked. What a later failure of the request leaves behind, the sweep
    finds.
    """
    paths: list[str] = []
    kept: list[StoredFile] = []
    try:
        for name, file in files:
            path = f"{ROOT}/{at:%Y/%m}/{uuid4().hex}"
            paths.append(path)
            kept.append(_store(name, file, path))
        yield kept
    except BaseException:
        for path in paths:
            remove(path)
        raise


def _store(name: str, file: UploadedFile[bytes], path: str) -> StoredFile:
    digest = sha256()
    size = 0
    for chunk in file.chunks():
        digest.update(chunk)
        size += len(chunk)
    file.seek(0)
    written = default_storage.save(path, file)
    return StoredFile(name, offered_type(file.content_type), size, digest.hexdigest(), written)


def remove(path: str) -> None:
    """Delete one file. A storage that fails is logged: the sweep comes back to it."""
    try:
        default_storage.delete(path)
    except OSError:
        log.exception("could not remove the upload %s", path)


def remove_after_commit(paths: Iterable[str]) -> None:
    """Delete files whose rows this transaction deletes; what a fault leaves behind then, the sweep finds."""
    for path in paths:
        transaction.on_commit(partial(remove, path))


def folders(at: str = ROOT) -> Iterator[str]:
    """Every folder that may hold uploads, the root included."""
    if not default_storage.exists(at):
        return
    yield at
    for name in default_storage.listdir(at)[0]:
        yield from folders(f"{at}/{name}")


def written_before(folder: str, moment: datetime) -> set[str]:
    """Paths of the files in this folder alone that were last written before `moment` (aware)."""
    paths = [f"{folder}/{name}" for name in default_storage.listdir(folder)[1]]
    return {path for path in paths if default_storage.get_modified_time(path) < moment}
