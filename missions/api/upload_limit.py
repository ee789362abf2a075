"""Stops an upload while it arrives, before a file over the limit fills the disk."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from rest_framework.request import Request


class SizeLimit(FileUploadHandler):
    """Counts each file's bytes and ends the request with 413 at the first one over `UPLOAD_MAX_BYTES`."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self._received += len(raw_data)
        if self._received > settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile[bytes] | None:
        return None


class LimitedUploads:
    """View mixin: must come before any that reads the body."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        request.upload_handlers.insert(0, SizeLimit(request._request))
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
