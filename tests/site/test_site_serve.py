"""The local server shows the site to this machine only."""

import threading
import urllib.error
import urllib.request

import pytest

from dlbook.site.project import BuildError
from dlbook.site.serve import open_server


def test_pages_are_served_fresh_and_on_loopback_only(tmp_path):
    (tmp_path / "index.html").write_text("old")
    with open_server(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert server.server_address[0] == "127.0.0.1"
        for text in ("old", "new"):
            (tmp_path / "index.html").write_text(text)
            with urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/") as reply:
                assert reply.read().decode() == text
                assert reply.headers["Cache-Control"] == "no-store"
        server.shutdown()


def test_an_address_that_leads_nowhere_gets_the_books_own_page(tmp_path):
    with open_server(tmp_path, 0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        for own in (False, True):
            if own:
                (tmp_path / "404.html").write_text("our own words")
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/no/where")
            with caught.value as reply:
                assert reply.code == 404
                assert (reply.read() == b"our own words") == own
        server.shutdown()


def test_a_port_in_use_is_passed_over(tmp_path):
    with open_server(tmp_path, 0) as first, open_server(tmp_path, first.server_port) as second:
        assert second.server_port > first.server_port


def test_no_free_port_is_said_so(tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise OSError("in use")

    monkeypatch.setattr("dlbook.site.serve.ThreadingHTTPServer", refuse)
    with pytest.raises(BuildError, match="--port"):
        open_server(tmp_path, 8000)
