"""A real Asterisk and real callers (sipp) in the chroot that `scripts/telephony` built, on loopback, at ports of their own.

What is missing on a machine is said by `missing`. Numbers are Ofcom's, for use in drama.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from watchroom import testing
from watchroom.links.asterisk import sayings

REPOSITORY = Path(__file__).resolve().parents[2]
ROOT = Path(os.environ.get("WATCHROOM_TELEPHONY") or REPOSITORY / ".watchroom" / "telephony") / "root"
# what we start ends with us, however we end
WITH_US = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
VOICE = ("chroot", str(ROOT), *sayings.VOICE)
SOUNDS = (
    ROOT / "usr/share/asterisk/sounds/en_US_f_Allison/watchroom"
)  # where `sound:watchroom/…` is looked for, as Debian lays it
USER, PASSWORD, APP = "watchroom", "only-on-loopback", "watchroom"
MODULES = """res_pjproject res_sorcery_config res_sorcery_memory res_sorcery_astdb res_sorcery_memory_cache res_timing_timerfd
res_http_websocket res_websocket_client res_stasis res_stasis_answer res_stasis_playback res_stasis_recording res_stasis_snoop
res_ari res_ari_model res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels res_ari_endpoints res_ari_events
res_ari_playbacks res_ari_recordings app_stasis app_playtones bridge_simple bridge_softmix bridge_holding bridge_builtin_features
chan_bridge_media chan_pjsip codec_ulaw codec_alaw format_wav format_pcm format_sln func_callerid func_channel res_rtp_asterisk
res_ari_device_states res_stasis_device_state res_pjsip_pubsub res_pjsip res_pjsip_session res_pjsip_sdp_rtp
res_pjsip_endpoint_identifier_ip res_pjsip_caller_id res_pjsip_dlg_options
res_pjsip_rfc3326 res_musiconhold pbx_config"""


def missing() -> str:
    """What keeps us from ringing a real exchange, in a sentence; empty when it can be had."""
    if os.geteuid() != 0:
        return "not root: chroot needs it"
    for program in ("usr/sbin/asterisk", "usr/bin/sipp", "usr/bin/espeak-ng"):
        if not (ROOT / program).exists():
            return f"no {program} below {ROOT}: run scripts/telephony"
    return ""


@dataclass
class Exchange:
    """`folder` is the run's own, as the chroot sees it; `inside` as we do."""

    name: str = field(default_factory=lambda: f"run-{os.getpid()}-{time.monotonic_ns()}")
    sip: int = field(default_factory=testing.free_port)
    http: int = field(default_factory=testing.free_port)
    desk: int = field(default_factory=testing.free_port)  # the handlers' telephones
    quits: int = field(default_factory=testing.free_port)  # a handler's who puts the receiver down after two seconds
    partner: int = field(default_factory=testing.free_port)
    public: int = field(default_factory=testing.free_port)  # whoever is rung back
    process: subprocess.Popen | None = None
    others: list[subprocess.Popen] = field(default_factory=list)
    rung_back: subprocess.Popen | None = None
    handles: list[int] = field(default_factory=list)
    handlers: tuple[str, ...] = ("bryn", "amal", "cerys", "dafydd")

    @property
    def folder(self) -> str:
        return f"/srv/watchroom/{self.name}"

    @property
    def inside(self) -> Path:
        return ROOT / self.folder.lstrip("/")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    def link_settings(self, *, http: int | None = None) -> str:
        """The link's own `asterisk.toml`."""
        return (
            f'[northmoor]\nurl = "http://127.0.0.1:{http or self.http}"\nuser = "{USER}"\npassword = "{PASSWORD}"\napp = "{APP}"\n'
            f'partners = {{ fire = "PJSIP/fire", ambulance = "PJSIP/nobody" }}\nring_back = "PJSIP/{{number}}@public"\nring_for_s = 8\n'
        )

    def write(self) -> None:
        for each in ("spool/recording", "log", "run", "db", "moh", "keys"):
            (self.inside / each).mkdir(parents=True)  # without spool/recording a recording is answered by 500
        shutil.copy(self.speech("hold", "Please hold the line."), self.inside / "moh" / "hold.wav")
        here = self.folder
        files = {
            "asterisk.conf": "[directories]\n"
            + "".join(
                f"{name} => {where}\n"
                for name, where in {
                    "astetcdir": here, "astmoddir": "/usr/lib/x86_64-linux-gnu/asterisk/modules", "astvarlibdir": "/var/lib/asterisk",
                    "astdbdir": f"{here}/db", "astkeydir": f"{here}/keys", "astdatadir": "/usr/share/asterisk",
                    "astspooldir": f"{here}/spool", "astrundir": f"{here}/run", "astlogdir": f"{here}/log",
                }.items()
            )
            + "[options]\nverbose = 1\n",
            "modules.conf": "[modules]\nautoload = no\n" + "".join(f"load = {one}.so\n" for one in MODULES.split()),
            "logger.conf": "[logfiles]\nfull => notice,warning,error\n",
            "http.conf": f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nbindport = {self.http}\n",
            "ari.conf": f"[general]\nenabled = yes\n[{USER}]\ntype = user\npassword = {PASSWORD}\nread_only = no\n",
            "musiconhold.conf": f"[default]\nmode = files\ndirectory = {here}/moh\n",
            "rtp.conf": "[general]\nrtpstart = 20000\nrtpend = 29999\nstrictrtp = no\n",
            "pjsip.conf": self._pjsip(),
            "extensions.conf": (
                "[trunk]\n"
                "exten => _X.,1,NoOp()\n"
                f" same => n(try),Stasis({APP},${{EXTEN}})\n"
                ' same => n,GotoIf($["${STASISSTATUS}" = "FAILED"]?away:over)\n'
                " same => n(away),Ringing()\n"  # nobody listens to the exchange just now: the caller hears it ring, and we try again
                " same => n,Wait(0.5)\n"
                " same => n,Goto(try)\n"
                " same => n(over),Hangup()\n"
            ),
        }  # fmt: skip
        # without it each call waits for a name server to say who we are
        (ROOT / "etc" / "hosts").write_text(f"127.0.0.1 localhost {socket.gethostname()}\n")
        for name, text in files.items():
            (self.inside / name).write_text(text)

    def _pjsip(self) -> str:
        common = "type = endpoint\ndisallow = all\nallow = ulaw\ndirect_media = no\ncontext = trunk\ntrust_id_inbound = yes\n"

        def telephone(name: str, port: int) -> str:
            return f"[{name}]\n{common}aors = {name}\n[{name}]\ntype = aor\ncontact = sip:{name}@127.0.0.1:{port}\nqualify_frequency = 0\n"

        return (
            f"[udp]\ntype = transport\nprotocol = udp\nbind = 127.0.0.1:{self.sip}\n"
            + telephone("public", self.public)
            + "[public]\ntype = identify\nendpoint = public\nmatch = 127.0.0.1\n"
            + "".join(telephone(name, self.quits if name == "dafydd" else self.desk) for name in self.handlers)
            + telephone("fire", self.partner)
            + telephone("nobody", testing.free_port())
        )

    def speech(self, name: str, words: str) -> Path:
        """Words as 8 kHz µ-law in a WAV for hold, and as raw bytes for sipp: a voice, and no person's."""
        wav, raw = (self.inside / f"{name}{end}" for end in (".wav", ".ulaw"))
        if not raw.exists():
            samples = sayings.read_out(words, VOICE)
            wav.write_bytes(sayings.wav(samples))
            raw.write_bytes(_ulaw(samples))
        return wav

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*WITH_US, "chroot", str(ROOT), "asterisk", "-f", "-C", f"{self.folder}/asterisk.conf"],
            stdin=subprocess.DEVNULL, stdout=self._out("console"), stderr=subprocess.STDOUT, start_new_session=True,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "TERM": "dumb"},
        )  # fmt: skip
        deadline = time.monotonic() + 30
        while not self._is_ready():
            assert self.process.poll() is None, (self.inside / "console").read_text()[-3000:]
            assert time.monotonic() < deadline, (self.inside / "console").read_text()[-3000:]
            time.sleep(0.1)

    def ask(self, path: str, method: str = "GET") -> bytes:
        login = b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(f"{self.url}/ari{path}", method=method, headers={"Authorization": f"Basic {login}"})
        with urllib.request.urlopen(request, timeout=3) as answer:
            return answer.read()

    def _is_ready(self) -> bool:
        with contextlib.suppress(OSError):
            return b"pjsip" in self.ask("/endpoints").lower()
        return False

    def sipp(self, scenario: str, *more: str, keys: dict[str, str] | None = None) -> subprocess.Popen:
        """Runs one of our scenarios below tests/telephony; `keys` fill its [name]s."""
        text = (Path(__file__).parent / f"{scenario}.xml").read_text()
        for name, value in (keys or {}).items():
            text = text.replace(f"[{name}]", value)
        made = f"{scenario}-{len(self.others)}.xml"
        (self.inside / made).write_text(text.replace("FOLDER", self.folder))
        process = subprocess.Popen(
            [*WITH_US, "chroot", str(ROOT), "sipp", "-sf", f"{self.folder}/{made}", "-i", "127.0.0.1", "-nostdin", "-trace_err",
             "-error_file", f"{self.folder}/{made}.errors", "-min_rtp_port", "30000", "-max_rtp_port", "48000", "-l", "500", *more],
            stdin=subprocess.DEVNULL, stdout=self._out(f"{made}.out"), stderr=subprocess.STDOUT, cwd="/",
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "TERM": "dumb"}, start_new_session=True,
        )  # fmt: skip
        self.others.append(process)
        return process

    def _out(self, name: str) -> int:
        handle = os.open(self.inside / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self.handles.append(handle)
        return handle

    def telephones(self) -> None:
        """The desk's, the partner's and the public's telephones, which answer whatever rings."""
        self.speech("desk", "Police emergency. What is happening?")
        for port, kind in ((self.desk, ""), (self.partner, ""), (self.quits, "_that_quits")):
            self.sipp(f"telephone{kind}", "-p", str(port), keys={"speech": f"{self.folder}/desk.ulaw"})
        self.rung_back = self.sipp("telephone", "-p", str(self.public), keys={"speech": f"{self.folder}/desk.ulaw"})

    def stop(self) -> None:
        for process in (*self.others, self.process):
            if process and process.poll() is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        for handle in self.handles:
            os.close(handle)


@contextlib.contextmanager
def running() -> Iterator[Exchange]:
    exchange = Exchange()
    try:
        exchange.write()
        exchange.start()
        exchange.telephones()
        yield exchange
    finally:
        exchange.stop()
        if not os.environ.get("WATCHROOM_KEEP"):
            shutil.rmtree(exchange.inside, ignore_errors=True)


def _ulaw(samples: Iterable[int]) -> bytes:
    """ITU-T G.711."""

    def one(sample: int) -> int:
        sign, size = (0x80, min(-sample, 32635)) if sample < 0 else (0, min(sample, 32635))
        size += 132
        exponent = max(0, size.bit_length() - 8)
        return ~(sign | exponent << 4 | size >> (exponent + 3) & 0x0F) & 0xFF

    return bytes(map(one, samples))
