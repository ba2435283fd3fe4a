"""What would these rooms have made of a real day? `watchroom replay FILE` drives real calls through every stage."""

from watchroom.replay.runner import run

__all__ = ["run"]
