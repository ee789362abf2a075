from core.personal_data import Kept, keep

keep(
    Kept("coaching.Habit", ("student",)),
    Kept("coaching.HabitLog", ("student",)),
    Kept("coaching.StreakBreak", ("student",)),
    Kept("coaching.Goal", ("student",)),
    Kept("coaching.MissedDeadline", ("student",)),
    Kept("coaching.GoalFeedback", ("student", "author")),
)
