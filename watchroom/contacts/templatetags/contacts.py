"""How is a contact said on a page?"""

from django import template

from watchroom.contacts.rules import SAFE_CONTACT
from watchroom.force import queries as force
from watchroom.foundation import clock

register = template.Library()


@register.filter
def channel(code: str) -> str:
    """As the force calls it: emergency_sms → 999 text."""
    return force.policy_at(clock.now()).policy.channel(code).label


@register.filter
def safe_words(code: str) -> str:
    """Whether they may be rung or written to: unknown → Not asked: take it as not safe."""
    return SAFE_CONTACT.get(code, code)
