"""What this app does when it hears a fact of the apps below. Each runs in the speaker's transaction."""

from __future__ import annotations

from core.events import handles
from missions import uploads
from missions.selectors import list_upload_paths
from users.events import PersonErased


@handles(PersonErased)
def remove_files_of_erased(event: PersonErased) -> None:
    uploads.remove_after_commit(list_upload_paths(event.person_id))
