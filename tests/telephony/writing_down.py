"""The link's process, with each event of the exchange written down besides: how the events of the contract tests were had.

WATCHROOM_EVENTS=/some/file WATCHROOM_LONG=1 .venv/bin/pytest tests/telephony -k cut; `events.py` then takes out what the link reads.
"""

import json
import os

from watchroom.links.asterisk import ari
from watchroom.links.asterisk.process import main

hear = ari.Ari.events


async def events(self):
    with open(os.environ["WATCHROOM_EVENTS"], "a", encoding="utf-8") as out:
        async for event in hear(self):
            out.write(json.dumps(event) + "\n")
            out.flush()
            yield event


ari.Ari.events = events
main()
