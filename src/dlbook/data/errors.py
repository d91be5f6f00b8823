"""The errors of :mod:`dlbook.data`; each message says what was wrong and what to do about it."""


class DataError(Exception):
    """Something about a dataset or about the settings that point to it is wrong."""


class UnknownDataset(DataError, ValueError):  # noqa: N818 - reads as a sentence in a traceback
    """The name, the split or another argument of `load` is not one that the book knows."""


class DataCorrupt(DataError):  # noqa: N818 - reads as a sentence in a traceback
    """A file is there, but it is not the published one, or files that belong to it are missing."""


class DataUnavailable(DataError):  # noqa: N818 - reads as a sentence in a traceback
    """A set was not found in any source and could not be downloaded.

    Parameters
    ----------
    message
        The whole story, with the remedy; may name folders of this machine.
    reason
        The cause in a few words, without folders, so that it can be printed on a published page.
    """

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class DownloadFailed(Exception):  # noqa: N818 - reads as a sentence in a traceback
    """A download did not succeed; `reason` as in `DataUnavailable`, the message has the detail."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason
