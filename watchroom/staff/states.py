"""What is somebody in the room doing? Some of it they say themselves, by one key; the rest follows from the contacts in their hands.

Nothing else is measured of a person: no keystroke, no draft, no time between. Who sees by name what somebody does now, and who may
read what they did before, is the force's policy: `reading.py`.
"""

STATES = {
    "here": "here, not taking contacts",  # a screen is open; they have not been at the waiting page
    "available": "ready",
    "on_call": "on a contact",
    "wrap_up": "writing up",
    "break": "on a break",
    "other": "on other work",
    "away": "did not take what was offered",
}
CHOSEN = {"available": "r", "break": "b", "other": "o"}  # what they say themselves, and the key
STAYS = ("break", "other", "away")  # until they say that they are back; opening a page does not
