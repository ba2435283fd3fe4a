"""What the attendant says becomes recordings that the exchange can play; with the voice of a stand-in for espeak-ng."""

import io
import sys
import wave
from pathlib import Path

from watchroom.links.asterisk import sayings

VOICE = """
import sys, wave
words = sys.stdin.read()
assert "{" not in words, words  # the address for reports is read out
out = wave.open(sys.stdout.buffer, "wb")
out.setparams((1, 2, 22050, 0, "NONE", ""))
out.writeframesraw((b"\\x10\\x20" * 22050) * int(sys.argv[1]))
sys.stdout.flush()
sys.stdout = None
"""


def test_each_saying_is_made_once_and_one_that_is_too_long_is_said(northmoor: str, tmp_path: Path, capsys) -> None:
    script, folder = tmp_path / "voice.py", tmp_path / "sounds"
    script.write_text(VOICE)

    def make(seconds: int) -> int:
        return sayings.command(force_code="northmoor", folder=folder, voice=(sys.executable, str(script), str(seconds)))

    assert make(2) == 0
    assert len(list(folder.iterdir())) == 9
    with wave.open(str(folder / "welcome.wav")) as made:
        assert (made.getframerate(), made.getnchannels(), made.getsampwidth(), made.getnframes()) == (8000, 1, 2, 16000)
    own = sayings.wav([7] * 8000)
    (folder / "welcome.wav").write_bytes(own)
    (folder / "through.wav").unlink()
    capsys.readouterr()
    assert make(5) == 1
    told = capsys.readouterr().out
    assert "through.wav is made, 5.0 seconds: LONGER than the 3 of the policy" in told
    assert "welcome.wav was there, 1.0 seconds\n" in told
    assert (folder / "welcome.wav").read_bytes() == own, "somebody spoke it"


def test_without_the_program_it_is_said_what_to_do(northmoor: str, tmp_path: Path, capsys) -> None:
    assert sayings.command(force_code="northmoor", folder=tmp_path, voice=("no-such-voice",)) == 1
    assert "no-such-voice is not installed. Install it, or record" in capsys.readouterr().err


def test_other_rates_sound_the_same() -> None:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, 16000, 0, "NONE", "not compressed"))
        file.writeframes(b"\x00\x10" * 16000)
    heard = sayings.samples(out.getvalue())
    assert len(heard) == 8000
    assert set(heard) == {0x1000}
