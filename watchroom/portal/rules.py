"""What does a reference look like, how far is a report, and does this sound as if it is happening now?"""

from collections.abc import Callable, Mapping
from typing import Any

from watchroom.assessment import rules as assessment
from watchroom.contacts import rules as contacts
from watchroom.force.policy import Policy

# 24 letters and digits that nobody takes for another, read out or written by hand; no vowels, so no words.
ALPHABET = "2346789BCDFGHJKMPQRTVWXY"
RANDOM = 8  # of 24 signs: 110,000,000,000 codes, and looking is rate-limited

WAYS = {"call": "Phone call", "text": "Text message", "email": "Email"}
WHEN = {
    "now": "It is happening now",
    "today": "Today",
    "earlier": "Before today",
    "repeated": "It keeps happening",
    "unknown": "I do not know",
}
STATUSES = ("received", "reading", "answered", "closed")


# --- the reference --------------------------------------------------------------------------------------------------


def new_code(force_name: str, choose: Callable[[str], str]) -> str:
    """A reference as it is stored: the force's initials, then what `choose` picks from the alphabet."""
    return initials(force_name) + "".join(choose(ALPHABET) for _ in range(RANDOM))


def initials(force_name: str) -> str:
    """Northmoor Police is NP. They help people who keep codes of two forces; they are no part of the secret."""
    letters = [word[0].upper() for word in force_name.split() if word[0].isascii() and word[0].isalpha()]
    return "".join(letters[:2]).ljust(2, "X")


def shown_code(code: str) -> str:
    """NP7KQF3XW9 as it is written on the screen: NP-7KQF-3XW9."""
    return f"{code[:2]}-{code[2:6]}-{code[6:]}"


def read_code(typed: str) -> str:
    """What somebody typed from memory or paper, as it is stored; empty when it cannot be a reference."""
    plain = "".join(sign for sign in typed.upper() if sign.isascii() and sign.isalnum())
    return plain if len(plain) == 2 + RANDOM and all(sign in ALPHABET for sign in plain[2:]) else ""


def status(contact_state: str, incident_state: str | None) -> str:
    """received, reading, answered, or closed: how far it is, and nothing of what it is about."""
    if contact_state == "wrapped":
        return "answered" if incident_state == "open" else "closed"
    return "reading" if contact_state in ("answered", "ended") else "received"


# --- danger now -----------------------------------------------------------------------------------------------------


def urgent_cues(answers: Mapping[str, Any], policy: Policy) -> tuple[str, ...]:
    """What in these answers asks for an urgent response by itself, by the words the force's policy declares; or "now".

    Meant to be heard too often rather than too seldom: it asks a calm question, and keeps nobody from reporting.
    """
    text = f"{answers.get('text', '')}\n{answers.get('when_text', '')}"
    heard = tuple(code for code in assessment.cues_in([text], policy) if policy.cue(code).grade)
    return (*heard, "now") if answers.get("when") == "now" else heard


# --- safe to contact? -----------------------------------------------------------------------------------------------


def safe_contact(answers: Mapping[str, Any]) -> str:
    """any, some or no. Whoever did not say, or said “some” and named no way, is not contacted: the default is the safe one."""
    said = answers.get("safe", "")
    if said == "some":
        return "some" if answers.get("ways") else "no"
    return "any" if said == "any" else "no"


def is_phone_number(typed: str) -> bool:
    """A whole number that can be rung. A short code or a word is not."""
    return contacts.normal_number(typed).startswith("+")
