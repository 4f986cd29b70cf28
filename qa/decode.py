"""Start and end logits become the best spans, found jointly: the same spans as trying every pair, only faster."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def best_spans(
    start: npt.ArrayLike, end: npt.ArrayLike, allowed: npt.ArrayLike, *, longest: int, top: int
) -> list[tuple[int, int, float]]:
    """(first token, last token, score) of the `top` best spans, best first; both tokens belong to the span.

    `start`, `end` and `allowed` are (tokens,). A span has 1 to `longest` tokens, and its first and last are
    allowed; what lies between them is not asked. Its score is the start logit of its first token plus the end logit
    of its last. Ties go to the lower first token, then to the lower last one. A score that is not a number or is
    minus infinity is no proposal, so the list may be shorter than `top`, and empty. Raises ValueError when the
    three differ in shape, or `longest` or `top` is below 1.
    """
    starts, ends = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    may = np.asarray(allowed, dtype=bool)
    if not starts.shape == ends.shape == may.shape == (starts.size,):
        raise ValueError(f"start {starts.shape}, end {ends.shape} and allowed {may.shape} must be of one length")
    if longest < 1 or top < 1:
        raise ValueError(f"longest ({longest}) and top ({top}) must be at least 1")
    tokens = starts.size
    width = min(longest, tokens)
    if not may.any():
        return []
    # Row i of the band holds the spans that begin at token i, one column for each length: (tokens, width).
    last = np.where(may, ends, -np.inf)
    band = np.lib.stride_tricks.sliding_window_view(np.append(last, np.full(width - 1, -np.inf)), width)
    with np.errstate(invalid="ignore"):  # infinity minus infinity is not a number, and is left out below
        scores = (np.where(may, starts, -np.inf)[:, None] + band).ravel()
    scores = np.where(np.isnan(scores), -np.inf, scores)
    count = min(top, scores.size)
    # Everything that scores no less than the weakest of the top: ties at the edge are settled by the sort.
    weakest = np.partition(scores, scores.size - count)[scores.size - count]
    places = np.flatnonzero((scores >= weakest) & (scores > -np.inf))
    best = places[np.argsort(-scores[places], kind="stable")][:count]
    return [(int(place // width), int(place // width + place % width), float(scores[place])) for place in best]
