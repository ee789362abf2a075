"""Missions of the track named after the NICE work role "Defensive Cybersecurity" (NIST SP 800-181r1)."""

from mentorship_coordination.seed.curriculum.shapes import MissionContent, TrackContent

TRACK = TrackContent(
    slug="defensive-cybersecurity",
    name="Defensive Cybersecurity",
    description=(
        "Watch the network and its hosts, tell an attack from the noise of a working day, and write "
        "detections that a tired analyst can trust at four in the morning."
    ),
    skills=(
        "log-analysis",
        "siem",
        "network-monitoring",
        "detection-engineering",
        "threat-hunting",
        "packet-analysis",
        "linux",
        "windows-internals",
        "scripting",
        "incident-triage",
    ),
    missions=(
        MissionContent(
            title="Map what you are defending",
            brief=(
                "Draw the practice network from its configuration files: zones, services, who talks to "
                "whom and over which ports. Mark the three places where you would listen first and say "
                "what you could not see from each of them."
            ),
            weight=1,
            expected_after_days=7,
        ),
        MissionContent(
            title="Read a day of firewall logs",
            brief=(
                "Take the supplied day of firewall logs and describe its normal shape: top talkers, "
                "busy hours, denied traffic by reason. Name five events that deserve a second look and "
                "close each with evidence, not with a feeling."
            ),
            weight=1,
            expected_after_days=14,
        ),
        MissionContent(
            title="Build a log pipeline",
            brief=(
                "Ship Windows event logs, Linux auth logs and DNS queries to one search index with a "
                "common timestamp and host field. Show that nothing is dropped when the index is away "
                "for ten minutes."
            ),
            weight=2,
            expected_after_days=21,
        ),
        MissionContent(
            title="Packets by hand",
            brief=(
                "From a capture of forty minutes, rebuild one web session, one name lookup and one file"
                " transfer without an automatic report. Explain each step with the packet number that "
                "proves it."
            ),
            weight=2,
            expected_after_days=28,
        ),
        MissionContent(
            title="Write your first detection",
            brief=(
                "Write a rule for password spraying that works on the pipeline you built. State its "
                "logic in one sentence, test it on attack and on ordinary traffic, and report true and "
                "false alarms with counts."
            ),
            weight=2,
            expected_after_days=35,
        ),
        MissionContent(
            title="Tune a noisy rule",
            brief=(
                "The supplied rule fires four hundred times a day. Group the alerts by cause, remove "
                "the harmless causes without hiding the attack, and keep a record of every exception "
                "with an owner and an end date."
            ),
            weight=2,
            expected_after_days=42,
        ),
        MissionContent(
            title="Follow a beacon",
            brief=(
                "A workstation calls home at irregular intervals. Find the channel in a week of proxy "
                "logs, estimate the interval and its jitter, and list every other host that shows the "
                "same habit."
            ),
            weight=3,
            expected_after_days=49,
        ),
        MissionContent(
            title="Endpoint telemetry in practice",
            brief=(
                "Install an open endpoint sensor on the lab hosts and record a benign administration "
                "session and a staged intrusion. Compare process trees and pick the four fields that "
                "separate them best."
            ),
            weight=3,
            expected_after_days=58,
        ),
        MissionContent(
            title="A hunt with a hypothesis",
            brief=(
                "Choose one technique from ATT&CK, write down what you expect to see if it was used "
                "here, and search for it over thirty days of data. A well-argued empty result counts as"
                " much as a find."
            ),
            weight=3,
            expected_after_days=67,
        ),
        MissionContent(
            title="Measure your coverage",
            brief=(
                "Match your detections with the techniques that matter to the practice company and show"
                " the gaps on one page. Propose the next three detections in order, with the data "
                "source that each of them needs."
            ),
            weight=3,
            expected_after_days=77,
        ),
        MissionContent(
            title="Run a shift",
            brief=(
                "Handle a simulated shift of six hours alone: triage the queue, escalate what must be "
                "escalated, and write a handover that lets the next analyst continue without calling "
                "you."
            ),
            weight=4,
            expected_after_days=88,
        ),
        MissionContent(
            title="Capstone: defend the exercise range",
            brief=(
                "Defend the range for one evening against a live exercise team together with two "
                "classmates. Deliver the timeline, the detections that fired, those that should have "
                "fired, and what you would change on Monday."
            ),
            weight=5,
            expected_after_days=102,
        ),
    ),
)
