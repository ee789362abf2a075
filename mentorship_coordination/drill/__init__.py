"""A rehearsal of the whole system under load and faults, with a verdict. See docs/drill.md.

`manage.py drill` starts servers and processes of its own, lets an academy work through them over HTTP, kills what can
be killed, and at the end holds everything that was answered and heard against the rows.
"""
