from core.erasure import BLANK, NOTHING, Erase, erase
from core.personal_data import Kept, keep

keep(
    Kept("coaching.Habit", ("student",)),
    Kept("coaching.HabitLog", ("student",)),
    Kept("coaching.StreakBreak", ("student",)),
    Kept("coaching.Goal", ("student",)),
    Kept("coaching.MissedDeadline", ("student",)),
    Kept("coaching.GoalFeedback", ("student", "author")),
)

ERASURES = erase(
    Erase("coaching_habit", "t.student_id = p_person", {"name": "'Erased ' || t.id"}),
    Erase("coaching_habitlog", "t.student_id = p_person AND t.note <> ''", {"note": NOTHING}),
    Erase("coaching_goal", "t.student_id = p_person", {"title": BLANK, "description": NOTHING}),
    Erase("coaching_goalfeedback", "t.student_id = p_person", {"text": BLANK}),
)
