"""Every internal address of the finished site leads somewhere."""

import pytest

from dlbook.site.links import check_links

GOOD = """<!DOCTYPE html><html><head><link rel="stylesheet" href="_static/a.css?digest=1">
<link rel="preconnect" href="nowhere"></head><body>
<h1 id="top-of-page">A</h1><a name="old"></a><a href="#top-of-page">x</a><a href="#old">x</a><a href="#">x</a>
<a href="sub/b.html#b%20c">b</a><a href="sub/">b</a><a href="https://example.org/x#y">out</a>
<a href="mailto:a@example.org">m</a><img src="pic%20ture.png" srcset="pic%20ture.png 2x" alt="">
<a href="">self</a><img src="data:image/png;base64,AA" alt=""></body></html>"""


@pytest.fixture
def site(tmp_path):
    (tmp_path / "_static").mkdir()
    (tmp_path / "_static" / "a.css").write_text("")
    (tmp_path / "_static" / "snippet.html").write_text('<a href="nowhere">theme</a>')
    (tmp_path / "sub").mkdir()
    (tmp_path / "pic ture.png").write_bytes(b"")
    (tmp_path / "index.html").write_text(GOOD)
    (tmp_path / "sub" / "b.html").write_text('<p id="b c">b</p><a href="../index.html#old">up</a>')
    (tmp_path / "sub" / "index.html").write_text('<a href="/index.html">root</a>')
    return tmp_path


def test_a_sound_site_has_no_faults(site):
    assert check_links(site) == []


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<a href="gone.html">x</a>', "gone.html"),
        ('<a href="sub/b.html#gone">x</a>', "anchor"),
        ('<a href="#gone">x</a>', "anchor"),
        ('<img src="gone.png" alt="">', "gone.png"),
        ('<img src="pic%20ture.png" srcset="gone.png 2x" alt="">', "gone.png"),
        ('<script src="gone.js"></script>', "gone.js"),
        ('<link rel="stylesheet" href="gone.css">', "gone.css"),
        ('<a href="/gone.html">x</a>', "gone.html"),
        ('<a href="../outside.html">x</a>', "leaves the site"),
        ('<p id="a">x</p><p id="a">y</p>', "'a' occurs more than once"),
    ],
)
def test_a_fault_is_reported_with_page_and_address(site, html, fault):
    (site / "c.html").write_text("<html>\n" + html)
    faults = check_links(site)
    assert len(faults) == 1
    assert fault in faults[0]
    assert faults[0].startswith("c.html" if "id=" in html else "c.html:2:")
