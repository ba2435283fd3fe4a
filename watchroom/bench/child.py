"""One bench, in a process of its own: prints its measures as one line of JSON."""

import importlib
import json
import os
import sys


def main(name: str, length: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchroom.settings")
    import django

    django.setup()
    measures = importlib.import_module(f"watchroom.bench.{name}").measure(short=length == "short")
    print(json.dumps(measures), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
