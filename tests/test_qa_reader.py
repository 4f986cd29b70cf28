"""Readers: tiny models of two families, made here, loaded as any other model is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    BertModel,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaForQuestionAnswering,
)

from index.errors import ModelError
from index.search import Passage
from index.text import Article
from qa.answer import Calibration
from qa.decode import best_spans
from qa.reader import TransformersReader, load_reader

TEXT = (
    "The minister met Pete Hegseth in Washington on Thursday, the ministry said. "
    "They agreed on a café (“Chez Zoë”) — naïve, perhaps — 😀 and paid $40.\r\n"
    "Prices rose by 4 percent in January; exports fell, and imports too. "
)
ARTICLE = Article(TEXT * 6)
QUESTION = "Who met Pete Hegseth?"
SHAPE = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
# Weights far from zero, so that the spans of an untrained model differ clearly in score.
WILD = {"initializer_range": 0.6}


def tokenizer(family: str) -> PreTrainedTokenizerFast:
    if family == "bert":
        backend = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        backend.normalizer = normalizers.BertNormalizer()
        backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        backend.decoder = decoders.WordPiece()
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
        backend.train_from_iterator([TEXT], trainers.WordPieceTrainer(vocab_size=150, special_tokens=special))
        backend.post_processor = processors.TemplateProcessing(
            "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)]
        )
        names = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
        return PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=64, **names)
    backend = Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    backend.train_from_iterator(
        [TEXT], trainers.BpeTrainer(vocab_size=350, special_tokens=special, initial_alphabet=alphabet)
    )
    backend.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=False)
    names = {"pad_token": "<pad>", "cls_token": "<s>", "sep_token": "</s>", "unk_token": "<unk>"}
    inputs = ["input_ids", "attention_mask"]
    # No length of its own: the limit has to come from the model's positions.
    return PreTrainedTokenizerFast(tokenizer_object=backend, model_input_names=inputs, **names)


def save(family: str, folder: Path) -> Path:
    """A folder with a tiny model of random weights, saved as people save theirs."""
    torch.manual_seed(7)
    words = tokenizer(family)
    if family == "bert":
        config = BertConfig(vocab_size=len(words), max_position_embeddings=64, pad_token_id=0, **SHAPE, **WILD)
        model = BertForQuestionAnswering(config)
    else:
        # 66 positions are 64 tokens: RoBERTa's count begins after the padding's number.
        config = RobertaConfig(
            vocab_size=len(words), max_position_embeddings=66, type_vocab_size=1, pad_token_id=1, **SHAPE, **WILD
        )
        model = RobertaForQuestionAnswering(config)
    model.save_pretrained(folder)
    words.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module", params=["bert", "roberta"])
def folder(request, tmp_path_factory):
    return save(request.param, tmp_path_factory.mktemp(request.param))


def passage(start: int = 0, end: int | None = None, article: Article = ARTICLE) -> Passage:
    return Passage(article.span(start, end), (), ())


def shown(readings):
    return [(r.span.start, r.span.end, r.score, r.null) for r in readings]


def slow_twin(reader, passages, *, longest, top):
    """The same readings, one window at a time and without arrays, from the definitions."""
    seen = []
    for one in passages:
        for window in reader._windower.cut(QUESTION, one.span):
            inputs = {"input_ids": torch.tensor(window.ids)[None], "token_type_ids": torch.tensor(window.types)[None]}
            with torch.inference_mode():
                out = reader._model(**{name: value for name, value in inputs.items() if name in reader._inputs})
            start, end = (values[0].double().numpy().round(3) for values in (out.start_logits, out.end_logits))
            seen.append((window, start[0] + end[0], best_spans(start, end, window.allowed, longest=longest, top=top)))
    best = {}
    for window, _, spans in seen:
        for first, last, score in spans:
            key = int(window.starts[first]), int(window.ends[last])
            null = min(n for w, n, _ in seen if w.span.start <= key[0] and key[1] <= w.span.end)
            best[key] = (max(score, best.get(key, (-1e9,))[0]), null)
    ranked = [(key[0], key[1], *value) for key, value in best.items()]
    return sorted(ranked, key=lambda r: (round(r[3] - r[2], 3), r[0], r[1]))[:top]


def test_readings_are_those_of_the_definitions(folder):
    reader = load_reader(folder)
    passages = [passage(0, 400), passage(300, 900)]
    found = shown(reader.read(QUESTION, passages, longest=8, top=12))
    expected = slow_twin(reader, passages, longest=8, top=12)
    assert [r[:2] for r in found] == [r[:2] for r in expected]
    for one, other in zip(found, expected, strict=True):
        assert one[2:] == pytest.approx(other[2:], abs=2e-3)


def test_spans_are_exact_quotations_that_begin_and_end_in_a_word_or_sign(folder):
    text = "  \r\n" + TEXT
    article = Article(text)
    readings = load_reader(folder).read(QUESTION, [passage(4, None, article)], longest=40, top=200)
    assert len(readings) == 200
    for reading in readings:
        assert reading.span.article is article
        assert reading.span.start >= 4
        assert reading.span.text == reading.span.text.strip() != ""


@pytest.mark.parametrize("batch", [1, 2, 3, 50])
def test_the_size_of_the_batch_changes_nothing(folder, batch):
    usual = load_reader(folder)
    other = TransformersReader(usual._model, tokenizer_of(folder), calibration=Calibration(), batch=batch)
    passages = [passage(0, 500), passage(200, 203), passage(600)]
    ours, theirs = (shown(r.read(QUESTION, passages, longest=10, top=15)) for r in (usual, other))
    assert [r[:2] for r in ours] == [r[:2] for r in theirs]
    for one, another in zip(ours, theirs, strict=True):
        assert one[2:] == pytest.approx(another[2:], abs=3e-3)


def tokenizer_of(folder):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def test_a_span_seen_in_two_passages_is_one_reading_with_the_lower_null(folder):
    reader = load_reader(folder)
    narrow, wide = passage(0, 75), passage(0, 140)
    alone = {r[:2]: r for r in shown(reader.read(QUESTION, [narrow], longest=5, top=40))}
    context = {r[:2]: r for r in shown(reader.read(QUESTION, [wide], longest=5, top=400))}
    both = shown(reader.read(QUESTION, [narrow, wide], longest=5, top=400))
    assert len({r[:2] for r in both}) == len(both)
    shared = [r for r in both if r[:2] in alone and r[:2] in context]
    assert shared
    for reading in shared:
        assert reading[2] == pytest.approx(max(alone[reading[:2]][2], context[reading[:2]][2]), abs=2e-3)
        assert reading[3] == pytest.approx(min(alone[reading[:2]][3], context[reading[:2]][3]), abs=2e-3)


def test_a_window_sure_of_silence_counts_only_against_what_it_has_seen(folder):
    reader = load_reader(folder)
    near, far = passage(0, 75), passage(len(TEXT) * 5, len(TEXT) * 5 + 90)
    alone = shown(reader.read(QUESTION, [near], longest=5, top=10))
    together = [r for r in shown(reader.read(QUESTION, [near, far], longest=5, top=400)) if r[1] <= 75]
    assert [r[:2] for r in together[:10]] == [r[:2] for r in alone]
    for one, other in zip(together, alone, strict=False):
        assert one[2:] == pytest.approx(other[2:], abs=2e-3)


def test_passages_of_different_articles_keep_their_article(folder):
    one, other = Article(TEXT, title="one"), Article(TEXT, title="other")
    readings = load_reader(folder).read(QUESTION, [passage(0, 75, one), passage(0, 75, other)], longest=5, top=400)
    margins = [
        {(r.span.start, r.span.end): r.margin for r in readings if r.span.article is article}
        for article in (one, other)
    ]
    # The rows of one forward pass may differ in the last digits, so equal texts score nearly equally.
    assert len(margins[0]) > 8
    assert margins[0] == pytest.approx(margins[1], abs=2e-3)
    assert len(readings) == len(margins[0]) + len(margins[1])


def test_no_passage_and_white_space_give_no_reading(folder):
    reader = load_reader(folder)
    assert reader.read(QUESTION, [], longest=5, top=5) == []
    assert reader.read(QUESTION, [passage(0, 4, Article(" \r\n\u2003"))], longest=5, top=5) == []


def test_several_threads_read_the_same_as_one(folder):
    reader = load_reader(folder)
    passages = [passage(at, at + 200) for at in range(0, 800, 100)]
    alone = [shown(reader.read(QUESTION, [one], longest=6, top=5)) for one in passages]
    with ThreadPoolExecutor(8) as threads:
        read = threads.map(lambda one: shown(reader.read(QUESTION, [one], longest=6, top=5)), passages * 3)
        assert list(read) == alone * 3


def test_loading_is_silent_and_leaves_the_settings_of_transformers_alone(folder, capfd, tmp_path):
    from transformers.utils import logging

    copy = shutil.copytree(folder, tmp_path / "copy")
    before = logging.is_progress_bar_enabled(), logging.get_verbosity()
    load_reader(copy)
    assert capfd.readouterr() == ("", "")
    assert (logging.is_progress_bar_enabled(), logging.get_verbosity()) == before


def test_the_calibration_lies_beside_the_weights(folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy")
    assert load_reader(folder).calibration == Calibration()
    stored = {"margin": 1.5, "answer": [[0, 0.25], [4, 0.75]], "silence": [[0, 0.5]]}
    (copy / "calibration.json").write_text(json.dumps(stored), encoding="utf-8")
    assert load_reader(copy).calibration == Calibration(1.5, ((0.0, 0.25), (4.0, 0.75)), ((0.0, 0.5),))


def test_weights_on_disk_in_half_precision_compute_in_full(folder, tmp_path):
    from transformers import AutoModelForQuestionAnswering

    half = tmp_path / "half"
    AutoModelForQuestionAnswering.from_pretrained(folder).half().save_pretrained(half)
    tokenizer_of(folder).save_pretrained(half)
    reader = load_reader(half)
    assert {p.dtype for p in reader._model.parameters()} == {torch.float32}
    assert reader.read(QUESTION, [passage(0, 75)], longest=5, top=1)


def without(folder: Path, copy: Path, *names: str) -> Path:
    shutil.copytree(folder, copy)
    for name in names:
        (copy / name).unlink(missing_ok=True)
    return copy


def headless(folder: Path, copy: Path) -> Path:
    words = tokenizer("bert")
    BertModel(BertConfig(vocab_size=len(words), max_position_embeddings=64, **SHAPE)).save_pretrained(copy)
    words.save_pretrained(copy)
    return copy


def pickled(folder: Path, copy: Path) -> Path:
    without(folder, copy, "model.safetensors")
    torch.save({}, copy / "pytorch_model.bin")
    return copy


def cut_short(folder: Path, copy: Path) -> Path:
    without(folder, copy)
    weights = (copy / "model.safetensors").read_bytes()
    (copy / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    return copy


def overflowing(folder: Path, copy: Path) -> Path:
    without(folder, copy)
    words = tokenizer_of(folder)
    words.add_tokens(["overflow"])
    words.save_pretrained(copy)
    return copy


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda folder, copy: without(folder, copy, "config.json"), "holds no model"),
        (lambda folder, copy: without(folder, copy, "model.safetensors"), "could not be loaded"),
        (lambda folder, copy: without(folder, copy, "tokenizer.json", "tokenizer_config.json"), "do not belong"),
        (headless, "not trained to answer questions"),
        (pickled, "could not be loaded"),
        (cut_short, "could not be loaded"),
        (overflowing, "do not belong together"),
        (lambda folder, copy: "verbatim-nobody/no-such-reader", "could not be loaded"),
        (lambda folder, copy: copy / "missing", "could not be loaded"),
    ],
    ids=["no config", "no weights", "no tokenizer", "no head", "pickle", "cut short", "alien words", "hub", "nowhere"],
)
def test_what_is_no_reader_is_refused_with_a_sentence(folder, tmp_path, broken, message):
    with pytest.raises(ModelError, match=message) as caught:
        load_reader(broken(folder, tmp_path / "copy"))
    assert "\n" not in str(caught.value)


def test_the_module_is_imported_without_torch_and_transformers():
    code = "import sys, qa.reader; print([m for m in ('torch', 'transformers', 'tokenizers') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
