from mentorship_coordination.api import (
    dashboard,
    flags,
    mentees,
    notifications,
    queue,
    reviews,
    sessions,
    student_sessions,
)

urlpatterns = [
    *dashboard.urlpatterns,
    *queue.urlpatterns,
    *mentees.urlpatterns,
    *reviews.urlpatterns,
    *sessions.urlpatterns,
    *student_sessions.urlpatterns,
    *flags.urlpatterns,
    *notifications.urlpatterns,
]
