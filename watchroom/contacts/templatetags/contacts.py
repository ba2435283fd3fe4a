"""How is a contact said on a page?"""

from django import template

from watchroom.force import queries as force
from watchroom.foundation import clock

register = template.Library()


@register.filter
def channel(code: str) -> str:
    """As the force calls it: emergency_sms → 999 text."""
    return force.policy_at(clock.now()).policy.channel(code).label
