from django.apps import AppConfig


class StudentDashboardConfig(AppConfig):
    name = "student_dashboard"
    verbose_name = "Student dashboards"
    default_auto_field = "django.db.models.BigAutoField"
