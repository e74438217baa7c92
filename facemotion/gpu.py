"""Whether torch could find a GPU here, told without importing torch."""

import ctypes
import sys
from pathlib import Path

__all__ = ["may_have_gpu"]


def may_have_gpu() -> bool:
    """Return False if torch cannot have a CUDA device here for certain: no driver's library is there.

    Whether there really is one is for torch to say, which takes seconds to import.
    """
    if not sys.platform.startswith("linux") or Path("/dev/kfd").exists():  # kfd: AMD's, which torch calls CUDA too
        return True
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True
