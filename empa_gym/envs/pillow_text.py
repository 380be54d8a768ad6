"""Running text on a picture; needs Pillow, and is loaded only when a picture is drawn."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from math import ceil

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

SIZE = 13
LINE = 16
Colour = tuple[int, int, int]


def draw_paragraphs(canvas: NDArray[np.uint8], top: int, margin: int, paragraphs: list[tuple[str, Colour]]) -> None:
    """Write paragraphs below ``top``, in equal shares of the height; a long one ends in three dots.

    Args:
        canvas: height x width x 3, written in place.
        top: first row.
        margin: columns left free at both sides.
        paragraphs: text and colour of each.
    """
    font = ImageFont.load_default(SIZE)
    image = Image.fromarray(canvas)
    pen = ImageDraw.Draw(image)
    share = (canvas.shape[0] - top) // LINE // len(paragraphs)
    for place, (text, colour) in enumerate(paragraphs):
        for row, line in enumerate(_lines(text, font, canvas.shape[1] - 2 * margin, share)):
            pen.text((margin, top + (place * share + row) * LINE), line, fill=colour, font=font)
    canvas[:] = np.asarray(image)


def _lines(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int, most: int) -> list[str]:
    lines: list[str] = []
    for word in _words(text, font, width):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(joined) <= width:
            lines[-1] = joined
        elif len(lines) == most:
            return [*lines[:-1], _shortened(lines[-1], font, width)]
        else:
            lines.append(word)
    return lines


def _words(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> Iterator[str]:
    """The words, one that is wider than a line in pieces.

    A piece has at most as many characters as a line has columns, so that a word of any length is measured in
    little time.
    """
    for word in text.split():
        while len(word) > width or font.getlength(word) > width:
            fits = _fitting(word[:width], font, width)
            yield word[:fits]
            word = word[fits:]
        yield word


def _fitting(word: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> int:
    """How many of its characters fit on a line; at least one."""
    return max(1, bisect_right(range(1, len(word) + 1), width, key=lambda end: ceil(font.getlength(word[:end]))))


def _shortened(line: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> str:
    while line and font.getlength(line + "...") > width:
        line = line[:-1]
    return line + "..."
