"""Example values of the schema."""

PROFILE = {
    "id": "01936f1e-7a3c-7c11-9d55-0f6f4a1f2b10",
    "email": "mentor@demo.example",
    "name": "Tomas Berg",
    "roles": ["mentor"],
    "timezone": "Europe/Oslo",
    "languages": ["en", "nb"],
    "wanted_skills": [],
    "student_availability": {},
    "mentor_availability": {"mon": [["09:00", "17:00"]], "thu": [["18:00", "21:00"]]},
    "mentor_specialties": ["forensics", "log-analysis"],
    "mentor_capacity_weekly": 10,
    "mentor_max_mentees": 20,
    "standing_meeting_url": "",
    "preferences": {},
    "created_at": "2026-01-05T08:00:00Z",
    "updated_at": "2026-03-02T09:30:00Z",
    "revision": 4,
}
TOKEN = {
    "id": "01936f1e-8b90-7a02-8f5e-6a5d1c9e4f77",
    "name": "gradebook export",
    "created_at": "2026-03-02T09:30:00Z",
    "expires_at": "2026-09-01T00:00:00Z",
}
