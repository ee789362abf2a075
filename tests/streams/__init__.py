"""Many readers of the stream as a program of its own, what they saw, and faults to try them with."""
