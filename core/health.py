"""Placeholder until health.py lands."""
from django.http import HttpRequest, HttpResponse


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok")


readyz = metrics = healthz
