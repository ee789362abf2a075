from core.personal_data import Kept, keep

keep(
    Kept("student_dashboard.StudentDashboard", ("student",)),
    Kept("student_dashboard.ReadinessSnapshot", ("student",)),
    Kept("student_dashboard.RiskEpisode", ("student",)),
    Kept("student_dashboard.DashboardUpdateQueue", ("student",)),
)
