"""Probabilities as they are read."""

from django import template

register = template.Library()


@register.filter
def share(value: float) -> str:
    """0.9 → 90 %; what is nearly sure or nearly impossible keeps the figure by which it is: 0.994 → 99.4 %."""
    return (
        f"{value:.1%}".replace("%", " %")
        if 0.985 <= value < 0.9995 or 0.0005 <= value <= 0.015
        else f"{value:.0%}".replace("%", " %")
    )


@register.filter
def points(value: float) -> str:
    """A difference between shares: 0.021 → 2.1 points."""
    return f"{value * 100:.1f} points"
