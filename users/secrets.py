"""Secrets that people carry: made here, kept as digests."""

import secrets
from hashlib import sha256


def new_secret() -> str:
    """A fresh secret of 256 bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> bytes:
    """SHA-256. A secret of 256 random bits needs no slow hash: there is nothing to guess."""
    return sha256(secret.encode()).digest()
