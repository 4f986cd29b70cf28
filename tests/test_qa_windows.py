"""Windows: every token knows its characters, whatever the text and the tokenizer."""

from __future__ import annotations

import itertools
import sys
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from index.errors import ModelError
from index.text import Article
from qa.windows import QUESTION, SPACES, Windower, pad

SENTENCES = [
    "The minister met Pete Hegseth in Washington on Thursday, the ministry said.",
    "Where was the café? It was 3.5 km from Zürich, and naïve travellers paid $40.",
    "Prices rose by 4 percent in January; exports fell. 東京 and Москва were quiet.",
]
PIECES = [
    *"aeiou .,?$-'\"",
    "é",
    "e\u0301",
    "n\u0303",
    "Å",
    "ﬁ",
    "İ",
    "ß",
    "東京",
    "한국",
    "\u1112\u1161\u11ab",
    "👩\u200d👩\u200d👧",
]
PIECES += [
    "👍🏽",
    "☕\ufe0f",
    "🇫🇷",
    "\r\n",
    "\n\n",
    "\t",
    "\u00a0",
    "\u2003",
    "\u200b",
    "\ufeff",
    "\x00",
    "\u00ad",
    "\ud800",
    "met ",
    "The",
]
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=25).map("".join)


@cache
def windower(family: str, limit: int = 384) -> Windower:
    """A small tokenizer of the family, trained on three sentences, as transformers would load it."""
    if family == "bert":
        tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
        tokenizer.train_from_iterator(SENTENCES, trainers.WordPieceTrainer(vocab_size=200, special_tokens=special))
        pair = "[CLS] $A [SEP] $B:1 [SEP]:1"
        tokenizer.post_processor = processors.TemplateProcessing("[CLS] $A [SEP]", pair, [("[CLS]", 2), ("[SEP]", 3)])
        names = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    else:
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        special = ["<s>", "<pad>", "</s>", "<unk>"]
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        tokenizer.train_from_iterator(
            SENTENCES, trainers.BpeTrainer(vocab_size=400, special_tokens=special, initial_alphabet=alphabet)
        )
        tokenizer.decoder = decoders.ByteLevel()
        trim = family == "roberta"  # without it, offsets carry the blank before the word
        tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=trim)
        names = {"pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>", "unk_token": "<unk>"}
    return Windower(PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, **names), limit=limit)


def test_a_tokenizer_without_special_tokens_of_a_pair_is_a_clear_error():
    tokenizer = Tokenizer(models.WordLevel({"a": 0, "[UNK]": 1}, unk_token="[UNK]"))
    with pytest.raises(ModelError, match="give a reader of the BERT kind"):
        Windower(PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=512, unk_token="[UNK]"))


FAMILIES = pytest.mark.parametrize("family", ["bert", "roberta", "byte-level"])


@FAMILIES
@given(text=TEXTS, before=TEXTS)
@settings(deadline=None)
def test_offsets_lie_in_the_passage_go_forward_and_never_touch_white_space(family, text, before):
    article = Article(before + text + " after")
    passage = article.span(len(before), len(before) + len(text))
    tokens = windower(family).tokens(passage)
    assert (tokens.starts <= tokens.ends).all()
    assert (np.diff(tokens.starts) >= 0).all()
    assert (np.diff(tokens.ends) >= 0).all()
    for start, end in zip(tokens.starts, tokens.ends, strict=True):
        assert passage.start <= start <= end <= passage.end
        covered = article.text[start:end]
        assert covered == covered.strip()


@FAMILIES
@given(text=TEXTS)
@settings(deadline=None)
def test_every_letter_and_digit_is_covered_by_some_token(family, text):
    tokens = windower(family).tokens(Article(text).span())
    covered = {place for start, end in zip(tokens.starts, tokens.ends, strict=True) for place in range(start, end)}
    assert {place for place, character in enumerate(text) if character.isalnum()} <= covered


@FAMILIES
def test_a_token_of_plain_words_covers_what_it_decodes_to(family):
    cutter = windower(family)
    article = Article("\r\n  The minister met\tPete Hegseth  in Washington on Thursday.\n")
    passage = article.span()
    tokens = cutter.tokens(passage)
    for number, start, end in zip(tokens.ids, tokens.starts, tokens.ends, strict=True):
        piece = cutter._backend.decode([int(number)]).removeprefix("##").strip()
        assert article.text[start:end].lower() == piece.lower()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cafe\u0301 closed", ["cafe\u0301", "closed"]),
        ("n\u0303andu\u0301\u0301!", ["n\u0303andu\u0301\u0301", "!"]),
        ("a\r\nb", ["a", "b"]),
        ("한국 x", ["한국", "x"]),
    ],
    ids=["decomposed accent", "several marks", "line end of Windows", "Hangul"],
)
def test_marks_stay_with_the_letter_they_stand_on(text, words):
    cutter = windower("bert")
    tokens = cutter.tokens(Article(text).span())
    whole = [text[start:end] for start, end in zip(tokens.starts, tokens.ends, strict=True)]
    for word in words:
        assert any(piece.endswith(word[-1]) for piece in whole)
        assert word[0] == text[min(s for s in tokens.starts if s >= text.index(word))]
    assert max(tokens.ends) == len(text)


def test_the_constant_of_white_space_is_pythons():
    assert SPACES.tolist() == [code for code in range(sys.maxunicode + 1) if chr(code).isspace()]


@FAMILIES
@given(words=st.integers(0, 60), limit=st.integers(12, 60), overlap=st.integers(0, 30), padding=st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_windows_show_every_token_and_share_the_overlap(family, words, limit, overlap, padding):
    cutter = windower(family, limit)
    article = Article(" " * padding + "Exports fell in Zürich. " * words)
    windows = cutter.cut("Where?", article.span(), overlap=overlap)
    tokens = cutter.tokens(article.span())
    asked = cutter.question("Where?")
    room = cutter.room(asked)
    seen = {(int(s), int(e)) for w in windows for s, e in zip(w.starts[w.allowed], w.ends[w.allowed], strict=True)}
    assert seen == {(int(s), int(e)) for s, e in zip(tokens.starts, tokens.ends, strict=True) if s < e}
    assert all(len(window) <= limit for window in windows)
    assert [len(window) for window in windows] == [limit if len(windows) > 1 else len(window) for window in windows]
    for one, other in itertools.pairwise(windows):
        assert one.span.start <= other.span.start
        shared = (tokens.starts >= other.span.start) & (tokens.ends <= one.span.end) & (tokens.starts < tokens.ends)
        blank = int((tokens.starts >= tokens.ends).sum())
        assert shared.sum() + blank >= min(overlap, room // 2)


@FAMILIES
def test_only_the_passage_is_allowed_and_the_frame_is_the_familys(family):
    cutter = windower(family)
    text = "The minister met Pete Hegseth."
    (window,) = cutter.cut("Who met Pete?", Article("Yes. " + text).span(5))
    expected = cutter._backend.encode("Who met Pete?", text)
    assert window.ids.tolist() == expected.ids
    assert window.types.tolist() == expected.type_ids
    assert window.allowed.tolist() == [owner == 1 for owner in expected.sequence_ids]
    assert (window.span.start, window.span.end) == (5, 5 + len(text))


@FAMILIES
@pytest.mark.parametrize("text", ["", " ", "\r\n\t \u2003"])
def test_white_space_gives_no_windows(family, text):
    assert windower(family).cut("Who?", Article(text).span()) == []


def test_a_long_question_is_cut_and_leaves_room_for_the_passage():
    cutter = windower("bert")
    (window,) = cutter.cut("met " * 500, Article("The minister met Pete.").span())
    assert cutter.question("met " * 500) == cutter.question("met " * QUESTION)
    assert len(cutter.question("met " * 500)) == QUESTION
    assert window.span.text == "The minister met Pete."


def test_a_model_of_short_windows_is_given_short_windows():
    windows = windower("bert", 16).cut("met " * 500, Article("The minister met Pete Hegseth. " * 9).span())
    assert max(map(len, windows)) == 16
    assert all(window.allowed.any() for window in windows)


def test_a_very_long_line_is_tokenised_once():
    calls = []
    cutter = windower("bert")

    class Counting:
        def encode(self, text, **settings):
            calls.append(len(text))
            return real.encode(text, **settings)

    real = cutter._backend
    cutter._backend = Counting()
    try:
        windows = cutter.cut("Who?", Article("met " * 50_000).span())
    finally:
        cutter._backend = real
    assert calls == [4, 200_000]
    assert windows[-1].span.end == 199_999
    assert len(windows) > 100


def test_padding_fills_up_with_the_padding_token_and_is_masked():
    cutter = windower("bert")
    short, long = (cutter.cut("Who?", Article(text).span())[0] for text in ("met", "met Pete Hegseth in Washington"))
    arrays = pad([short, long], padding=7)
    assert arrays["input_ids"].shape == (2, len(long))
    assert arrays["input_ids"][0].tolist() == [*short.ids, *[7] * (len(long) - len(short))]
    assert arrays["attention_mask"].sum(axis=1).tolist() == [len(short), len(long)]
    assert arrays["token_type_ids"][1].tolist() == long.types.tolist()
