"""Two plots of a report as one image: how far confidence can be trusted, and what silence buys.

Drawn with Pillow, which the web app brings along anyway, so that an evaluation needs nothing more to be installed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qa.evaluate import Report

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw

FINE = 3  # drawn this many times larger, then made smaller, which smooths the lines
SIDE, EDGE = 400, 80  # pixels of a panel's square, and around it
INK, FAINT, BLUE, ORANGE = "#222222", "#dddddd", "#4878a8", "#d9822b"


@dataclass(frozen=True, slots=True)
class Panel:
    """A square on which x and y, both in [0, 1], have a place; `left` is its left edge in pixels."""

    draw: ImageDraw
    left: int

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The pixel of (x, y), y pointing up."""
        return FINE * (self.left + SIDE * x), FINE * (EDGE + SIDE * (1 - y))

    def line(self, points: Iterable[tuple[float, float]], colour: str, width: int = 2) -> None:
        self.draw.line([self.at(x, y) for x, y in points], fill=colour, width=FINE * width, joint="curve")

    def bar(self, low: float, high: float, top: float, colour: str) -> None:
        self.draw.rectangle([self.at(low, top), self.at(high, 0)], fill=colour, outline="white", width=FINE)

    def say(self, x: float, y: float, text: str, anchor: str, size: int = 14, colour: str = INK) -> None:
        self.draw.text(self.at(x, y), text, fill=colour, anchor=anchor, font_size=FINE * size)

    def frame(self, title: str, across: str, up: str) -> None:
        """Grid, ticks and words; `up` stands above the vertical axis, where it reads without turning one's head."""
        for tick in (0, 0.25, 0.5, 0.75, 1):
            self.line([(tick, 0), (tick, 1)], FAINT, 1)
            self.line([(0, tick), (1, tick)], FAINT, 1)
            self.say(tick, -0.02, f"{tick:g}", "mt", 12)
            self.say(-0.02, tick, f"{tick:g}", "rm", 12)
        self.say(0, 1.12, title, "ls", 17)
        self.say(0, 1.04, up, "ls", 13)
        self.say(1, -0.08, across, "rt", 13)


def plot(report: Report) -> Image:
    """The reliability diagram on the left, the risk-coverage curve on the right, 1,040 by 560 pixels.

    Bars show how often decisions of a confidence were right, and the line where they would stand if confidence kept
    its word; a thin bar below each shows its share of the decisions.
    """
    from PIL import Image, ImageDraw

    image = Image.new("RGB", (FINE * (2 * SIDE + 3 * EDGE), FINE * (SIDE + 2 * EDGE)), "white")
    draw = ImageDraw.Draw(image)
    _reliability(Panel(draw, EDGE), report)
    _risk(Panel(draw, 2 * EDGE + SIDE), report)
    return image.resize((image.width // FINE, image.height // FINE), Image.Resampling.LANCZOS)


def _reliability(panel: Panel, report: Report) -> None:
    panel.frame(f"Reliability (ECE {report.metrics['ece']:.3f})", "confidence", "share right")
    for each in report.bins:
        if each.count:
            panel.bar(each.low, each.high, each.right, BLUE)
            panel.bar(each.low, each.high, 0.25 * each.count / report.questions, ORANGE)
    panel.line([(0, 0), (1, 1)], INK)
    panel.say(0.02, 0.97, "blue: share right", "lm", 12, BLUE)
    panel.say(0.02, 0.92, "orange: share of all decisions, a quarter as high", "lm", 12, ORANGE)


def _risk(panel: Panel, report: Report) -> None:
    panel.frame(f"Risk and coverage (area {report.metrics['aurc']:.3f})", "decisions kept, surest first", "share wrong")
    panel.line(report.curve, BLUE)
