"""Great-circle distances, for many points at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Mean radius of the Earth (IUGG).
EARTH_RADIUS_KM = 6371.0088


def great_circle_km(
    latitudes: NDArray[np.float64], longitudes: NDArray[np.float64], latitude: float, longitude: float
) -> NDArray[np.float64]:
    """Kilometres from each point to one place, all in degrees, rounded to the metre.

    The haversine formula (R. W. Sinnott, "Virtues of the haversine", Sky and Telescope 68, 1984), which
    stays exact for near points. A point without coordinates (NaN) has a NaN distance. The rounding
    keeps the last bits of a processor's sine out of the plan.
    """
    origin, here = np.radians(latitudes), math.radians(latitude)
    half_height = np.sin((origin - here) / 2)
    half_width = np.sin(np.radians(longitudes - longitude) / 2)
    chord = half_height**2 + np.cos(origin) * math.cos(here) * half_width**2
    found: NDArray[np.float64] = np.round(2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(chord, 1.0))), 3)
    return found
