"""Every page of the finished site in a browser: private, light, accessible, and readable without scripts.

Made by "make book", checked by "make verify".
"""

from __future__ import annotations

import json
import re
import tempfile
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from statistics import median

import html5lib
import pytest
from pages import PROJECT, served, visit

from dlbook.site.chapters import read_chapters
from dlbook.site.theme import POLICY

PAGES = [*(page.slug for page in read_chapters(PROJECT)), "search", "404"]
CHAPTERS = [page.slug for page in read_chapters(PROJECT) if page.is_notebook]
CHAPTER = next(slug for slug in CHAPTERS if slug != "index")  # the landing page hides its code
LOOKS = [(width, scheme) for width in (1280, 390) for scheme in ("light", "dark")]

MOST_BYTES = 300_000
"""What a chapter may transfer, compressed, before the reader does anything."""

MOST_REQUESTS = 15
MOST_SHIFT = 0.01

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
DEFECTS_OF_THE_THEME = [
    "label-content-name-mismatch",
    "summary-name",
    "heading-order",
    "landmark-one-main",
    "skip-link",
]


def source(slug: str) -> str:
    path = PROJECT.html / f"{slug}.html"
    assert path.exists(), f"the page {slug} is missing; run make book first"
    return path.read_text(encoding="utf8")


@pytest.mark.parametrize("slug", PAGES)
def test_the_policy_is_the_first_thing_that_a_page_says(slug):
    head = re.search(r"<head>\s*<meta ([^>]*)>", source(slug))
    assert head, "something comes before the policy, and would escape it"
    assert head[1] == f'http-equiv="Content-Security-Policy" content="{POLICY}"'


@pytest.mark.parametrize("slug", PAGES)
def test_a_page_is_valid_html_with_nothing_inline(slug):
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    tree = parser.parse(source(slug))
    assert [str(error) for error in parser.errors] == []
    for element in tree.iter():
        if not isinstance(element.tag, str):
            continue
        assert element.tag != "style", "a <style> element: the policy forbids it"
        data = element.get("type") == "application/json"  # is never run
        assert element.tag != "script" or element.get("src") or data, (
            "an inline script: the policy forbids it"
        )
        forbidden = [name for name in element.attrib if name == "style" or name.startswith("on")]
        assert not forbidden, f"<{element.tag}> has {forbidden}: the policy forbids it"
        if element.tag == "summary":
            blocks = [e.tag for e in element.iter() if e.tag in ("p", "div", "ul", "section")]
            assert not blocks, f"a <summary> may not hold {blocks}"


@pytest.mark.parametrize("slug", PAGES)
def test_headings_descend_by_one_below_one_title_and_all_else_has_its_landmark(slug):
    tree = html5lib.parse(source(slug), namespaceHTMLElements=False)
    levels = [int(e.tag[1]) for e in tree.iter() if isinstance(e.tag, str) and re.fullmatch("h[1-6]", e.tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1, "the title is not the first heading"
    steps = [(a, b) for a, b in pairwise(levels) if b > a + 1]
    assert not steps, f"headings leave out a level: {steps}"
    assert len(list(tree.iter("main"))) == 1
    first = next(e for e in tree.iter("body"))[0]
    assert first.tag == "a"
    assert first.get("href").endswith("#main-content"), "the first thing is no link that skips to the text"
    assert [e.tag for e in tree.find("body")] == ["a", "header", "div", "footer"]


@pytest.mark.parametrize("slug", PAGES)
def test_every_image_is_described_and_has_its_size(slug):
    tree = html5lib.parse(source(slug), namespaceHTMLElements=False)
    at_once = [image for image in tree.iter("img") if image.get("loading") != "lazy"]
    assert len(at_once) <= 1, "only the first figure does not wait to be seen"
    for image in tree.iter("img"):
        assert image.get("alt", "").strip(), f"{image.get('src')} has no alt text"
        assert int(image.get("width", 0)), (
            f"{image.get('src')} has no size and moves the text when it arrives"
        )
        assert int(image.get("height", 0))
        assert image.get("decoding") == "async"
        assert not image.get("src").endswith((".png", ".jpg", ".jpeg", ".gif")), "SVG or WebP is smaller"


@pytest.mark.parametrize("slug", PAGES)
def test_a_page_asks_no_other_host_breaks_no_policy_and_raises_no_error(slug, browser, home):
    with visit(browser, home) as seen:
        seen.open(f"{slug}.html", wait="networkidle")
        # every image that waits to be seen, every fold
        seen.page.evaluate("document.querySelectorAll('details').forEach(d => (d.open = true))")
        seen.page.evaluate("document.querySelectorAll('img').forEach(i => (i.loading = 'eager'))")
        waiting = "Promise.all([...document.images].map(i => i.decode().then(() => '', () => i.src)))"
        broken = [image for image in seen.page.evaluate(waiting) if image]
        assert broken == []
        assert seen.faults == []
        seen.page.evaluate(
            "eval === 1 || document.body.insertAdjacentHTML('beforeend', '<b style=\"color:red\">')"
        )
        assert seen.faults, "the policy is not in force: an inline style went through"


SAMPLE = """where => {
  // One element for each look that text has on the page: its colour, size and weight on its ground.
  const looks = new Map();
  document.querySelectorAll('[data-look]').forEach(e => e.removeAttribute('data-look'));
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (colour !== 'rgba(0, 0, 0, 0)') return colour;
    }
    return '';
  };
  for (const e of document.querySelectorAll(`${where} *`)) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || !e.checkVisibility()) continue;
    const style = getComputedStyle(e);
    const look = [style.color, style.fontSize, style.fontWeight, style.opacity, ground(e)].join();
    const known = looks.get(look);
    if (!known || e.querySelectorAll('*').length < known.querySelectorAll('*').length) looks.set(look, e);
  }
  for (const e of looks.values()) e.setAttribute('data-look', '');
  return looks.size;
}"""
"""Contrast takes axe a minute for the ten thousand coloured words of a chapter, which have forty looks."""


def violations(page, axe: str, where: str = "html") -> list[str]:
    """What axe-core finds in a part of a page."""
    page.evaluate(axe)
    assert page.evaluate(SAMPLE, where) > 0
    rules = {rule: {"enabled": True} for rule in [*DEFECTS_OF_THE_THEME, "target-size"]}
    everything = {
        "runOnly": {"type": "tag", "values": [*WCAG, "best-practice"]},
        "rules": rules | {"color-contrast": {"enabled": False}},
    }
    contrast = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    found = []
    for part, options in ((where, everything), (f"{where} [data-look]", contrast)):
        found += page.evaluate(
            "async ([part, options]) => (await axe.run({ include: [part] }, options)).violations",
            [part, options | {"resultTypes": ["violations"]}],
        )
    return [
        f"{v['id']} ({v['impact']}): {v['help']}\n    "
        + "\n    ".join(f"{n['target']} {n['html'][:160]}" for n in v["nodes"][:3])
        for v in found
    ]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("slug", PAGES)
def test_axe_finds_nothing_with_all_folds_and_menus_open(slug, width, scheme, browser, home, axe):
    with visit(browser, home, width, scheme) as seen:
        seen.open(f"{slug}.html")
        page = seen.page
        page.evaluate("document.querySelectorAll('main details').forEach(d => (d.open = true))")
        page.wait_for_timeout(250)  # keyboard stops are found after a pause
        assert violations(page, axe) == []
        for panel in ("#book-nav", "#page-toc"):
            button = page.locator(f".book-bar [popovertarget='{panel[1:]}']")
            if button.count() and button.is_visible():
                button.click()
                assert page.locator(panel).is_visible()
                assert violations(page, axe, panel) == [], f"with {panel} open"
                page.locator(f"{panel} .close-button").click()
                assert not page.locator(panel).is_visible()
        for menu in page.locator("details.menu > summary").all():
            menu.click()
            assert violations(page, axe, "details.menu") == [], "with a menu open"
            menu.click()


@pytest.mark.parametrize("slug", PAGES)
def test_no_page_is_wider_than_a_phone(slug, browser, home):
    with visit(browser, home, 390) as seen:
        seen.open(f"{slug}.html")
        seen.page.evaluate("document.querySelectorAll('main details').forEach(d => (d.open = true))")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("slug", PAGES)
def test_the_keyboard_meets_the_skip_link_first_and_always_sees_where_it_is(slug, browser, home):
    with visit(browser, home) as seen:
        seen.open(f"{slug}.html")
        page = seen.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip-link"
        assert page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
        for _ in range(12):
            ring = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring != "none", page.evaluate("document.activeElement.outerHTML.slice(0, 120)")
            page.keyboard.press("Tab")
        if slug != "404":  # whose addresses count from the site's root
            page.locator(".skip-link").focus()
            page.keyboard.press("Enter")
            assert page.evaluate("document.activeElement.id") == "main-content"


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("slug", CHAPTERS)
def test_a_chapter_is_light_and_nothing_in_it_moves(slug, width, browser, home):
    with visit(browser, home, width) as seen:
        page = seen.page
        page.add_init_script(
            "window.shift = 0;"
            "new PerformanceObserver(l => l.getEntries().forEach(e => (window.shift += e.value)))"
            ".observe({ type: 'layout-shift', buffered: true })"
        )
        sizes = []
        page.on("requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"]))
        seen.open(f"{slug}.html", wait="networkidle")
        page.wait_for_timeout(300)
        print(f"{slug} at {width}: {sum(sizes)} bytes in {len(seen.requests)} requests")
        assert len(seen.requests) <= MOST_REQUESTS, seen.requests
        assert sum(sizes) <= MOST_BYTES, f"{sum(sizes)} bytes"
        for _ in range(12):
            page.mouse.wheel(0, 2500)
            page.wait_for_timeout(60)
        assert page.evaluate("window.shift") < MOST_SHIFT


DEFAULT_CONFIG = "title: A default book\nauthor: nobody\nonly_build_toc_files: true\n"


@pytest.fixture(scope="session")
def default_book() -> Path:
    """The longest chapter's text in a page that Jupyter Book makes without this project's extension."""
    from jupyter_book.sphinx import build_sphinx

    longest = max(CHAPTERS, key=lambda slug: len(source(slug)))
    text = re.search(r'<article class="bd-article">(.*?)</article>', source(longest), re.S)[1]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "book").mkdir()
        (root / "_config.yml").write_text(DEFAULT_CONFIG)
        (root / "_toc.yml").write_text("format: jb-book\nroot: index\n")
        (root / "book/index.md").write_text(f"# Default\n\n`````{{raw}} html\n{text}\n`````\n")
        outcome = build_sphinx(
            root / "book",
            root / "html",
            noconfig=True,
            path_config=root / "_config.yml",
            confoverrides={"external_toc_path": str(root / "_toc.yml"), "latex_individualpages": False},
            doctreedir=root / ".doctrees",
            really_quiet=True,
        )
        assert not outcome
        (root / "html/404.html").write_text("missing")
        yield root / "html"


@pytest.mark.filterwarnings("ignore")
def test_a_chapter_is_seen_no_later_than_the_same_text_in_a_default_book(default_book, browser, site):
    longest = max(CHAPTERS, key=lambda slug: len(source(slug)))
    paints: dict[str, list[float]] = {"ours": [], "default": []}
    with ExitStack() as stack:
        other = stack.enter_context(served(default_book))
        for _ in range(11):  # in turn, so that whatever else the machine does meets both
            for name, address in (("ours", f"{site}{longest}.html"), ("default", f"{other}index.html")):
                context = browser.new_context(viewport={"width": 1280, "height": 900})
                page = context.new_page()
                page.route(lambda url: "127.0.0.1" not in url, lambda route: route.abort())
                page.goto(address, wait_until="load")
                page.wait_for_timeout(200)
                paint = page.evaluate(
                    "performance.getEntriesByName('first-contentful-paint').map(e => e.startTime)[0]"
                )
                paints[name].append(paint)
                context.close()
    print(json.dumps({name: [round(p) for p in each] for name, each in paints.items()}))
    assert median(paints["ours"]) <= median(paints["default"])


SMALLEST = 8  # CSS pixels; the style's smallest text has 11 pt, on 96 pixels an inch


@pytest.mark.parametrize("slug", [slug for slug in CHAPTERS if slug != "index"])
def test_the_text_in_figures_is_readable_on_a_phone(slug, browser, site):
    with visit(browser, site, 390) as seen:
        seen.open(f"{slug}.html")
        shown = seen.page.eval_on_selector_all(
            "main :is(figure, .cell_output) img[width]",
            "all => all.map(i => [i.alt, i.getBoundingClientRect().width, Number(i.getAttribute('width'))])",
        )
        assert shown
        for alt, width, natural in shown:
            assert 11 / 72 * 96 * width / natural >= SMALLEST, f"shown {width / natural:.0%} as wide: {alt}"
            assert width <= 390
        assert seen.page.evaluate("document.documentElement.scrollWidth") == 390


def test_a_wide_window_shows_the_longest_lines_of_code_whole(browser, site):
    for slug in CHAPTERS:
        with visit(browser, site, 1280) as seen:
            seen.open(f"{slug}.html")
            cut = seen.page.eval_on_selector_all(
                "section > .cell .cell_input pre",  # in the box of a solution there is room for 78
                "all => all.filter(pre => pre.scrollWidth > pre.clientWidth && !pre.closest('.solution'))"
                ".map(pre => pre.textContent)",
            )
            assert not cut, f"{slug}: to read this one has to scroll: {cut}"


@pytest.mark.parametrize("slug", [*CHAPTERS, "index"])
def test_a_page_reads_without_scripts_in_the_colours_of_the_system(slug, browser, home):
    with visit(browser, home, 390, "dark", scripts=False) as seen:
        seen.open(f"{slug}.html")
        page = seen.page
        assert page.locator("main").inner_text()
        for fold in page.locator("main details > summary").all()[:6]:
            if fold.is_visible():
                fold.click()
                assert fold.locator("xpath=..").get_attribute("open") is not None
        page.locator(".book-bar [popovertarget='book-nav']").click()
        page.locator("#book-nav a", has_text="What was checked").click()
        page.wait_for_url("**/what-was-checked.html")
        assert page.locator("h1").first.inner_text().startswith("What was checked")
        assert seen.faults == []


def test_the_colours_follow_the_system_until_the_reader_chooses(browser, site):
    with visit(browser, site, scheme="dark") as seen:
        seen.open("index.html")
        page = seen.page
        ground = "getComputedStyle(document.body).backgroundColor"
        dark = page.evaluate(ground)
        page.emulate_media(color_scheme="light")
        page.wait_for_timeout(100)
        light = page.evaluate(ground)
        assert dark != light
        button = page.locator("[data-action='mode']")
        button.click()  # light, whatever the system says
        page.emulate_media(color_scheme="dark")
        page.wait_for_timeout(100)
        assert page.evaluate(ground) == light
        button.click()
        assert page.evaluate(ground) == dark
        page.emulate_media(color_scheme="light")
        page.wait_for_timeout(100)
        page.reload()
        assert page.evaluate(ground) == dark, "the choice was forgotten"
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_search_finds_a_word_of_a_chapter_from_any_page(browser, site):
    with visit(browser, site) as seen:
        seen.open("reference/bibliography.html")
        page = seen.page
        page.keyboard.press("/")
        page.keyboard.type("sigmoid")
        page.keyboard.press("Enter")
        page.wait_for_url("**/search.html?q=sigmoid")
        hit = page.locator("#search-results li a").first
        hit.wait_for()
        assert "network by hand" in " ".join(page.locator("#search-results li a").all_inner_texts())
        page.wait_for_timeout(300)
        hit.click()
        page.wait_for_load_state()
        assert page.locator("h1").count() == 1
        assert seen.faults == []


def test_a_code_cell_is_copied_as_it_stands(browser, site):
    with visit(browser, site) as seen:
        seen.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        seen.open(f"{CHAPTER}.html")
        block = seen.page.locator(".cell_input div.highlight:visible").first
        block.hover()
        block.locator("button").click()
        seen.page.wait_for_timeout(100)
        copied = seen.page.evaluate("navigator.clipboard.readText()")
        assert copied == block.locator("pre").inner_text().rstrip()


def test_paper_shows_the_text_and_what_is_folded_and_nothing_around_it(browser, site):
    with visit(browser, site) as seen:
        seen.open(f"{CHAPTER}.html")
        page = seen.page
        page.emulate_media(media="print")
        for gone in (".book-bar", "#book-nav", "#page-toc", ".prev-next"):
            assert not page.locator(gone).is_visible(), gone
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.locator("main details:not([open])").count() == 0
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert page.locator("main details[open]").count() == 0


def test_an_address_that_leads_nowhere_shows_a_page_that_leads_back(browser, root_site):
    with visit(browser, root_site) as seen:
        answer = seen.page.goto(f"{root_site}no/such/page.html")
        assert answer.status == 404
        # the browser itself notes the status of the address
        assert [f for f in seen.faults if "status of 404" not in f] == []
        assert seen.page.locator("h1").inner_text() == "There is no such page"
        colour = seen.page.evaluate("getComputedStyle(document.querySelector('.book-bar')).position")
        assert colour == "sticky", "the page has lost its style"
        seen.page.locator("main a").first.click()
        seen.page.wait_for_url(f"{root_site}index.html")


def test_the_book_reads_from_a_folder_without_any_server(browser):
    with visit(browser, "file://") as seen:
        page = seen.page
        page.goto(f"{(PROJECT.html / 'index.html').as_uri()}")
        page.locator("a[rel=next]").click()
        page.wait_for_url(f"**/{read_chapters(PROJECT)[1].slug}.html")
        assert page.locator("h1").count() == 1
        assert page.evaluate("getComputedStyle(document.querySelector('.book-bar')).position") == "sticky"
        assert not [f for f in seen.faults if "another host" in f and "file://" not in f]


def test_the_site_holds_no_file_that_only_the_default_theme_needs():
    names = [p.name for p in (PROJECT.html / "_static").rglob("*") if p.is_file()]
    assert not [
        n for n in names if n.endswith(".map") or "fontawesome" in n or "bootstrap" in n or "thebe" in n
    ]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("slug", CHAPTERS)
def test_the_keyboard_opens_the_launch_menu_and_gets_the_notebook(slug, width, browser, site):
    with visit(browser, site, width) as seen:
        seen.open(f"{slug}.html")
        page = seen.page
        menu = page.locator("details.menu", has=page.get_by_text("Download notebook"))
        menu.locator("summary").focus()
        page.keyboard.press("Enter")
        box = menu.locator("ul").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width, "the menu leaves the window"
        items = menu.locator("a")
        for number in range(items.count()):
            page.keyboard.press("Tab")
            assert items.nth(number).evaluate("item => item === document.activeElement")
        page.keyboard.press("Escape")
        assert menu.get_attribute("open") is None
        assert menu.locator("summary").evaluate("button => button === document.activeElement")
        page.keyboard.press("Enter")
        with page.expect_download() as arrival:
            menu.get_by_text("Download notebook").press("Enter")
        assert arrival.value.suggested_filename == f"{slug.rpartition('/')[2]}.ipynb"
        notebook = json.loads(Path(arrival.value.path()).read_text(encoding="utf8"))
        assert any(cell["cell_type"] == "code" for cell in notebook["cells"])
        assert seen.faults == []


@pytest.mark.parametrize("slug", [slug for slug in PAGES if slug not in CHAPTERS])
def test_a_page_without_code_has_no_launch_menu(slug):
    menus = re.findall(r'<details class="menu">(.*?)</details>', source(slug), re.S)
    assert not [menu for menu in menus if ".ipynb" in menu or "colab" in menu or "mybinder" in menu]
