"""Torch tensors out of a vector environment whose observations and infos hold text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray

from empa_gym.loading import load


def numpy_to_torch(envs: VectorEnv[Any, Any, Any], device: Any = None) -> Any:
    """The environment in Gymnasium's ``NumpyToTorch``: numbers become tensors, text stays text.

    Gymnasium's converter takes a str apart letter by letter without an end, and refuses arrays of objects.
    It looks both up by type, so they are entered there; afterwards ``NumpyToTorch`` itself works as well.

    Args:
        envs: any vector environment.
        device: where the tensors live.

    Raises:
        MissingExtra: torch or array-api-compat is not there: ``pip install 'gymnasium[torch]'``.
    """
    conversion: Any = load("gymnasium.wrappers.array_conversion").array_conversion
    wrapper = load("gymnasium.wrappers.vector.numpy_to_torch").NumpyToTorch
    arrays = conversion.dispatch(Iterable)

    def array(value: NDArray[Any], xp: Any, device: Any = None) -> Any:
        return value if value.dtype.kind in "OSU" else arrays(value, xp, device)

    conversion.register(str, _itself)
    conversion.register(np.ndarray, array)
    return wrapper(envs, device)


def _itself(value: str, xp: Any, device: Any = None) -> str:
    return value
