"""Every address of the product. Apps are named as strings: the wiring knows them, the kernel does not."""

from typing import Any

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from core import health
from core.converters import register_converters
from core.tenancy.identity import Role

register_converters()
API_APPS = ("users", "missions", "coaching", "student_dashboard", "mentorship_coordination")


class SchemaView(SpectacularAPIView):
    acts_as = Role.ANON

    def _get_filename(self, request: Any, version: Any) -> str:
        # The package puts the query's `version` into a header as it is.
        return "mentorship-coordination.yaml"


class SwaggerView(SpectacularSwaggerSplitView):
    # Its script comes from an address of its own: the page has nothing inline for the CSP to refuse.
    acts_as = Role.ANON
    template_name = "swagger_ui.html"


urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("admin/", admin.site.urls),
    *(path("api/v1/", include(f"{app}.api.urls")) for app in API_APPS),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/schema/swagger-ui/", SwaggerView.as_view(url_name="schema"), name="swagger-ui"),
    path("", include("users.web.urls")),
    path("", include("mentorship_coordination.web.urls")),
]
handler400 = "core.errors_pages.bad_request"
handler403 = "core.errors_pages.permission_denied"
handler404 = "core.errors_pages.not_found"
handler500 = "core.errors_pages.server_error"
