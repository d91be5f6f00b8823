"""Start one kernel that cannot outlive the build that asked for it.

Run as a script by :mod:`dlbook.site.kernel`, never imported: it must work before anything else is.
"""

import ctypes
import os
import signal
import sys


def die_with_parent() -> None:
    """Ask Linux to kill this process when the build ends, however the build ends.

    ipykernel itself looks for its parent once a second, but from a Python thread, which never gets
    its turn while a chapter sits in native code. That is all there is on other systems.
    """
    if not sys.platform.startswith("linux"):
        return
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
    parent = int(os.environ.get("JPY_PARENT_PID", "0"))
    if parent and os.getppid() != parent:  # the build died before prctl took hold
        os._exit(1)


if __name__ == "__main__":
    die_with_parent()
    from ipykernel.kernelapp import launch_new_instance

    launch_new_instance()
