from core.erasure import Erase, Stays, erase, stay
from core.personal_data import Kept, keep

keep(
    Kept("student_dashboard.StudentDashboard", ("student",)),
    Kept("student_dashboard.ReadinessSnapshot", ("student",)),
    Kept("student_dashboard.RiskEpisode", ("student",)),
    Kept("student_dashboard.DashboardUpdateQueue", ("student",)),
)

#: Points without what they rest on, which has titles and names.
POINTS = """(SELECT coalesce(jsonb_agg(part - 'evidence' ORDER BY nth), '[]')
    FROM jsonb_array_elements(t.parts) WITH ORDINALITY AS each(part, nth))"""

ERASURES = erase(
    Erase(
        "student_dashboard_studentdashboard",
        "t.student_id = p_person",
        {
            "sections": "'{}'",
            "risk_score": "NULL",
            "risk_parts": "'[]'",
            "risk_since": "NULL",
            "is_watched": "false",
            "revision": "t.revision + 1",
        },
    ),
    Erase("student_dashboard_riskepisode", "t.student_id = p_person", {"parts": POINTS}),
    Erase("student_dashboard_dashboardupdatequeue", "t.student_id = p_person"),
)
stay(
    Stays("student_dashboard_studentdashboard", ("inputs",), "Counts and scores: readiness is explained by them."),
    Stays("student_dashboard_readinesssnapshot", ("parts",), "Figures by the day."),
)
