from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.module_loading import autodiscover_modules


class CoreConfig(AppConfig):
    name = "core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        autodiscover_modules("handlers", "providers", "personal_data")


class CoordinationAdminConfig(AdminConfig):
    default_site = "core.admin_site.CoordinationAdminSite"
