"""Downloading one file into the cache: whole and verified, or not at all.

pooch writes to a temporary file beside the target, compares the checksum and only then moves it into
place, so that neither a fault nor a second process ever shows half a file. This module adds what pooch
leaves open: mirrors, a second try, time limits, and one short reason for each way to fail.
"""

import errno
import sys
import time
from pathlib import Path
from typing import Any

from dlbook.data.errors import DownloadFailed
from dlbook.data.registry import File

CONNECT_SECONDS = 10.0
SILENCE_SECONDS = 30.0  # longest wait for the next bytes
TOTAL_SECONDS = 1800.0  # longest download of one file
TRIES = 2
PAUSE_SECONDS = 1.0
_CHUNK = 1 << 16


def download(file: File, addresses: tuple[str, ...], folder: Path) -> None:
    """Bring one file below `folder`, from the first address that serves the right bytes.

    Parameters
    ----------
    file
        What to bring; its digest decides whether the bytes are right.
    addresses
        Where it is served, best first.
    folder
        The cache; missing folders are made.

    Raises
    ------
    DownloadFailed
        When no address served the file, or when the cache could not take it. Nothing is left behind.

    Examples
    --------
    >>> import tempfile
    >>> download(File("a.txt", "sha256:00"), (), Path(tempfile.gettempdir()))
    Traceback (most recent call last):
    ...
    dlbook.data.errors.DownloadFailed: a.txt: nobody serves this file
    """
    problem = DownloadFailed(f"{file.path}: nobody serves this file", "nobody serves it")
    target = (folder / file.path).parent
    try:
        target.mkdir(parents=True, exist_ok=True)
        _sweep(target)
    except OSError as error:
        raise _disk_problem(error, folder) from error
    for attempt in range(TRIES):
        worth_repeating = False
        for url in addresses:
            try:
                return _retrieve(url, file, target, folder)
            except DownloadFailed as error:
                if error.reason.startswith("cache"):
                    raise  # no other address helps against a full or closed disk
                problem = error
                worth_repeating = worth_repeating or not error.reason.startswith("server answered 4")
        if not worth_repeating:
            break
        if attempt + 1 < TRIES:
            time.sleep(PAUSE_SECONDS)
    raise problem


def _retrieve(url: str, file: File, target: Path, folder: Path) -> None:
    """One attempt at one address, every fault turned into `DownloadFailed`."""
    import pooch
    import requests
    import urllib3

    logger = pooch.get_logger()
    level = logger.level
    logger.setLevel("WARNING")  # pooch tells of each file on stderr, which a page would show
    try:
        pooch.retrieve(url, file.digest, fname=file.filename, path=target, downloader=_stream)
    except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
        raise DownloadFailed(f"{url}: no answer in time", "server too slow or not reachable") from error
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        raise DownloadFailed(f"{url}: the server answered {status}", f"server answered {status}") from error
    except requests.ConnectionError as error:
        raise DownloadFailed(f"{url}: no connection to the server", "no network") from error
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise DownloadFailed(f"{url}: the connection broke off ({error})", "download interrupted") from error
    except ValueError as error:  # pooch: the checksum differs
        raise DownloadFailed(
            f"{url}: wrong bytes ({error})", "server sent other bytes than published"
        ) from error
    except OSError as error:
        raise _disk_problem(error, folder) from error
    finally:
        logger.setLevel(level)


def _stream(url: str, output_file: str, pooch: Any) -> None:
    """Write the bytes of a response as they come over the wire (pooch's downloader protocol).

    pooch's own downloader unpacks a body that the server labels ``Content-Encoding: gzip``, as some do
    for .gz files, and has no limit on the whole time.
    """
    import requests
    from tqdm import tqdm

    deadline = time.monotonic() + TOTAL_SECONDS
    wait = (CONNECT_SECONDS, SILENCE_SECONDS)
    headers = {"Accept-Encoding": "identity"}
    with requests.get(url, stream=True, timeout=wait, headers=headers) as response:
        response.raise_for_status()
        size = int(response.headers.get("Content-Length", 0)) or None
        name = url.rpartition("/")[2]
        quiet = not sys.stderr.isatty()
        with (
            open(output_file, "wb") as stream,
            tqdm(total=size, desc=name, unit="B", unit_scale=True, leave=False, disable=quiet) as bar,
        ):
            for chunk in response.raw.stream(_CHUNK, decode_content=False):
                if time.monotonic() > deadline:
                    raise requests.Timeout(f"not finished after {TOTAL_SECONDS:.0f} s")
                stream.write(chunk)
                bar.update(len(chunk))


def _disk_problem(error: OSError, folder: Path) -> DownloadFailed:
    """Say why the cache could not take the file, and how to choose another cache."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DownloadFailed(
            f"no space left in the cache folder {folder}; free some, or set DLBOOK_CACHE to another folder",
            "cache: no disk space left",
        )
    return DownloadFailed(
        f"the cache folder {folder} cannot be written ({error.strerror or error}); "
        "set DLBOOK_CACHE to a folder of your own",
        "cache: folder cannot be written",
    )


def _sweep(target: Path) -> None:
    """Remove pooch's temporary files that a killed process left behind."""
    for path in target.glob("tmp*"):
        if path.is_file() and time.time() - path.stat().st_mtime > 2 * TOTAL_SECONDS:
            path.unlink(missing_ok=True)
