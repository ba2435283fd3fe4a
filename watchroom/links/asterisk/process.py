"""The link's own process: a line for each force that has an exchange. The supervisor of `watchroom serve` keeps it running."""

import asyncio
import contextlib
import signal
from importlib import import_module
from pathlib import Path


def main() -> None:
    """Until SIGTERM or SIGINT."""
    from watchroom.foundation import logs

    import_module("watchroom.cli").prepare()  # by name: the commands know the demo, which no link imports
    logs.configure("exchange")
    asyncio.run(_run())


async def _run() -> None:
    from django.conf import settings as django_settings

    from watchroom.links.asterisk import settings
    from watchroom.links.asterisk.line import Line

    loop, ending = asyncio.get_running_loop(), asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, ending.set)
    exchanges = settings.read(Path(django_settings.WATCHROOM_DATA))
    lines = [asyncio.create_task(Line(force, exchange).run()) for force, exchange in exchanges.items()]
    await ending.wait()
    for task in lines:
        task.cancel()
    for task in lines:
        with contextlib.suppress(asyncio.CancelledError):
            await task


if __name__ == "__main__":
    main()
