"""The signed-in person of a request, as her own type."""

from django.http import HttpRequest
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from users.models import User


def signed_in(request: HttpRequest | Request) -> User:
    """Raises NotAuthenticated (401) for nobody; views with a role never get that far."""
    person = request.user
    if not person.is_authenticated:
        raise NotAuthenticated
    return person
