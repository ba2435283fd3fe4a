"""Which pictures does the documentation show? Those of a demo that this script starts, works in as a handler would, and photographs.

`make screenshots` writes docs/pictures/: eight pictures, each below 250 kB. Nothing in them is drawn for the picture: the callers
are the demo's own, and the call that is shown answered was answered, typed, judged and graded in the browser.
"""

import argparse
import base64
import contextlib
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from watchroom import testing

REPOSITORY = Path(__file__).resolve().parent.parent
WIDE, SMALL = (1920, 1080), (1366, 768)
LARGEST = 250_000  # bytes of a picture
BUSY_AFTER = 240  # seconds of the demo until the desks of the others have something to show
PATIENCE = 90_000  # ms; the machine may have other work

CALLER = "07700 900417"  # the knife at the door: the demo's story begins with this call
PLACE, FOUND, KIND = "18 Tanner's Row", "Flat 2, 18 Tanner", "domestic_weapon"
LINES = (
    "Whispering: Flat 2, 18 Tanner’s Row, please hurry.",
    "He has a knife, outside the bathroom door. Craig, her ex.",
    "Bolted in. Two children asleep upstairs, 7 and 4.",
    "Kitchen knife, black handle. He has been drinking.",
    "Says he will kick it in. The bolt is coming away.",
)
RISK = (
    ("threat", 3, "Armed, at the door, says he will break in."),
    ("harm", 3, "Strangled her in September. Children will wake."),
    ("risk", 3, "Bolt will not hold. She cannot get past him."),
    ("investigation", 3, "Knife, door and this recording must be kept."),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=REPOSITORY / "docs" / "pictures")
    asked = parser.parse_args()
    asked.into.mkdir(parents=True, exist_ok=True)
    with demo() as url, sync_playwright() as playwright:
        began = time.monotonic()
        browser = playwright.chromium.launch(executable_path=testing.chromium(), args=testing.CHROMIUM_FLAGS)
        camera = Camera(browser, url, asked.into)
        the_call(camera)
        time.sleep(max(0.0, began + BUSY_AFTER - time.monotonic()))
        the_other_desks(camera)
        browser.close()


# --- What is shown


def the_call(camera: "Camera") -> None:
    """It rings; it is answered, heard, placed, sent as Immediate, and the risk is being written."""
    page = camera.sit_down("handler@northmoor")
    page.goto("/desk/")
    ring = page.locator("li.ring", has_text=CALLER)
    ring.wait_for()
    camera.take(page, "waiting")
    ring.locator("form.ring__act button").click()
    page.wait_for_url(lambda address: address.rstrip("/").rpartition("/")[2].isdigit())
    for line in LINES[:3]:
        write(page, line)
    page.fill("#find-place", PLACE)
    page.locator("#found-places [role=option]", has_text=FOUND).first.click()
    page.locator("#where address", has_text=FOUND).wait_for()
    page.fill("#find-kind", "domestic")
    page.locator(f"#kind-{KIND}").click()
    page.locator("#grade-immediate:not([aria-disabled=true])").wait_for()
    page.press("body", "F8")
    page.press("body", "1")
    page.locator("#stage-grade .decided").wait_for()
    for element, level, why in RISK:
        page.locator(f"#thrive-{element} label", has=page.locator(f"#level-{level}")).click()
        page.fill(f"#why-{element}", why)
        page.locator(f"#thrive-{element} form button").click()
        page.locator(f"#thrive-{element}.is-done").wait_for()
    for line in LINES[3:]:
        write(page, line)
    camera.take(page, "handler")
    page.goto(page.url.split("?")[0] + "?theme=dark")
    camera.take(page, "handler-dark", size=SMALL)
    page.context.close()


def write(page: Page, line: str) -> None:
    page.fill("#line", line)
    page.press("#line", "Enter")
    page.locator("#log-box li", has_text=line).wait_for()


def the_other_desks(camera: "Camera") -> None:
    for name, who, path in (
        ("despatch", "despatch@northmoor", "/despatch/"),
        ("supervisor", "supervisor@northmoor", "/supervisor/"),
        ("analyst", "analyst@northmoor", "/demand/"),
        ("gallery", "handler@northmoor", "/gallery/"),
        ("portal", None, "/report/northmoor/step/1/"),
    ):
        page = camera.sit_down(who)
        page.goto(path)
        camera.take(page, name)
        page.context.close()


# --- The camera


class Camera:
    def __init__(self, browser: Browser, url: str, into: Path) -> None:
        self.browser, self.url, self.into = browser, url, into
        self.bench = browser.new_page()  # an empty page, to count colours in

    def sit_down(self, who: str | None) -> Page:
        context = self.browser.new_context(
            base_url=self.url,
            viewport={"width": WIDE[0], "height": WIDE[1]},
            color_scheme="light",
            locale="en-GB",
            timezone_id="Europe/London",
        )
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        if who:
            testing.log_in(page, who)
        return page

    def take(self, page: Page, name: str, *, size: tuple[int, int] = WIDE) -> None:
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.evaluate("document.fonts.ready.then(() => true)")
        with contextlib.suppress(Exception):  # the public pages have no stream
            page.wait_for_selector("#live-state[data-state=well]", timeout=10_000)
        page.wait_for_timeout(2500)  # panels have come, maps are drawn
        file = self.into / f"{name}.png"
        file.write_bytes(self._small(page.screenshot()))
        print(f"{file} {file.stat().st_size // 1000} kB")
        if file.stat().st_size > LARGEST:
            print(f"{file.name} is larger than {LARGEST // 1000} kB", file=sys.stderr)

    def _small(self, picture: bytes) -> bytes:
        """The same picture in at most 256 colours, none further off than it has to be."""
        found: dict[str, Any] = self.bench.evaluate(COUNT, base64.b64encode(picture).decode())
        width, height, palette = found["width"], found["height"], bytes(found["palette"])
        pixels = base64.b64decode(found["pixels"])
        rows = b"".join(b"\0" + pixels[start : start + width] for start in range(0, width * height, width))
        header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
        parts = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
        small = b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*part) for part in parts)
        return min(small, picture, key=len)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# The commonest colours first; one that is near to a chosen one joins it. "Near" grows until 256 are enough.
COUNT = """async picture => {
  const image = new Image();
  image.src = "data:image/png;base64," + picture;
  await image.decode();
  const { width, height } = image;
  const canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext("2d");
  pen.drawImage(image, 0, 0);
  const data = pen.getImageData(0, 0, width, height).data;
  const counts = new Map();
  for (let i = 0; i < data.length; i += 4) {
    const colour = (data[i] << 16) | (data[i + 1] << 8) | data[i + 2];
    counts.set(colour, (counts.get(colour) || 0) + 1);
  }
  const common = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
  let chosen, joins;
  for (let near = 0; ; near += 3) {
    chosen = []; joins = new Map();
    for (const colour of common) {
      const [r, g, b] = [colour >> 16, (colour >> 8) & 255, colour & 255];
      let best = -1, least = near * near + 1;
      chosen.forEach((c, n) => {
        const d = (c[0] - r) ** 2 + (c[1] - g) ** 2 + (c[2] - b) ** 2;
        if (d < least) { least = d; best = n; }
      });
      if (best < 0) { best = chosen.length; chosen.push([r, g, b]); }
      joins.set(colour, best);
      if (chosen.length > 256) break;
    }
    if (chosen.length <= 256) break;
  }
  const pixels = new Uint8Array(width * height);
  for (let i = 0, n = 0; i < data.length; i += 4, n++) pixels[n] = joins.get((data[i] << 16) | (data[i + 1] << 8) | data[i + 2]);
  let text = "";
  for (let i = 0; i < pixels.length; i += 32768) text += String.fromCharCode(...pixels.subarray(i, i + 32768));
  return { width, height, palette: chosen.flat(), pixels: btoa(text) };
}"""


# --- The demo


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
