"""The people of the demonstration academy as whom a newcomer signs in."""

from typing import Final

DOMAIN: Final = "demo.example"
MENTOR_EMAIL: Final = f"mentor@{DOMAIN}"
STUDENT_EMAIL: Final = f"student@{DOMAIN}"
DIRECTOR_EMAIL: Final = f"director@{DOMAIN}"
ADMIN_EMAIL: Final = f"admin@{DOMAIN}"
ACCOUNTS: Final = {
    "mentor": MENTOR_EMAIL,
    "student": STUDENT_EMAIL,
    "director": DIRECTOR_EMAIL,
    "admin": ADMIN_EMAIL,
}
