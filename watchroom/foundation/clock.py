"""What time is it? The one place that asks. Rules and actions take `at` as an argument."""

from datetime import UTC, datetime


def now() -> datetime:
    return datetime.now(UTC)
