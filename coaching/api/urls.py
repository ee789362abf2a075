from coaching.api import goals, habits

urlpatterns = [*habits.urlpatterns, *goals.urlpatterns]
