"""A question and a passage become token windows, and every token knows exactly which characters it covers."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from index.errors import ModelError
from index.text import Span, encodable

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

WINDOW = 384  # tokens in a window, the question and special tokens included: what SQuAD readers are trained with
OVERLAP = 128  # tokens shared by neighbouring windows: three answers of the longest length, with words around them
QUESTION = 64  # tokens of a question that are read; the longest of SQuAD's train questions has 61

# Every code point that str.isspace() accepts, as first and last of each run.
_RUNS = (
    *((9, 13), (28, 32), (0x85, 0x85), (0xA0, 0xA0), (0x1680, 0x1680)),
    *((0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000)),
)
SPACES = np.array([code for first, last in _RUNS for code in range(first, last + 1)], dtype=np.uint32)

Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of one text: their numbers in the vocabulary and the characters each covers. All (tokens,).

    `starts` and `ends` (exclusive) count characters of the article, never lead into or out of white space, and
    never go back; a token that covers nothing but white space has `starts == ends`.
    """

    ids: Integers
    starts: Integers
    ends: Integers

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """What a reader sees at once: question and part of a passage, with the special tokens around them. All (tokens,).

    `starts` and `ends` (exclusive) count characters of `span.article` and mean something only where `allowed`: at
    the passage's own tokens, unless they are white space. `span` is the part of the article the window shows.
    """

    span: Span
    ids: Integers
    types: Integers
    starts: Integers
    ends: Integers
    allowed: Flags

    def __len__(self) -> int:
        return len(self.ids)


class Windower:
    """Cuts questions and passages into windows, with any fast tokenizer of transformers.

    The tokenizer's own truncation and padding are switched off, so that several threads may cut at once. `limit` is
    the most tokens a window may have; it is lowered to what the tokenizer says its model can take.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerFast, *, limit: int = WINDOW) -> None:
        self._backend = tokenizer.backend_tokenizer
        self._backend.no_truncation()
        self._backend.no_padding()
        self.limit = min(limit, tokenizer.model_max_length)
        # The special tokens of a pair, found by looking: any family's template is whatever stands around "a" and "a".
        pair = self._backend.encode("a", "a")
        owner = [-1 if number is None else number for number in pair.sequence_ids]
        question, passage = owner.index(0), owner.index(1)
        between = next((place for place in range(question, passage) if owner[place] == -1), None)
        after = next((place for place in range(passage, len(owner)) if owner[place] == -1), None)
        if question == 0 or between is None or after is None:
            raise ModelError(
                "the tokenizer puts no special tokens around a question and a passage, the first of which stands for "
                "no answer; give a reader of the BERT kind"
            )
        self._frame = [pair.ids[:question], pair.ids[between:passage], pair.ids[after:]]
        self._types = [
            pair.type_ids[:question],
            pair.type_ids[question],
            pair.type_ids[between:passage],
            pair.type_ids[passage],
            pair.type_ids[after:],
        ]
        self._specials = sum(map(len, self._frame))

    def cut(self, question: str, passage: Span, *, overlap: int = OVERLAP) -> list[Window]:
        """Windows over `passage`, in order, each but the first sharing `overlap` tokens or more with the one before.

        The last window is as long as the others, so no part of the passage is read without its surroundings. A
        passage of white space gives none.
        """
        asked = self.question(question)
        tokens = self.tokens(passage)
        if not (tokens.starts < tokens.ends).any():
            return []
        room = self.room(asked)
        step = max(1, room - min(overlap, room // 2))
        firsts = [*range(0, len(tokens) - room, step), max(0, len(tokens) - room)]
        return [self.window(asked, passage, tokens, first, min(first + room, len(tokens))) for first in firsts]

    def question(self, question: str) -> list[int]:
        """The question's tokens, cut to the first QUESTION (fewer where the model's windows are very short)."""
        ids: list[int] = self._backend.encode(encodable(question), add_special_tokens=False).ids
        return ids[: min(QUESTION, max(1, (self.limit - self._specials) // 2))]

    def room(self, question: Sequence[int]) -> int:
        """Tokens of a passage that fit into a window beside the question, at least 1."""
        return max(1, self.limit - self._specials - len(question))

    def lead(self, question: Sequence[int]) -> int:
        """Tokens of a window before the passage's first: the question's and the special ones."""
        before, between, _ = self._frame
        return len(before) + len(question) + len(between)

    def tokens(self, passage: Span) -> Tokens:
        """The passage's tokens, in order; tokenised once however many windows it takes."""
        text = passage.text
        encoding = self._backend.encode(encodable(text), add_special_tokens=False)
        ids = np.array(encoding.ids, dtype=np.int64)
        offsets = np.array(encoding.offsets, dtype=np.int64).reshape(-1, 2)
        starts, ends = _exact(text, offsets[:, 0], offsets[:, 1])
        return Tokens(ids, starts + passage.start, ends + passage.start)

    def window(self, question: Sequence[int], passage: Span, tokens: Tokens, first: int, last: int) -> Window:
        """The window that shows tokens `first` to `last` (exclusive) of the passage."""
        before, between, after = self._frame
        shown = slice(first, last)
        count = last - first
        lead = self.lead(question)
        ids = np.concatenate([before, question, between, tokens.ids[shown], after]).astype(np.int64)
        types = np.concatenate(
            [
                self._types[0],
                np.full(len(question), self._types[1]),
                self._types[2],
                np.full(count, self._types[3]),
                self._types[4],
            ]
        ).astype(np.int64)
        starts, ends = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.int64)
        starts[lead : lead + count] = tokens.starts[shown]
        ends[lead : lead + count] = tokens.ends[shown]
        allowed = starts < ends
        span = Span(passage.article, int(starts[allowed].min()), int(ends[allowed].max())) if allowed.any() else passage
        return Window(span, ids, types, starts, ends, allowed)


def pad(windows: Sequence[Window], *, padding: int) -> dict[str, Integers]:
    """Arrays (windows, tokens of the longest) by the names transformers gives them, filled up with `padding`."""
    shape = len(windows), max(map(len, windows))
    ids, types, mask = np.full(shape, padding, np.int64), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window.ids
        types[row, : len(window)] = window.types
        mask[row, : len(window)] = 1
    return {"input_ids": ids, "token_type_ids": types, "attention_mask": mask}


def _exact(text: str, starts: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """Offsets with white space trimmed off both sides and marks given back to the letters they stand on.

    Byte-level tokens carry the blank before their word; tokenizers that strip accents leave the accent of a
    decomposed letter to no token at all, and a quotation must not lose it.
    """
    if not len(starts):
        return starts, ends
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    blank = np.isin(codes, SPACES)
    places = np.arange(len(codes) + 1)
    # The nearest place at or after each character that is not blank, and at or before it, in one pass each.
    onward = np.minimum.accumulate(np.where(np.append(blank, False), len(codes), places)[::-1])[::-1]
    back = np.maximum.accumulate(np.where(np.append(False, blank), 0, places))
    empty = onward[starts] >= back[ends]
    starts, ends = np.where(empty, starts, onward[starts]), np.where(empty, starts, back[ends])
    following = np.append(starts[1:], len(codes))
    marked = (ends < following) & (ends > starts)
    marked[marked] = codes[ends[marked]] >= 0x300  # no combining mark stands below
    for token in np.flatnonzero(marked):
        end, limit = int(ends[token]), int(following[token])
        while end < limit and _joins(text[end]):
            end += 1
        ends[token] = end
    return starts, ends


def _joins(character: str) -> bool:
    """Whether the character only changes the one before it: a combining mark, a variation selector, a joiner."""
    return character == "\u200d" or unicodedata.category(character).startswith("M")


__all__ = ["OVERLAP", "QUESTION", "WINDOW", "Tokens", "Window", "Windower", "pad"]
