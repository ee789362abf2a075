"""What makes a view a page: the signed-out are led to the sign-in, others need the role, times are the viewer's."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from core.enums import Audience
from core.errors import NotPermitted, NotVisible
from core.tenancy.identity import Role
from users.models import User

View = Callable[..., HttpResponse]
