from mentorship_coordination.api import (
    assignments,
    dashboard,
    flags,
    handovers,
    mentees,
    notifications,
    queue,
    reviews,
    sessions,
    slots,
    student_sessions,
)

urlpatterns = [
    *assignments.urlpatterns,
    *dashboard.urlpatterns,
    *queue.urlpatterns,
    *mentees.urlpatterns,
    *reviews.urlpatterns,
    *sessions.urlpatterns,
    *slots.urlpatterns,
    *student_sessions.urlpatterns,
    *flags.urlpatterns,
    *handovers.urlpatterns,
    *notifications.urlpatterns,
]
