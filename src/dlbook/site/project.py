"""Where things lie in a book project, and what the reader's environment asks of a build."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

BUDGETS = ("smoke", "cpu", "gpu")
TIMEOUTS = {"smoke": 120.0, "cpu": 300.0, "gpu": 900.0}  # seconds a chapter may take before it is ended


class BuildError(Exception):
    """Something that stops a build and that the person at the keyboard can put right.

    The message says what was wrong, what was expected and what to do; it is printed without a
    traceback.

    Examples
    --------
    >>> str(BuildError("no _toc.yml here; run make from the project's top folder"))
    "no _toc.yml here; run make from the project's top folder"
    """


@dataclass(frozen=True)
class Project:
    """The paths of one book project.

    Parameters
    ----------
    root : Path
        The folder that holds ``_config.yml``, ``_toc.yml``, ``book/`` and ``src/``.

    Examples
    --------
    >>> Project(Path("mybook")).html.as_posix()
    'mybook/_build/html'
    """

    root: Path

    @property
    def config(self) -> Path:
        """Jupyter Book's configuration."""
        return self.root / "_config.yml"

    @property
    def toc(self) -> Path:
        """The order of the chapters."""
        return self.root / "_toc.yml"

    @property
    def book(self) -> Path:
        """The folder of what is read."""
        return self.root / "book"

    @property
    def src(self) -> Path:
        """The folder of the packages that chapters import."""
        return self.root / "src"

    @property
    def lock(self) -> Path:
        """The list of every installed package with its version."""
        return self.root / "requirements.lock"

    @property
    def build(self) -> Path:
        """Everything that a build makes."""
        return self.root / "_build"

    @property
    def html(self) -> Path:
        """The finished site."""
        return self.build / "html"

    @property
    def notebooks(self) -> Path:
        """The launchable notebooks."""
        return self.build / "notebooks"

    @property
    def report(self) -> Path:
        """The report on the last build."""
        return self.build / "report.json"

    @property
    def derivations(self) -> Path:
        """The verdicts on derivations, kept by content: what is unchanged is not checked again."""
        return self.build / "derivations"

    def execution(self, budget: str) -> Path:
        """Give the folder of the records of executed chapters, kept apart by budget."""
        return self.build / "execution" / budget

    def check(self) -> None:
        """Refuse a folder that is no book project.

        Raises
        ------
        BuildError
            If the configuration, the table of contents or ``book/`` is missing.
        """
        missing = [p.name for p in (self.config, self.toc, self.book) if not p.exists()]
        if missing:
            raise BuildError(
                f"{self.root} is not a book project: {', '.join(missing)} missing. "
                "Run from the project's top folder, or pass --root FOLDER."
            )


@dataclass(frozen=True)
class Settings:
    """What one build is asked to do.

    Parameters
    ----------
    budget : str
        ``smoke``, ``cpu`` or ``gpu``.
    threads : int
        Threads that each kernel may use for linear algebra.
    cores : int
        CPU cores that the build as a whole may use.
    device : str
        ``cpu``, ``cuda`` or ``mps``: where chapters will compute.
    timeout : float
        Seconds after which a chapter is ended.
    strict_data : bool
        Refuse to let the embedded digits stand in for a dataset that cannot be had.
    offline : bool
        Download nothing.

    Examples
    --------
    >>> Settings.from_environment({"DLBOOK_BUDGET": "smoke"}).timeout
    120.0
    """

    budget: str = "cpu"
    # One thread by default: sums in linear algebra depend on how many threads share them, so a
    # chapter's printed digits would change with the machine and with what else is being built.
    # Cores are put to use by running several chapters at once.
    threads: int = 1
    cores: int = 1
    device: str = "cpu"
    timeout: float = TIMEOUTS["cpu"]
    strict_data: bool = False
    offline: bool = False

    @property
    def parallel(self) -> int:
        """How many chapters run at once; one at a time where they share an accelerator."""
        return 1 if self.device != "cpu" else max(1, self.cores // self.threads)

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Read the settings from ``DLBOOK_*`` variables.

        Parameters
        ----------
        environ : mapping, optional
            The variables; by default those of this process.

        Returns
        -------
        Settings
            With defaults where nothing is set.

        Raises
        ------
        BuildError
            If a variable holds what cannot be meant.

        Examples
        --------
        >>> Settings.from_environment({"DLBOOK_THREADS": "2"}).threads
        2
        """
        env = os.environ if environ is None else environ
        budget = env.get("DLBOOK_BUDGET") or "cpu"
        if budget not in BUDGETS:
            raise BuildError(f"DLBOOK_BUDGET is {budget!r}; choose one of {', '.join(BUDGETS)}")
        return cls(
            budget=budget,
            threads=int(_positive(env, "DLBOOK_THREADS", 1.0, whole=True)),
            cores=available_cores(),
            device=_device(env),
            timeout=_positive(env, "DLBOOK_TIMEOUT", TIMEOUTS[budget]),
            strict_data=_on(env, "DLBOOK_DATA_STRICT"),
            offline=_on(env, "DLBOOK_OFFLINE"),
        )


def available_cores() -> int:
    """Count the CPU cores that this process may use, container limits included.

    Returns
    -------
    int
        At least 1.

    Examples
    --------
    >>> available_cores() >= 1
    True
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _cgroup_quota(Path("/sys/fs/cgroup"))
    return max(1, min(cores, int(quota)) if quota else cores)


def _cgroup_quota(folder: Path) -> float | None:
    """Cores that a container is held to (cgroup version 2, then 1), or None."""
    try:
        limit, period = (folder / "cpu.max").read_text().split()
        return None if limit == "max" else float(limit) / float(period)
    except (OSError, ValueError):
        pass
    try:
        limit = (folder / "cpu" / "cpu.cfs_quota_us").read_text()
        period = (folder / "cpu" / "cpu.cfs_period_us").read_text()
        return float(limit) / float(period) if float(limit) > 0 else None
    except (OSError, ValueError):
        return None


def _positive(env: Mapping[str, str], name: str, default: float, whole: bool = False) -> float:
    """Read a number above zero from the environment, or refuse clearly."""
    text = env.get(name, "")
    if not text:
        return default
    try:
        value = float(int(text) if whole else text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        kind = "a whole number" if whole else "a number"
        raise BuildError(f"{name} is {text!r}; it must be {kind} greater than 0")
    return value


def _on(env: Mapping[str, str], name: str) -> bool:
    """Tell whether a switch is on; dlbook.data understands the same words."""
    return env.get(name, "").strip().lower() not in ("", "0", "false", "no", "off")


def _device(env: Mapping[str, str]) -> str:
    """Tell the device that chapters will pick, without the seconds that importing torch takes."""
    asked = env.get("DLBOOK_DEVICE", "")
    if asked:
        return asked
    # torch sees a GPU only through the driver, which always has one of these; a hidden GPU
    # (CUDA_VISIBLE_DEVICES empty or -1) does not count.
    visible = env.get("CUDA_VISIBLE_DEVICES", "all") not in ("", "-1")
    if visible and (Path("/dev/nvidia0").exists() or Path("/proc/driver/nvidia/gpus").is_dir()):
        return "cuda"
    return "mps" if (platform.system(), platform.machine()) == ("Darwin", "arm64") else "cpu"
