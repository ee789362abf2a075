from django.apps import AppConfig


class MentorshipCoordinationConfig(AppConfig):
    name = "mentorship_coordination"
    verbose_name = "Mentorship coordination"
    default_auto_field = "django.db.models.BigAutoField"
