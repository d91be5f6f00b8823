"""Interactive figures in a real browser, under a strict policy, on a sub-path, with the keyboard.

Each figure is taken out of its page and put on a bare one, so that what is found is the figure's own doing
and not the theme's. Beside the figures of the finished site there are two made here: one with everything
that an SVG can hold, one with results and no picture.
"""

from __future__ import annotations

import base64
import functools
import gzip
import http.server
import json
import os
import re
import threading
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from bs4 import BeautifulSoup
from PIL import Image

from dlbook import explore as explore_package
from dlbook import plots
from dlbook.explore import explore
from dlbook.explore._drawing import draw_state
from dlbook.site.explore_nodes import FOLDER, MIME, _html, _write_files
from dlbook.site.project import Project

ROOT = Path(__file__).resolve().parents[3]
SITE = Project(ROOT).html
STATIC = Path(explore_package.__file__).parents[1] / "site" / "static"
POLICY = "default-src 'self'; style-src 'self'"

# --- The figures ----------------------------------------------------------------------------------------


@dataclass
class Figure:
    """A figure's HTML and files, and what its states should be."""

    html: str
    files: dict[str, bytes]
    bundle: dict = field(repr=False)
    raw: str = ""  # the start state as Matplotlib wrote it


def everything(shade, kind):
    _, axes = plt.subplots(1, 2, figsize=(6.4, 3))
    pixels = np.arange(12.0).reshape(3, 4) + shade
    axes[0].imshow(pixels, cmap="viridis", vmin=0, vmax=15, interpolation="none")
    axes[0].grid(False)
    axes[1].bar([1, 2, 3], [1, 2, shade + 1], hatch="//", alpha=0.6, label=r"$\alpha_{1}$")
    axes[1].plot([1, 2, 3], [3, 1, 2], "s--", markerfacecolor="none", label=kind)
    axes[1].fill_between([1, 3], [0, 1], color="C2", alpha=0.3)
    axes[1].set_ylim(0, 5)
    axes[1].legend()
    return {"shade": shade}


def made(draw, **words) -> Figure:
    """Make a figure as the build does."""
    with plt.rc_context(), pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLBOOK_BUILD", "1")
        plots.use()
        explorer = explore(draw, **words)
        data = explorer._repr_mimebundle_()[MIME]
        start = {c.name: c.values[c.start] for c in explorer.controls}
        raw = draw_state(explorer.draw, explorer.alt, start).svg
    folder = Path(os.environ["PYTEST_TMP"])
    bundle, picture = _write_files(folder, data)
    files = {name: (folder / FOLDER / name).read_bytes() for name in (bundle, picture) if name}
    bundle_at, picture_at = f"../{FOLDER}/{bundle}", f"../{FOLDER}/{picture}"
    html = "\n".join(_html(data, "explore-1", bundle_at, picture_at, 'loading="lazy"'))
    html = html if picture else html.replace(f'src="../{FOLDER}/"', "")
    return Figure(html, files, json.loads(gzip.decompress(files[bundle])), raw)


def on_the_site() -> list[tuple[str, int]]:
    """List the figures of the finished site: page and number on it."""
    pages = sorted(SITE.rglob("*.html"))
    found = [(p, re.findall(r'class="dlbook-explore"', p.read_text(encoding="utf8"))) for p in pages]
    return [(str(p.relative_to(SITE)), n) for p, hits in found for n in range(len(hits))]


def from_site(page: str, number: int) -> Figure:
    """Take a figure out of a page."""
    soup = BeautifulSoup((SITE / page).read_text(encoding="utf8"), "html.parser")
    element = soup.select(".dlbook-explore")[number]
    files = {}
    for element_, key in [(element, "data-bundle"), *((i, "src") for i in element.select("img"))]:
        path = (SITE / page).parent / element_[key]
        files[path.name] = path.read_bytes()
        element_[key] = f"../{FOLDER}/{path.name}"
    bundle = next(content for name, content in files.items() if name.endswith(".bin"))
    return Figure(str(element), files, json.loads(gzip.decompress(bundle)))


KINDS = ["everything", "results", *on_the_site()]


@functools.cache
def figure(kind) -> Figure:
    if kind == "everything":
        return made(
            everything, shade=(0, 3, 4), kind=["up", "down"], start={"shade": 2}, alt=lambda **v: f"At {v}"
        )
    if kind == "results":
        return made(lambda n: {"square": n * n}, n=range(1, 9), alt="The squares of the first numbers")
    return from_site(*kind)


# --- The browser ------------------------------------------------------------------------------------------


@dataclass
class Stage:
    """A bare page with one figure, in a browser that tells what goes wrong."""

    page: object
    figure: Figure
    asked: list[str]
    troubles: list[str]
    address: str

    @property
    def root(self):
        return self.page.locator(".dlbook-explore")

    def state(self) -> int:
        return int(self.root.get_attribute("data-state") or -1)

    def wait_for(self, state: int) -> None:
        wait_until(
            self.page, "n => document.querySelector('.dlbook-explore').dataset.state === String(n)", arg=state
        )

    def spoken(self) -> str:
        return self.root.locator("[role=status]").text_content()


@pytest.fixture(scope="session", autouse=True)
def folder(tmp_path_factory):
    os.environ["PYTEST_TMP"] = str(tmp_path_factory.mktemp("figures"))
    yield
    del os.environ["PYTEST_TMP"]


def wait_until(page, condition, arg=None):
    """Ask from outside: the page's own policy forbids what Playwright's waiting does within it."""
    for _ in range(300):
        if page.evaluate(condition, arg):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"never came true: {condition}")


@pytest.fixture
def stage(browser):
    """Open a figure on a bare page: `stage(kind, above=pixels of nothing above it, ...)`."""
    opened, troubles = [], []

    def start(kind, above=0, encoding="", lose="", expect=(), clock=False, **settings) -> Stage:
        one = figure(kind)
        asked: list[str] = []
        address = serve(one, above, encoding, lose, asked, opened)
        context = browser.new_context(viewport={"width": 800, "height": 600}, **settings)
        opened.append(context)
        # Whatever is not on this server is refused and counts as a fault.
        host = address.split("/some/")[0]

        def guard(route):
            if route.request.url.startswith(host):
                route.continue_()
            else:
                troubles.append(route.request.url)
                route.abort()

        context.route("**/*", guard)
        context.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error('CSP', e.violatedDirective))"
        )
        page = context.new_page()
        if clock:
            page.clock.install()

        def note(message):
            if message.type in ("error", "warning") and not any(word in message.text for word in expect):
                troubles.append(message.text)

        page.on("console", note)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(address)
        return Stage(page, one, asked, troubles, address)

    yield start
    for thing in reversed(opened):
        thing.close()
    assert troubles == []


def serve(one, above, encoding, lose, asked, opened) -> str:
    """Serve a bare page with a figure, deep below the root, under the strict policy."""
    words = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Figure</title>
<link rel="stylesheet" href="../_static/page.css">
<link rel="stylesheet" href="../_static/explore/explore.css">
<script defer src="../_static/explore/explore.js"></script></head>
<body><main><h1>Figure</h1><div class="above"></div>{one.html}</main></body></html>"""
    contents = {
        "part/page.html": (words.encode(), "text/html"),
        "_static/page.css": (f"body {{ margin: 0 }} .above {{ height: {above}px }}".encode(), "text/css"),
        "favicon.ico": (b"", "image/x-icon"),
    }
    for name, kind in (("explore.js", "text/javascript"), ("explore.css", "text/css")):
        contents[f"{FOLDER}/{name}"] = ((STATIC / "explore" / name).read_bytes(), kind)
    for name, content in one.files.items():
        kind = "image/svg+xml" if name.endswith("svg") else "application/octet-stream"
        contents[f"{FOLDER}/{name}"] = (content, kind)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.removeprefix("/some/where/book/").lstrip("/")
            asked.append(path)
            content, kind = contents.get(path, (b"", ""))
            found = path in contents and not (lose and path.endswith(lose))
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Security-Policy", POLICY)
            if encoding and path.endswith(".bin"):
                self.send_header("Content-Encoding", encoding)
            self.end_headers()
            if found:
                self.wfile.write(content)

        def log_message(self, *words):
            pass

    class Server(http.server.ThreadingHTTPServer):
        def close(self):
            self.shutdown()
            self.server_close()

    server = Server(("127.0.0.1", 0), Handler)
    opened.append(server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/some/where/book/part/page.html"


def shot(locator) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(locator.screenshot())).convert("RGB")).astype(float)


def unlike(a: np.ndarray, b: np.ndarray) -> float:
    """Tell which share of the pixels differs, seen from so far away that half a pixel is nothing."""
    height, width = (min(x, y) // 4 for x, y in zip(a.shape[:2], b.shape[:2], strict=True))
    far = [i[: height * 4, : width * 4].reshape(height, 4, width, 4, 3).mean(axis=(1, 3)) for i in (a, b)]
    return float((np.abs(far[0] - far[1]).max(axis=2) > 50).mean())


# --- Without JavaScript -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_without_javascript_the_start_is_there_with_its_words_and_no_dead_control(stage, kind):
    scene = stage(kind, java_script_enabled=False)
    bundle = scene.figure.bundle
    if any(state is not None for state in bundle["states"]):
        image = scene.root.locator("img")
        assert image.get_attribute("alt") in bundle["alts"]
        assert shot(image).std() > 5, "the picture is blank"
        box = image.bounding_box()
        assert box["width"] / box["height"] == pytest.approx(
            float(image.get_attribute("width")) / float(image.get_attribute("height")), rel=0.02
        )
    for control in scene.root.locator("input, select, button").all():
        assert not control.is_visible()
    assert "Other values need JavaScript" in scene.root.inner_text()


# --- With the keyboard ------------------------------------------------------------------------------------


def values_of(scene) -> list[int]:
    return [len(texts) for texts in scene.figure.bundle["texts"]]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_every_state_can_be_reached_with_the_keyboard_and_is_what_it_should_be(stage, kind):
    scene = stage(kind)
    bundle, sizes = scene.figure.bundle, values_of(scene)
    controls = scene.root.locator("input, select").all()
    for control in controls:
        scene.page.keyboard.press("Tab")
        assert control.evaluate("e => e === document.activeElement"), "controls come in order"
        name = control.evaluate("e => e.labels[0].textContent")
        assert name.strip()
    for state, indices in enumerate(np.ndindex(*sizes)):
        for control, index, size in zip(controls, indices, sizes, strict=True):
            control.focus()
            here = int(control.input_value())
            key = "ArrowRight" if index > here else "ArrowLeft"
            if control.evaluate("e => e.tagName") == "SELECT":
                key = "ArrowDown" if index > here else "ArrowUp"
            if here == size - 1 and index == 0:
                scene.page.keyboard.press("Home")
            else:
                for _ in range(abs(index - here)):
                    scene.page.keyboard.press(key)
        if state == 0 and scene.state() == -1:  # already there; nothing has moved yet
            controls[0].press("End")
            controls[0].press("Home")
        scene.wait_for(state)
        for control, index, texts in zip(controls, indices, bundle["texts"], strict=True):
            if control.get_attribute("type") == "range":
                assert control.get_attribute("aria-valuetext") == texts[index]
                assert control.evaluate("e => e.nextElementSibling.textContent") == texts[index]
        rows = [text for row in bundle["results"][state] for text in row]
        assert scene.root.locator("dt, dd").all_text_contents() == rows
        if bundle["states"][state] is not None:
            picture = scene.root.locator(".dlbook-explore-picture > svg")
            assert picture.get_attribute("aria-label") == bundle["alts"][state]
            assert picture.get_attribute("role") == "img"


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_state_is_spoken_once_after_the_reader_pauses(stage, kind):
    scene = stage(kind, clock=True)
    assert scene.root.locator("[role=status], [aria-live], output").count() == 1
    slider = scene.root.locator("input").first
    slider.focus()
    slider.press("Home")
    for _ in range(2):
        slider.press("ArrowRight")
    wait_until(scene.page, "document.querySelector('.dlbook-explore').dataset.state !== undefined")
    assert scene.spoken() == ""
    scene.page.clock.run_for(1000)
    state = scene.state()
    results = scene.figure.bundle["results"][state]
    expected = "; ".join(f"{label}: {text}" for label, text in results) or scene.figure.bundle["alts"][state]
    assert scene.spoken() == expected


# --- Play -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_play_goes_on_by_itself_pauses_on_request_and_stops_at_the_end(stage, kind):
    scene = stage(kind, clock=True)
    slider, button = scene.root.locator("input").first, scene.root.locator("button")
    slider.focus()
    slider.press("Home")
    last = int(slider.get_attribute("max"))
    assert button.inner_text().split()[0] == "Play"
    button.focus()
    scene.page.keyboard.press("Space")
    assert button.inner_text().split()[0] == "Pause"
    assert slider.input_value() == "0"
    scene.page.clock.run_for(650)
    assert slider.input_value() == "1"
    scene.page.clock.run_for(500)
    assert scene.spoken() == "", "a state is not spoken while the pictures run"
    scene.page.keyboard.press("Space")
    assert button.inner_text().split()[0] == "Play"
    scene.page.clock.run_for(5000)
    assert slider.input_value() == "1"
    wait_until(scene.page, "document.querySelector('[role=status]').textContent !== ''")
    scene.page.keyboard.press("Space")
    scene.page.clock.run_for(650 * last)
    assert slider.input_value() == str(last)
    assert button.inner_text().split()[0] == "Play"
    scene.page.keyboard.press("Space")  # from the end it begins again
    assert slider.input_value() == "0"


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_moving_a_control_ends_play(stage, kind):
    scene = stage(kind, clock=True)
    slider, button = scene.root.locator("input").first, scene.root.locator("button")
    slider.focus()
    slider.press("Home")
    button.click()
    slider.press("ArrowRight")
    assert button.inner_text().split()[0] == "Play"
    scene.page.clock.run_for(5000)
    assert slider.input_value() == "1"


def test_readers_who_want_no_motion_go_step_by_step(stage):
    scene = stage("everything", clock=True, reduced_motion="reduce")
    slider, button = scene.root.locator("input").first, scene.root.locator("button")
    assert button.inner_text().split()[0] == "Next"
    slider.press("Home")
    for expected in ("1", "2", "3", "0"):
        button.press("Enter")
        assert slider.input_value() == expected
        scene.page.clock.run_for(5000)
        assert slider.input_value() == expected, "it moved by itself"


# --- What is loaded, and when -----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_states_are_fetched_when_the_figure_comes_near_and_then_it_works_offline(stage, kind):
    scene = stage(kind, above=5000)
    scene.page.wait_for_timeout(300)
    assert not [path for path in scene.asked if path.endswith(".bin")]
    with scene.page.expect_response(lambda response: response.url.endswith(".bin")):
        scene.root.scroll_into_view_if_needed()
    scene.page.wait_for_load_state("networkidle")
    asked = list(scene.asked)
    scene.page.context.set_offline(True)
    slider = scene.root.locator("input").first
    slider.press("Home")
    slider.press("End")
    sizes = values_of(scene)
    others = [int(c.input_value()) for c in scene.root.locator("input, select").all()]
    scene.wait_for(int(np.ravel_multi_index(others, sizes)))
    assert scene.asked == asked


def test_the_keyboard_fetches_them_too_and_a_change_made_before_they_came_is_shown(stage):
    scene = stage("everything", above=5000)
    slider = scene.root.locator("input").first
    slider.evaluate(
        "e => { e.focus({ preventScroll: true }); e.value = 1; e.dispatchEvent(new Event('input')) }"
    )
    scene.wait_for(2)


def test_a_server_that_says_how_the_file_is_packed_does_no_harm(stage):
    scene = stage("everything", encoding="gzip")
    scene.root.locator("input").first.press("Home")
    scene.wait_for(0)


def test_a_lost_file_is_said_in_words_and_the_start_stays(stage):
    scene = stage("everything", lose=".bin", expect=("404",))
    scene.root.locator("input").first.press("Home")
    status = scene.root.locator("[role=status]")
    wait_until(scene.page, "document.querySelector('[role=status]').textContent !== ''")
    assert "could not be loaded" in status.inner_text()
    assert status.bounding_box()["width"] > 100
    assert scene.root.locator("img").is_visible()


def test_a_picture_that_is_ready_late_does_not_replace_a_newer_one(stage):
    scene = stage("everything")
    scene.page.evaluate("""() => {
        const real = createImageBitmap;
        let calls = 0;
        window.createImageBitmap = async (blob) => {
            if (calls++ === 0) await new Promise((done) => setTimeout(done, 600));
            return real(blob);
        };
    }""")
    slider = scene.root.locator("input").first
    slider.press("Home")
    slider.press("End")
    scene.wait_for(6)
    scene.page.wait_for_timeout(1000)
    assert scene.state() == 6
    assert scene.root.locator("svg").get_attribute("aria-label") == scene.figure.bundle["alts"][6]


# --- How it looks -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [k for k in KINDS if k != "results"], ids=str)
def test_the_first_touch_changes_nothing_that_it_should_not(stage, kind):
    scene = stage(kind)
    picture = scene.root.locator(".dlbook-explore-picture")
    picture.scroll_into_view_if_needed()
    wait_until(scene.page, "document.querySelector('img').complete")
    before, place = shot(picture), scene.root.bounding_box()
    slider = scene.root.locator("input").first
    slider.press("ArrowLeft")
    slider.press("ArrowRight")
    scene.page.wait_for_selector(".dlbook-explore-picture > svg")
    scene.page.wait_for_timeout(200)
    assert scene.root.bounding_box() == place, "the page jumped"
    assert unlike(before, shot(picture)) < 0.002
    slider.press("ArrowLeft")
    scene.page.wait_for_timeout(200)
    assert unlike(before, shot(picture)) > 0.0005, "another state should look different"


def test_the_picture_is_the_one_that_matplotlib_drew(browser):
    one = figure("everything")
    strict = next(content for name, content in one.files.items() if name.endswith(".svg"))
    page, shots = browser.new_page(viewport={"width": 800, "height": 600}), []
    for content in (strict, one.raw.encode()):
        source = base64.b64encode(content).decode()
        page.set_content(f'<img width="614" src="data:image/svg+xml;base64,{source}">')
        wait_until(page, "document.querySelector('img').complete")
        shots.append(shot(page.locator("img")))
    page.close()
    assert unlike(*shots) < 0.001


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_phone_shows_all_of_it(stage, kind):
    scene = stage(kind)
    scene.page.set_viewport_size({"width": 390, "height": 800})
    assert scene.page.evaluate("document.documentElement.scrollWidth") <= 390
    for control in scene.root.locator("input, select, button").all():
        assert control.bounding_box()["height"] >= 24
