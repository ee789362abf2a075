"""Checks e-mail and password. The hash comes through a definer function that answers for one exact address."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.db import connection
from django.http import HttpRequest

from core.tenancy.identity import ANON, acting_as
from users.models import User
from users.sessions import signed_in_person


class CredentialBackend(BaseBackend):
    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """The active person with this `email` and `password`, or None. Takes as long for an unknown address."""
        email = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
        password = str(credentials.get("password") or "")
        with acting_as(ANON):
            with connection.cursor() as cursor:
                cursor.execute("SELECT user_id, password FROM app.credential_of(%s)", [email])
                row = cursor.fetchone()
            if row is None:
                make_password(password)
                return None
            if not check_password(password, row[1]):
                return None
            return signed_in_person("person_by_id", user=row[0], email=email)

    def get_user(self, user_id: Any) -> User | None:
        """Never asked: the session store brings the person along (users.middleware)."""
        return None
