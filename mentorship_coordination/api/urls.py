from mentorship_coordination.api import (
    assignments,
    dashboard,
    director,
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
    *director.urlpatterns,
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
