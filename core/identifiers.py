from uuid import UUID

from uuid_utils import compat


def new_id() -> UUID:
    """A UUID of version 7 (RFC 9562): unguessable, and rising with time so that indexes grow at one end."""
    return compat.uuid7()
