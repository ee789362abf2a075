from django.urls import path

from student_dashboard.api.views import StudentDashboardStreamView, StudentDashboardView

urlpatterns = [
    path("student/dashboard", StudentDashboardView.as_view(), name="student-dashboard"),
    path("student/dashboard/stream", StudentDashboardStreamView.as_view(), name="student-dashboard-stream"),
]
