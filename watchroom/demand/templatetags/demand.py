"""How is a figure said? A share to one decimal, a wait as the room says it, a count with its thousands; nothing to count is a dash."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from watchroom.demand.definitions import Definition
from watchroom.shell import rules

register = template.Library()
NOTHING = SafeString('<span class="quiet">–<span class="sr"> nothing to count</span></span>')


@register.filter
def said(shown: Any) -> SafeString:
    """The value of a figure in its unit, for a page."""
    return say(shown.figure.value, shown.definition)


def say(value: float | None, definition: Definition) -> SafeString:
    if value is None:
        return NOTHING
    if definition.unit == "per cent":
        return format_html("{}<small> %</small>", f"{value:.1f}")
    if definition.unit == "seconds":
        return format_html("{}<small> s</small>", f"{value:.1f}") if value < 10 else format_html("{}", rules.span(value))
    return format_html("{}", f"{value:,.0f}")


@register.filter
def per_cent(value: float | None) -> SafeString:
    return NOTHING if value is None else format_html("{} %", f"{value:.1f}")


@register.filter
def minutes(seconds: float | None) -> str:
    """Seconds as whole minutes, with thousands; never decimal minutes (seed inconsistency I2)."""
    return "–" if seconds is None else f"{round(seconds / 60):,}"


@register.filter
def whole(value: float | None) -> str:
    return "–" if value is None else f"{value:,.0f}"
