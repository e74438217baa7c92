"""Reading npy files that may be damaged."""

import io

import numpy as np
from numpy.typing import NDArray

__all__ = ["read_npy"]


def read_npy(data: bytes) -> NDArray:
    """Return the array that an npy file holds; arrays of Python objects are refused.

    Parameters
    ----------
    data : bytes
        The whole file.

    Raises
    ------
    ValueError
        If it is empty, damaged or something else, in one line.
    """
    if not data:
        raise ValueError("the file is empty (0 bytes)")
    try:
        return np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    except Exception as error:  # the header is parsed as Python's syntax: a wrong byte in it can raise nearly anything
        reason = " ".join(str(error).split())[:120]
        known = isinstance(error, ValueError | EOFError) and reason
        raise ValueError(reason if known else f"it is damaged ({type(error).__name__})") from error
