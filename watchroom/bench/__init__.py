"""How fast is it? `watchroom bench [NAME] [--short] [--json]`: measures, and never says whether that is good.

Each bench is a process of its own on a database that is made for this run and thrown away. Machines are shared: what can be
is measured against a peer in the same run, and the load is said. docs/benchmarks.md tells what is measured.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from typing import Any

BENCHES = ("intake", "burst", "facts", "live", "pages", "series")


def run(arguments: list[str]) -> int:
    """All benches, or the one that is named. Exit status 1 when one could not be carried out."""
    if arguments[:1] == ["identity"]:
        from watchroom.bench import identity

        return identity.run(arguments[1:])
    if arguments[:1] == ["peers"]:
        from watchroom.bench import peers

        return peers.run(arguments[1:])
    if arguments[:1] == ["batch"]:
        from watchroom.bench import batch

        return batch.run(arguments[1:])
    if arguments[:1] == ["equity"]:
        from watchroom.bench import equity

        return equity.run(arguments[1:])
    parser = argparse.ArgumentParser("watchroom bench", description=__doc__)
    parser.add_argument("name", nargs="?", choices=BENCHES, help="one bench; without it, all")
    parser.add_argument("--short", action="store_true", help="some seconds each")
    parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
    asked = parser.parse_args(arguments)

    from watchroom.bench import ground

    answer: dict[str, Any] = {
        "versions": _versions(),
        "cpus": os.cpu_count(),
        "load_before": ground.load_of_machine(),
        "short": asked.short,
    }
    with ground.throw_away_database() as environment:
        for name in [asked.name] if asked.name else BENCHES:
            print(f"Measuring: {name}", file=sys.stderr, flush=True)
            length = "short" if asked.short else "long"
            child = [sys.executable, "-m", "watchroom.bench.child", name, length]
            begun = time.monotonic()
            done = subprocess.run(child, env=environment, stdout=subprocess.PIPE, text=True, check=False)
            said = json.loads(done.stdout.splitlines()[-1]) if done.returncode == 0 else {"failed": done.returncode}
            answer[name] = {**said, "took_s": round(time.monotonic() - begun, 1), "load": ground.load_of_machine()}
            if not asked.json:
                print(f"{name}: {json.dumps(answer[name])}", flush=True)
    if asked.json:
        print(json.dumps(answer))
    return 1 if any("failed" in value for value in answer.values() if isinstance(value, dict)) else 0


def _versions() -> dict[str, str]:
    found = {name: version(name) for name in ("watchroom", "django", "psycopg", "granian")}
    return {**found, "python": platform.python_version()}
