"""Which pictures does the documentation show? Those of a demo that this script starts, lets live for a while, and photographs.

`make screenshots` writes docs/pictures/. Every page in PAGES is taken light and dark, at both sizes that desks have.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from watchroom import testing

REPOSITORY = Path(__file__).resolve().parent.parent
LIVE_FOR = 45  # seconds, until callers have called and units have gone
SIZES = {"1366x768": (1366, 768), "1920x1080": (1920, 1080)}
SCHEMES = ("light", "dark")
# name → (who looks, at what); nobody: without logging in
PAGES: dict[str, tuple[str | None, str]] = {
    "handler": ("handler@northmoor", "/desk/"),
    "despatch": ("despatch@northmoor", "/despatch/"),
    "resolve": ("resolution@northmoor", "/resolve/"),
    "supervisor": ("supervisor@northmoor", "/supervisor/"),
    "demand": ("analyst@northmoor", "/demand/"),
    "portal": (None, "/report/northmoor/"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pages", nargs="*", help=f"only these of {', '.join(PAGES)}")
    parser.add_argument("--into", type=Path, default=REPOSITORY / "docs" / "pictures")
    parser.add_argument("--live-for", type=float, default=LIVE_FOR, metavar="SECONDS")
    asked = parser.parse_args()
    asked.into.mkdir(parents=True, exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=testing.chromium(), args=testing.CHROMIUM_FLAGS)
        time.sleep(asked.live_for)
        for name in asked.pages or PAGES:
            who, path = PAGES[name]
            for file in pictures(browser, url, name, who, path, asked.into):
                print(file)
        browser.close()


def pictures(browser: Browser, url: str, name: str, who: str | None, path: str, into: Path) -> Iterator[Path]:
    for scheme in SCHEMES:
        context = browser.new_context(base_url=url, color_scheme=scheme, locale="en-GB", timezone_id="Europe/London")
        page = context.new_page()
        if who:
            testing.log_in(page, who)
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.goto(path)
            page.evaluate("document.fonts.ready")
            page.wait_for_timeout(1500)  # panels have come, the stream is live
            file = into / f"{name}-{size}-{scheme}.png"
            page.screenshot(path=file)
            yield file
        context.close()


@contextlib.contextmanager
def demo() -> Iterator[str]:
    """A demo of its own, with its own state, ended afterwards."""
    data, port = Path(tempfile.mkdtemp(prefix="watchroom-pictures-")), testing.free_port()
    environment = {**testing.plain_environment(data), "PORT": str(port)}
    process = subprocess.Popen(
        [sys.executable, "-m", "watchroom.cli", "demo"], env=environment, stdout=subprocess.PIPE, text=True, cwd=os.path.sep
    )
    try:
        assert process.stdout is not None
        if not any("Watchroom is ready" in line for line in process.stdout):
            sys.exit("The demo did not get ready.")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
        shutil.rmtree(data, ignore_errors=True)


if __name__ == "__main__":
    main()
