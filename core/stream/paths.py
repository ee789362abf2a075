"""Where each audience's stream is."""

from core.enums import Audience

PATHS = {
    "/api/v1/mentor/dashboard/stream": Audience.MENTOR,
    "/api/v1/student/dashboard/stream": Audience.STUDENT,
    "/api/v1/director/dashboard/stream": Audience.DIRECTOR,
}
