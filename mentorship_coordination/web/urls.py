from django.urls import path

from mentorship_coordination.web import dashboard, director, home, mentees, queue, reviews, student

urlpatterns = [
    path("", home.home, name="home"),
    path("mentor", dashboard.mentor_page, name="mentor-page"),
    path("mentor/queue", queue.queue_page, name="queue-page"),
    path("mentor/queue/<uuid:item_id>/done", queue.finish_item, name="finish-item"),
    path("mentor/review/<uuid:submission_id>", reviews.review_page, name="review-page"),
    path("mentor/mentees", mentees.mentees_page, name="mentees-page"),
    path("mentor/mentees/<uuid:mentee_id>", mentees.mentee_page, name="mentee-page"),
    path("mentor/mentees/<uuid:mentee_id>/sessions", mentees.book, name="book-session"),
    path("mentor/mentees/<uuid:mentee_id>/flags", mentees.flag, name="raise-flag"),
    path("student", student.student_page, name="student-page"),
    path("student/missions/<uuid:mission_id>", student.mission_page, name="mission-page"),
    path("director", director.director_page, name="director-page"),
]
