"""A dialogue as an image of fixed size, drawn with numpy: deficits over turns, energy, outcome, last exchange."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from empa_gym.dialogue.state import DialogueState
from empa_gym.dialogue.visible import visible
from empa_gym.envs.glyphs import COLUMNS, glyph
from empa_gym.epm import AXES, ZONE
from empa_gym.errors import MissingExtra
from empa_gym.loading import load_object

Image = NDArray[np.uint8]
Colour = tuple[int, int, int]

HEIGHT, WIDTH = 480, 640
MARGIN = 40
PAPER: Colour = (252, 252, 250)
INK: Colour = (45, 45, 50)
FAINT: Colour = (200, 200, 195)
AXIS_COLOURS: tuple[Colour, ...] = ((0, 90, 170), (205, 60, 50), (25, 135, 75))
ENERGY: Colour = (130, 75, 160)
SUCCESS: Colour = (25, 135, 75)
FAILURE: Colour = (190, 45, 40)
OUTAGE: Colour = (150, 110, 20)
TEXT_TOP = 362
PARAGRAPHS = "empa_gym.envs.pillow_text:draw_paragraphs"


class Panel(NamedTuple):
    """A rectangle of the canvas with its own scale: turns across, values upwards."""

    top: int
    bottom: int
    turns: int
    low: float
    high: float

    def column(self, turn: float) -> int:
        """The pixel column of a turn."""
        return round(MARGIN + (WIDTH - 2 * MARGIN) * turn / self.turns)

    def row(self, value: float) -> int:
        """The pixel row of a value."""
        return round(self.bottom - (self.bottom - self.top) * (value - self.low) / (self.high - self.low))


def picture(state: DialogueState, max_turns: int) -> Image:
    """The dialogue so far, ``HEIGHT`` x ``WIDTH`` x 3 uint8.

    With Pillow the last exchange stands below as text; without it that place stays empty.
    """
    canvas = np.full((HEIGHT, WIDTH, 3), PAPER, dtype=np.uint8)
    _draw_header(canvas, state, max_turns)
    _draw_deficits(canvas, state, max_turns)
    _draw_energy(canvas, state, max_turns)
    _draw_exchange(canvas, state)
    return canvas


def _draw_header(canvas: Image, state: DialogueState, max_turns: int) -> None:
    word = state.outcome.value.replace("_", " ")
    colour = INK
    if state.outcome.ended:
        colour = SUCCESS if state.outcome.success else FAILURE if state.outcome.scored else OUTAGE
        canvas[:6] = colour
    _write(canvas, 16, MARGIN, state.scenario.id[:40], INK, 3)
    label = f"{word}  {state.turn}/{max_turns}"
    _write(canvas, 16, WIDTH - MARGIN - 4 * 3 * len(label), label, colour, 3)


def _draw_deficits(canvas: Image, state: DialogueState, max_turns: int) -> None:
    path = np.array([point.position for point in state.points])
    panel = Panel(46, 222, max_turns, float(path.min()) - 1, max(float(path.max()), 0.0) + 1)
    _draw_level(canvas, panel, 0.0, INK, "0")
    _draw_level(canvas, panel, -ZONE, FAINT, "")
    _write(canvas, panel.row(panel.low) - 8, WIDTH - MARGIN + 6, f"{panel.low:.0f}", FAINT, 2)
    turns = [point.turn for point in state.points]
    for index, values in enumerate(path.T.tolist()):
        colour = AXIS_COLOURS[index % len(AXIS_COLOURS)]
        _draw_curve(canvas, panel, turns, values, colour)
        letter = AXES[index].letter if len(path.T) == len(AXES) else str(index)
        _write(canvas, 228, MARGIN + 150 * index, f"{letter} {values[0]:+.0f} to {values[-1]:+.0f}", colour, 2)


def _draw_energy(canvas: Image, state: DialogueState, max_turns: int) -> None:
    energies, needed = [point.energy for point in state.points], state.points[0].distance
    panel = Panel(256, 336, max_turns, min(energies) - 1, max(needed, *energies) + 1)
    _draw_level(canvas, panel, 0.0, FAINT, "0")
    _draw_level(canvas, panel, needed, INK, f"{needed:.0f}")
    _draw_curve(canvas, panel, [point.turn for point in state.points], energies, ENERGY)
    _write(canvas, 342, MARGIN, f"energy {energies[-1]:.1f} of {needed:.1f}", ENERGY, 2)


def _draw_exchange(canvas: Image, state: DialogueState) -> None:
    name = state.scenario.persona.name
    if state.outcome.ended:
        said = [(f"{name}: {state.turns[-1].message}", INK), (f"Supporter: {state.turns[-1].reply}", ENERGY)]
    elif state.turns:
        said = [(f"Supporter: {state.turns[-1].reply}", ENERGY), (f"{name}: {state.message}", INK)]
    else:
        said = [(f"{name}: {state.message}", INK)]
    try:
        draw_paragraphs = load_object(PARAGRAPHS)
    except MissingExtra:
        return
    draw_paragraphs(canvas, TEXT_TOP, MARGIN, [(visible(text), colour) for text, colour in said])


def _draw_level(canvas: Image, panel: Panel, value: float, colour: Colour, label: str) -> None:
    canvas[panel.row(value), MARGIN : WIDTH - MARGIN] = colour
    _write(canvas, panel.row(value) - 5, WIDTH - MARGIN + 6, label, colour, 2)


def _draw_curve(canvas: Image, panel: Panel, turns: list[int], values: list[float], colour: Colour) -> None:
    """A line through the points, two pixels thick, with a dot at each."""
    points = [(panel.column(turn), panel.row(value)) for turn, value in zip(turns, values, strict=True)]
    for column, row in points:
        canvas[row - 2 : row + 3, column - 2 : column + 3] = colour
    for (x0, y0), (x1, y1) in pairwise(points):
        steps = max(abs(x1 - x0), abs(y1 - y0)) + 1
        columns, rows = np.linspace(x0, x1, steps).round().astype(int), np.linspace(y0, y1, steps).round().astype(int)
        canvas[rows, columns] = canvas[rows + 1, columns] = colour


def _write(canvas: Image, top: int, left: int, text: str, colour: Colour, scale: int) -> None:
    """Write in the tiny font; what does not fit on the canvas is left out."""
    for index, character in enumerate(text):
        dots = glyph(character, scale)
        column = left + index * (COLUMNS + 1) * scale
        place = canvas[top : top + dots.shape[0], column : column + dots.shape[1]]
        if top >= 0 and column >= 0 and place.shape[:2] == dots.shape:
            place[dots] = colour
