"""What the attendant says, as recordings for the exchange: read out by a machine, where a force has none of its own voices.

The operator's own espeak-ng reads the words of the policy; nothing that it made is part of Watchroom. A recording that is there
already is left as it is: it may be a person's.
"""

from __future__ import annotations

import io
import subprocess
import sys
import wave
from array import array
from collections.abc import Sequence
from pathlib import Path

from django.db import transaction

from watchroom.contacts.attendant import rules
from watchroom.force import queries as force
from watchroom.foundation import clock, scope

RATE = 8000  # samples a second, 16 bit, one channel: what Asterisk plays to a telephone as it is
VOICE = ("espeak-ng", "-v", "en-gb")


def command(*, force_code: str, folder: Path, voice: Sequence[str] = VOICE) -> int:
    """`watchroom exchange sayings`: makes what is missing. Exit status 1 while one is longer than its policy says: it would be cut off."""
    with scope.use(force_code), transaction.atomic():
        policy = force.policy_at(clock.now()).policy
    folder.mkdir(parents=True, exist_ok=True)
    is_cut = False
    for one in policy.attendant.sayings:
        file = folder / f"{one.code}.wav"
        is_there = file.exists()
        if not is_there:
            try:
                file.write_bytes(wav(read_out(rules.words(one.code, policy), voice)))
            except FileNotFoundError:
                print(f"{voice[0]} is not installed. Install it, or record {file.name} yourself.", file=sys.stderr)
                return 1
        seconds = len(samples(file.read_bytes())) / RATE
        is_cut |= seconds > one.seconds
        note = f": LONGER than the {one.seconds} of the policy, so that its end is cut off" if seconds > one.seconds else ""
        print(f"{file.name} {'was there' if is_there else 'is made'}, {seconds:.1f} seconds{note}")
    return 1 if is_cut else 0


def read_out(words: str, voice: Sequence[str] = VOICE) -> array[int]:
    """Samples at `RATE`. Raises FileNotFoundError without the program."""
    return samples(subprocess.run([*voice, "--stdin", "--stdout"], input=words.encode(), capture_output=True, check=True).stdout)


def samples(file: bytes) -> array[int]:
    """Of a WAV of 16 bit and one channel, brought to `RATE`: each is the mean of those that fall into its time."""
    with wave.open(io.BytesIO(file)) as heard:
        step = heard.getframerate() / RATE
        wide = array("h", heard.readframes(heard.getnframes()))  # what came through a pipe is shorter than it says of itself
    parts = (wide[int(n * step) : max(int((n + 1) * step), int(n * step) + 1)] for n in range(int(len(wide) / step)))
    return array("h", (sum(part) // len(part) for part in parts))


def wav(spoken: Sequence[int]) -> bytes:
    """A WAV of `RATE`."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(array("h", spoken).tobytes())
    return out.getvalue()
