from rest_framework.request import Request

from users.models import User


def caller(request: Request) -> User:
    """The signed-in person: the permission `ActsAsItsRole` has let nobody else through."""
    assert isinstance(request.user, User)
    return request.user
