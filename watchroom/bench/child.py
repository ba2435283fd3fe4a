"""One bench, in a process of its own: prints its measures as one line of JSON."""

import importlib
import json
import sys

from watchroom.bench import ground


def main(name: str, length: str) -> None:
    ground.ready()
    measures = importlib.import_module(f"watchroom.bench.{name}").measure(short=length == "short")
    print(json.dumps(measures), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
