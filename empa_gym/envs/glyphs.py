"""A tiny font for pictures without Pillow: each character is five rows of three dots, a row an octal digit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 5, 3
DOTS = {
    "0": "75557", "1": "26227", "2": "71747", "3": "71717", "4": "55711", "5": "74717", "6": "74757", "7": "71122",
    "8": "75757", "9": "75717", "A": "25755", "B": "65656", "C": "34443", "D": "65556", "E": "74647", "F": "74644",
    "G": "34553", "H": "55755", "I": "72227", "J": "11152", "K": "55655", "L": "44447", "M": "57755", "N": "65555",
    "O": "25552", "P": "65644", "Q": "25563", "R": "65655", "S": "34216", "T": "72222", "U": "55557", "V": "55552",
    "W": "55775", "X": "55255", "Y": "55222", "Z": "71247", "-": "00700", "+": "02720", ".": "00002", ":": "02020",
    "/": "11244", "_": "00007", " ": "00000",
}  # fmt: skip
UNKNOWN = "77777"
"""What stands for a character that is not in the table: a full block."""


def glyph(character: str, scale: int) -> NDArray[np.bool_]:
    """The dots of one character, shape ``(5 scale, 3 scale)``; small letters are shown as capitals."""
    digits = DOTS.get(character.upper(), UNKNOWN)
    dots = np.array([[int(digit) >> shift & 1 for shift in (2, 1, 0)] for digit in digits], dtype=bool)
    return dots.repeat(scale, axis=0).repeat(scale, axis=1)
