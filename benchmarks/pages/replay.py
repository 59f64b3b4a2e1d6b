"""The replay of a day in a real Chromium: ``python -m benchmarks.pages.replay frames`` or ``picture``.

Input: a Chromium on the machine (``HALLPLAN_CHROMIUM``, or one on the path), and the district hall's day.  Output:
``frames`` prints how long a frame takes to draw, and which share takes at most 8 ms; ``picture`` writes the moving
pictures of the READMEs to ``docs/images``.  The component is drawn as on the page, in a document of its own.
"""

from __future__ import annotations

import argparse
import html
import io
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from foundation import messages
from foundation.arrays import FloatArray
from foundation.messages import LANGUAGES, Language
from hallplan.page.replay.component import script
from hallplan.page.replay.payload import day_json, words
from planner.replay import replay_day
from scenarios.compose.composing import composed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

__all__ = [
    "DARK",
    "FRAME_MS",
    "LIGHT",
    "chromium",
    "day_of",
    "frame_times",
    "main",
    "open_replay",
    "replay_document",
    "write_picture",
]

FRAME_MS: Final = 8.0
"""What a frame may take: half of the time between two frames at 60 a second; the rest is the browser's."""
LIGHT: Final = {"text": "#252b33", "background": "#ffffff", "secondary-background": "#f3f5f7", "border": "#d8dde3"}
DARK: Final = {"text": "#fafafa", "background": "#0e1117", "secondary-background": "#262730", "border": "#4a4d57"}
"""Colours of Streamlit's themes, by the variables that components read."""

_SCENARIO: Final = "honghuagang-2014"
_IMAGES: Final = Path(__file__).resolve().parents[2] / "docs" / "images"
_FLAGS: Final = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run")
_PASSES: Final = 3
_BEGIN_S, _SPAN_S = 9 * 3600 - 300, 80 * 60
_FRAMES_A_SECOND: Final = 8
_MINUTES_A_SECOND: Final = 5
_WIDTH: Final = 960
_MOST_BYTES: Final = 1_500_000


def replay_document(day: str, texts: dict[str, str], theme: dict[str, str]) -> str:
    """Return an HTML document in which the component stands as it does on the page, in a shadow root."""
    folder = files("hallplan.page.replay")
    body, style = (folder.joinpath(name).read_text("utf-8") for name in ("replay.html", "replay.css"))
    variables = "".join(f"--st-{name}-color: {colour};" for name, colour in theme.items())
    module = script().replace("export default function", "globalThis.mount = function")
    data = json.dumps({"day": day, "words": texts}).replace("<", "\\u003c")
    inner = html.escape(f"<style>{style}</style>{body}")
    return f"""<!doctype html><html><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>replay</title>
<style>body {{ {variables} margin: 16px; background: {theme["background"]}; --st-font: "Source Sans", sans-serif; }}
</style></head><body><main id="host" data-inner="{inner}"></main>
<script type="module">{module}
const host = document.getElementById("host");
const parentElement = host.attachShadow({{ mode: "open" }});
parentElement.innerHTML = host.dataset.inner;
globalThis.data = {data};
globalThis.unmount = mount({{ data, parentElement }});
</script></body></html>"""


def day_of(scenario: str, language: Language) -> tuple[str, dict[str, str]]:
    """Return the JSON of a built-in scenario's day, and the words, in a language."""
    model = composed(scenario).scenario
    with messages.using(language):
        return day_json(replay_day(model), model, language), words()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the machine's Chromium without a window.

    Raises
    ------
    SystemExit
        If there is none.
    """
    from playwright.sync_api import sync_playwright

    path = os.environ.get("HALLPLAN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not path:
        raise SystemExit("There is no Chromium: name one in HALLPLAN_CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_replay(
    browser: Browser, document: str, *, size: tuple[int, int] = (_WIDTH + 32, 900), reduced_motion: bool = True
) -> Iterator[Page]:
    """Open a document of :func:`replay_document`; by default nothing moves by itself."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce" if reduced_motion else "no-preference"
    )
    try:
        page = context.new_page()
        page.set_content(document)
        page.locator(".replay li").first.wait_for()
        yield page
    finally:
        context.close()


def frame_times(page: Page, frames: int) -> FloatArray:
    """Return the milliseconds that frames over the day take; of several passes the least of each.

    What else the machine does meanwhile comes on top of a frame in one pass, and hardly in all of them.
    """
    measure = "(root, frames) => root.replay.measure(frames)"
    passes = [page.locator(".replay").evaluate(measure, frames) for _ in range(_PASSES)]
    return np.asarray(np.min(np.array(passes, dtype=np.float64), axis=0), dtype=np.float64)


def write_picture(browser: Browser, language: Language) -> Path:
    """Write the moving picture of a morning in the district hall.

    Raises
    ------
    SystemExit
        If it is larger than a README should carry.
    """
    document = replay_document(*day_of(_SCENARIO, language), LIGHT)
    pictures = []
    with open_replay(browser, document, reduced_motion=False) as page:
        root = page.locator(".replay")
        root.evaluate(f"(root) => {{ root.replay.pause(); root.replay.jump({_BEGIN_S}); }}")
        hide = "(root) => { for (const name of ['details', 'hint']) root.replay.parts[name].hidden = true; }"
        root.evaluate(hide)
        for _ in range(_SPAN_S // (_MINUTES_A_SECOND * 60) * _FRAMES_A_SECOND):
            root.evaluate(f"(root) => root.replay.advance(1 / {_FRAMES_A_SECOND})")
            pictures.append(Image.open(io.BytesIO(root.screenshot())).convert("RGB"))
    path = _IMAGES / f"replay-{language}.webp"
    first, *rest = pictures
    duration = 1000 // _FRAMES_A_SECOND
    # Without loss: of flat colours that is smaller, and only what has moved is stored of a frame.
    first.save(
        path,
        save_all=True,
        append_images=rest,
        duration=duration,
        loop=0,
        lossless=True,
        quality=80,
        method=4,
        minimize_size=True,
    )
    if path.stat().st_size > _MOST_BYTES:
        raise SystemExit(f"{path.name} has {path.stat().st_size:,} bytes, more than {_MOST_BYTES:,}.")
    return path


def _print_frames(browser: Browser, frames: int) -> None:
    with open_replay(browser, replay_document(*day_of(_SCENARIO, "en"), LIGHT), reduced_motion=False) as page:
        times = frame_times(page, frames)
    share = float(np.mean(times <= FRAME_MS))
    median, high, most = np.quantile(times, (0.5, 0.95, 1.0))
    print(f"{frames} frames of {_SCENARIO}: {share:.1%} within {FRAME_MS:g} ms")
    print(f"median {median:.1f} ms, 95% within {high:.1f} ms, longest {most:.1f} ms")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the frames, or write the pictures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pages.replay", description=__doc__)
    parser.add_argument("task", choices=("frames", "picture"))
    parser.add_argument("--frames", type=int, default=600, help="how many frames the day is cut into")
    options = parser.parse_args(arguments)
    with chromium() as browser:
        if options.task == "frames":
            _print_frames(browser, options.frames)
        else:
            for language in LANGUAGES:
                path = write_picture(browser, language)
                print(f"{path} ({path.stat().st_size:,} bytes)")


if __name__ == "__main__":
    main()
