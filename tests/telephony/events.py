"""Takes out of written-down events (`writing_down.py`) what the link reads: how the events of its contract tests were made.

.venv/bin/python tests/telephony/events.py /some/file > watchroom/links/asterisk/tests/data/events.jsonl

`attended.jsonl` beside it is of the three tests with the attendant.
"""

import json
import sys

TYPES = (
    "StasisStart", "ChannelStateChange", "ChannelHangupRequest", "ChannelDestroyed", "RecordingFinished",
    "ChannelDtmfReceived", "PlaybackFinished",
)  # fmt: skip
MOST = 120


def kept(event: dict) -> dict:
    out = {name: event[name] for name in ("type", "timestamp", "args", "cause", "digit") if name in event}
    if channel := event.get("channel"):
        out["channel"] = {name: channel[name] for name in ("id", "state", "creationtime")}
        out["channel"]["caller"] = {"number": channel["caller"]["number"]}
        out["channel"]["dialplan"] = {name: channel["dialplan"][name] for name in ("context", "exten")}
    if recording := event.get("recording"):
        out["recording"] = {name: recording[name] for name in ("name", "format", "state")}
    if playback := event.get("playback"):
        out["playback"] = {name: playback[name] for name in ("id", "media_uri", "state")}
    return out


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        events = [event for event in map(json.loads, file) if event["type"] in TYPES]
    for event in events[:MOST]:
        print(json.dumps(kept(event), sort_keys=True))


if __name__ == "__main__":
    main()
