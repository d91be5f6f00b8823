"""Formulas of the finished site, as files and in a browser that reaches nothing but the site."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from browsing import only_here, served

from dlbook.site.chapters import read_chapters
from dlbook.site.project import Project

PROJECT = Project(Path(__file__).resolve().parents[3])
PAGES = [page.slug for page in read_chapters(PROJECT)]
# Lists the shifts of the layout, and what moved.
WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const nodes = entry.sources.map((source) => source.node);
    const moved = nodes.filter((node) => node?.closest?.("math, p, .dlbook-equation"));
    window.shifts.push([entry.value, moved.length]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
COPY = """([from, to]) => {
  const range = document.createRange();
  range.setStart(from, 0);
  range.setEnd(to, to.childNodes.length);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
  const clipboardData = new DataTransfer();
  const event = new ClipboardEvent("copy", { clipboardData, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
  return [event.clipboardData.getData("text/plain"), event.clipboardData.getData("text/html")];
}"""


def html(slug: str) -> str:
    path = PROJECT.html / f"{slug}.html"
    assert path.exists(), f"the page {slug} is missing; run make book first"
    return path.read_text(encoding="utf8")


WITH_MATHS = [s for s in PAGES if (PROJECT.html / f"{s}.html").exists() and "<math" in html(s)]


@pytest.mark.parametrize("slug", PAGES)
def test_formulas_are_mathml_and_nothing_is_left_to_the_browser(slug):
    page = html(slug)
    assert "mathjax" not in page.lower()
    formulas = re.findall(r"<math\b.*?</math>", page, re.S)
    assert page.count("<math") == len(formulas)
    assert all(re.match(r'<math alttext="[^"]', formula) for formula in formulas)
    assert not any(" style=" in formula or "<merror" in formula for formula in formulas)
    # LaTeX between delimiters, outside code and the attributes of formulas
    prose = re.sub(r"<(pre|code|script|math)\b.*?</\1>|<[^>]*>", "", page, flags=re.S)
    assert not re.findall(r"\\\(|\\\[|\$[^$\n]*\\[a-z]+[^$\n]*\$|\\frac|\\begin\{", prose)


@pytest.fixture(scope="module")
def chromium(browser):
    with served(PROJECT.html) as address:
        yield browser, address


@pytest.fixture(scope="module", params=[1280, 390], ids=["wide", "narrow"])
def visit(request, chromium):
    """Open a page, with the shifts of its layout on record."""
    started, address = chromium
    context = started.new_context(viewport={"width": request.param, "height": 900})
    refused = only_here(context, address)
    context.add_init_script(WATCH)

    def open_(slug):
        page = context.new_page()
        page.goto(f"{address}{slug}.html", wait_until="load")
        page.evaluate("document.fonts.ready.then(() => true)")
        page.wait_for_timeout(300)
        return page

    yield open_
    context.close()
    assert refused == []


@pytest.mark.parametrize("slug", WITH_MATHS)
def test_formulas_are_there_at_once_in_their_own_font_and_move_nothing(visit, slug):
    page = visit(slug)
    fonts = page.evaluate("[...document.fonts].filter((f) => f.family === 'STIX2').map((f) => f.status)")
    assert fonts == ["loaded"]
    empty = """[...document.querySelectorAll('math')].filter((m) => m.checkVisibility()
        && (m.getBoundingClientRect().width < 2 || !getComputedStyle(m).fontFamily.includes('STIX2')))
        .map((m) => m.getAttribute('alttext'))"""
    assert page.evaluate(empty) == []
    shifts = page.evaluate("window.shifts")
    assert not [value for value, moved in shifts if moved and value > 0.0005], shifts
    assert sum(value for value, _moved in shifts) < 0.01
    page.close()


@pytest.mark.parametrize("slug", WITH_MATHS)
def test_a_wide_formula_scrolls_by_itself_and_by_keyboard(visit, slug):
    page = visit(slug)
    page.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # What is wider than the page must lie in a box that scrolls and that the keyboard can reach.
    stuck = """[...document.querySelectorAll('math')].filter((m) => {
        const box = m.closest(
          '.dlbook-equation-body, .dlbook-formula, .dlbook-left, .dlbook-right, .dlbook-wide');
        if (box && box.scrollWidth > box.clientWidth + 1 && getComputedStyle(box).overflowX === 'auto')
          return box.tabIndex !== 0;
        return m.checkVisibility() && m.closest('article') && !box
          && !m.closest('.pst-scrollable-table-container')
          && m.getBoundingClientRect().right > innerWidth + 1;
      }).map((m) => m.getAttribute('alttext'))"""
    assert page.evaluate(stuck) == []
    page.close()


@pytest.mark.parametrize("slug", WITH_MATHS)
def test_a_root_ends_where_its_bar_ends(visit, slug):
    page = visit(slug)
    gaps = page.evaluate("""[...document.querySelectorAll('msqrt.low-root')]
      .filter((m) => m.checkVisibility()).map((m) => {
        const size = parseFloat(getComputedStyle(m).fontSize);
        const style = getComputedStyle(m);
        const inner = m.lastElementChild.getBoundingClientRect().right;
        return (m.getBoundingClientRect().right + parseFloat(style.marginRight) - inner) / size;
      })""")
    assert all(-0.01 <= gap < 0.1 for gap in gaps), gaps
    page.close()


@pytest.mark.parametrize("slug", WITH_MATHS)
def test_copying_gives_latex(visit, slug):
    page = visit(slug)
    inside = page.evaluate_handle("document.querySelector('article p math')")
    latex = inside.evaluate("(m) => m.getAttribute('alttext')")
    part = inside.evaluate_handle("(m) => m.lastElementChild")
    plain, rich = page.evaluate(COPY, [part, part])
    assert plain == f"${latex}$", "a part of a formula gives all of it"
    assert "<math" in rich
    paragraph = inside.evaluate_handle("(m) => m.closest('p')")
    plain, _rich = page.evaluate(COPY, [paragraph, paragraph])
    assert f"${latex}$" in plain
    first = paragraph.evaluate("(p) => p.firstChild.textContent.trim().slice(0, 12)")
    assert first in plain
    assert page.evaluate("document.querySelector('.dlbook-copied')") is None
    page.close()
