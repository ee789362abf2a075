"""The tracks of the demonstration academy, named after public NICE work roles (NIST SP 800-181r1)."""

from typing import Final

from mentorship_coordination.seed.curriculum import (
    cybersecurity_architecture,
    defensive_cybersecurity,
    digital_forensics,
    incident_response,
    secure_software_development,
    systems_security_analysis,
    threat_analysis,
    vulnerability_analysis,
)
from mentorship_coordination.seed.curriculum.shapes import MissionContent, TrackContent

__all__ = ["SKILLS", "TRACKS", "TRACK_NAMES", "MissionContent", "TrackContent"]

TRACKS: Final[tuple[TrackContent, ...]] = (
    defensive_cybersecurity.TRACK,
    digital_forensics.TRACK,
    incident_response.TRACK,
    vulnerability_analysis.TRACK,
    secure_software_development.TRACK,
    threat_analysis.TRACK,
    systems_security_analysis.TRACK,
    cybersecurity_architecture.TRACK,
)

TRACK_NAMES: Final = {track.slug: track.name for track in TRACKS}
"""Slug to name, the shape in which the roster parser takes known tracks."""

SKILLS: Final = tuple(sorted({skill for track in TRACKS for skill in track.skills}))
"""Every skill slug that a mentor can offer and a student can want."""
