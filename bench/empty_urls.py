"""The product's addresses and one more, whose view does nothing: what `bench/throughput.py` measures against."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.tenancy.identity import Role


class EmptyView(APIView):
    """Signed in, permitted, counted and in a transaction like every other; it asks the database nothing."""

    acts_as = Role.MENTOR

    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [path("api/v1/empty", EmptyView.as_view()), path("", include("core.urls"))]
