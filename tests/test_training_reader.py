"""Training: a killed run goes on exactly, the loss is the formula's, and windows keep their gold places."""

from __future__ import annotations

import gzip
import json
import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import BertConfig, BertForQuestionAnswering, PreTrainedTokenizerFast

from index.search import Passage
from index.text import Article
from qa.reader import load_reader
from qa.windows import Windower
from training.calibrate import Row, best_margin, calibrate, isotonic, joined, logistic, probability
from training.examples import NULL, Example, Mixture, Recipe, fit, load_examples, spoilt
from training.negatives import opposed, without_answer
from training.reader import main, span_loss

WORDS = [f"w{number}" for number in range(60)]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def tokenizer() -> PreTrainedTokenizerFast:
    """One token per word, so that the places can be counted with a pencil."""
    backend = Tokenizer(models.WordLevel({word: n for n, word in enumerate([*SPECIAL, *WORDS])}, unk_token="[UNK]"))
    backend.normalizer = normalizers.Lowercase()
    backend.pre_tokenizer = pre_tokenizers.Whitespace()
    backend.post_processor = processors.TemplateProcessing(
        "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1", [("[CLS]", 2), ("[SEP]", 3)]
    )
    names = {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "unk_token": "[UNK]"}
    return PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=64, **names)


CUTTER = Windower(tokenizer())


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    """A tiny model to begin with."""
    folder = tmp_path_factory.mktemp("start")
    torch.manual_seed(0)
    shape = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    BertForQuestionAnswering(BertConfig(vocab_size=64, max_position_embeddings=64, **shape)).save_pretrained(folder)
    tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """Questions whose answer is the word after the one asked for, and as many without one."""
    folder = tmp_path_factory.mktemp("data")
    random = np.random.default_rng(0)
    paragraphs = []
    for number in range(12):
        words = [WORDS[i] for i in random.permutation(30)]
        context = " ".join(words)
        asked, answer = words[4], words[5]
        qas = [
            {"id": f"{number}a", "question": f"{asked}?", "answers": [_answer(context, answer)]},
            {"id": f"{number}b", "question": "w50?", "answers": []},
        ]
        paragraphs.append({"context": context, "qas": qas})
    whole = {"version": "v2.0", "data": [{"title": str(n), "paragraphs": [p]} for n, p in enumerate(paragraphs)]}
    with gzip.open(folder / "toy.json.gz", "wt", encoding="utf-8") as file:
        json.dump(whole, file)
    return folder


def _answer(context, text):
    return {"text": text, "answer_start": context.index(text)}


def train(start, data, out, *more):
    given_first = ["--start", str(start), "--data", str(data), "--out", str(out), "--mix", "toy=1", "--examples", "96"]
    lengths = ["--batch", "4", "--rate", "1e-3", "--windows", "24=1", "32=1", "--save-steps", "5", "--threads", "1"]
    main([*given_first, *lengths, *more])


def test_a_run_killed_and_resumed_ends_in_the_same_weights(start, data, tmp_path):
    train(start, data, tmp_path / "whole")
    train(start, data, tmp_path / "killed", "--steps", "13")
    assert not (tmp_path / "killed" / "model").exists()
    train(start, data, tmp_path / "killed", "--resume")
    whole, killed = (load_file(tmp_path / name / "model" / "model.safetensors") for name in ("whole", "killed"))
    assert whole.keys() == killed.keys()
    assert all(torch.equal(whole[name], killed[name]) for name in whole)


def test_a_run_that_another_process_kills_at_any_moment_leaves_a_whole_checkpoint(start, data, tmp_path):
    command = [sys.executable, "-m", "training.reader", "--start", start, "--data", data, "--out", tmp_path / "x"]
    command += ["--mix", "toy=1", "--examples", "100000", "--batch", "4", "--save-steps", "1", "--threads", "1"]
    process = subprocess.Popen(list(map(str, command)), stderr=subprocess.DEVNULL)
    try:
        while saved(tmp_path / "x") < 30:
            assert process.poll() is None
    finally:
        process.kill()
        process.wait()
    train(start, data, tmp_path / "x", "--resume", "--steps", "3000")
    assert saved(tmp_path / "x") >= 30  # begun anew, 96 examples would be 24 steps


def test_a_run_killed_while_it_puts_the_checkpoint_in_place_goes_on_from_the_one_before(start, data, tmp_path):
    train(start, data, tmp_path / "x")
    (tmp_path / "x" / "checkpoint").rename(tmp_path / "x" / "checkpoint.old")
    train(start, data, tmp_path / "x", "--resume", "--examples", "8")
    assert saved(tmp_path / "x") == 24


def saved(out):
    """The steps that the checkpoint has behind it; 0 while there is none."""
    try:
        return json.loads((out / "checkpoint" / "state.json").read_text("utf-8"))["step"]
    except FileNotFoundError:  # as at the moment when a new one takes its place
        return 0


def test_frozen_layers_stay_as_they_are(start, data, tmp_path):
    train(start, data, tmp_path / "x", "--freeze-layers", "1")
    before = {name: tensor.half() for name, tensor in load_file(start / "model.safetensors").items()}
    after = load_file(tmp_path / "x" / "model" / "model.safetensors")
    changed = {name for name, tensor in after.items() if not torch.equal(tensor, before[name])}
    assert changed == {"qa_outputs.weight", "qa_outputs.bias"}


def test_a_run_in_bfloat16_learns_in_float32_and_is_resumed_to_the_same_weights(start, data, tmp_path):
    train(start, data, tmp_path / "whole", "--bf16")
    train(start, data, tmp_path / "killed", "--bf16", "--steps", "13")
    train(start, data, tmp_path / "killed", "--bf16", "--resume")
    whole, killed = (load_file(tmp_path / name / "model" / "model.safetensors") for name in ("whole", "killed"))
    assert all(torch.equal(whole[name], killed[name]) for name in whole)
    kept = load_file(tmp_path / "whole" / "checkpoint" / "tensors.safetensors")
    weights = [tensor for name, tensor in kept.items() if name.startswith("weights.")]
    assert all(tensor.dtype == torch.float32 for tensor in weights)
    assert any(not torch.equal(tensor, tensor.bfloat16().float()) for tensor in weights)  # small steps are not lost


def test_what_is_exported_is_a_reader_that_has_learned(start, data, tmp_path):
    train(start, data, tmp_path / "x", "--examples", "2400", "--dev", "toy", "--check-minutes", "99", "--rate", "1e-2")
    curve = json.loads((tmp_path / "x" / "curve.json").read_text("utf-8"))
    assert [point["examples"] for point in curve] == [2400]
    assert curve[0]["toy.f1"] > 60  # silence alone would give 50
    reader = load_reader(tmp_path / "x" / "model")
    assert {p.dtype for p in reader._model.parameters()} == {torch.float32}
    article = Article(" ".join(WORDS[:30]))
    assert reader.read("w3?", [Passage(article.span(), (), ())], longest=5, top=1)


def test_a_mixture_goes_on_where_it_stood_and_shows_each_example_once_an_epoch():
    sources = {name: [Example(f"{name}{n}", Article("w1").span(), ()) for n in range(7)] for name in "ab"}
    mixture = Mixture(sources, [3, 1], seed=5)
    drawn = [example.question for example in mixture.draw(400)]
    assert len(set([q for q in drawn if q[0] == "a"][:7])) == 7
    assert 250 < sum(question[0] == "a" for question in drawn) < 350
    state = json.loads(json.dumps(mixture.state))
    other = Mixture(sources, [3, 1], seed=5)
    other.state = state
    assert [e.question for e in other.draw(30)] == [e.question for e in mixture.draw(30)]
    more = Mixture({**sources, "c": sources["a"]}, [3, 1, 1], seed=5)
    more.state = state
    assert len(more.draw(30)) == 30
    assert more.state["drawn"][2] > 0


@given(
    words=st.integers(1, 120),
    place=st.integers(0, 119),
    length=st.integers(1, 4),
    limit=st.integers(12, 64),
    outside=st.sampled_from([0.0, 1.0]),
    seed=st.integers(0, 99),
)
@settings(deadline=None)
def test_a_window_on_an_example_holds_its_answer_and_says_where(words, place, length, limit, outside, seed):
    text = " ".join(WORDS[n % 60] for n in range(words))
    first = min(place, words - 1)
    last = min(first + length - 1, words - 1)
    tokens = CUTTER.tokens(Article(text).span())
    gold = int(tokens.starts[first]), int(tokens.ends[last])
    example = Example("w1 ?", Article(text).span(), (gold,))
    recipe = Recipe(((limit, 1.0),), outside, 0.0)
    window, golds = fit(example, CUTTER, recipe, np.random.default_rng(seed))
    assert len(window) <= limit
    found = [text[window.starts[a] : window.ends[b]] for a, b in golds if (a, b) != NULL]
    if found:
        assert found == [text[gold[0] : gold[1]]]
    else:  # nothing of the answer is shown, and only because that was asked for
        assert outside == 1.0
        assert window.span.end <= gold[0] or gold[1] <= window.span.start
    if outside == 0.0:
        assert found


def test_an_ambiguous_answer_stands_for_every_place_of_its_words(tmp_path):
    context = "Art by Artists: Art, and Art."
    qas = [
        {"id": "1", "question": "?", "answers": [{"text": "Art", "answer_start": 16}], "ambiguous": True},
        {"id": "2", "question": "?", "answers": [{"text": "Art", "answer_start": 16}]},
    ]
    (tmp_path / "x.json").write_text(
        json.dumps({"data": [{"paragraphs": [{"context": context, "qas": qas}]}]}), "utf-8"
    )
    every, one = load_examples(tmp_path / "x.json")
    assert every.places == ((0, 3), (16, 19), (25, 28))
    assert one.places == ((16, 19),)


def test_conversations_are_asked_as_written_out_and_joined_to_the_exchange_before(tmp_path):
    first = {"question": "Who?", "standalone": "Who is here?", "answers": [{"text": "Lee", "answer_start": 0}]}
    turn = {"question": "And he?", "standalone": "Where is Lee?", "answers": [{"text": "here", "answer_start": 7}]}
    entry = {"title": "t", "context": "Lee is here.", "conversations": [[first, turn]]}
    (tmp_path / "x.json").write_text(json.dumps({"data": [entry]}), "utf-8")
    assert [(example.question, example.places) for example in load_examples(tmp_path / "x.json")] == [
        ("Who is here?", ((0, 3),)),
        ("Where is Lee?", ((7, 11),)),
        ("Who is here? Lee And he?", ((7, 11),)),
    ]


def test_the_loss_sums_the_probability_of_every_gold_place():
    start = torch.tensor([[1.0, 5.0, 0.0, 2.0]])
    end = torch.tensor([[0.0, 5.0, 1.0, 1.0]])
    allowed = torch.tensor([[False, False, True, True]])  # the null place joins them, the question's token does not
    first, last = ([math.exp(v) for v in row] for row in ([1.0, 0.0, 2.0], [0.0, 1.0, 1.0]))
    chance = [a / sum(first) * b / sum(last) for a, b in zip(first, last, strict=True)]
    both = float(span_loss(start, end, allowed, torch.tensor([[[2, 2], [3, 3]]])))
    null = float(span_loss(start, end, allowed, torch.tensor([[[0, 0], [-1, -1]]])))
    assert both == pytest.approx(-math.log(chance[1] + chance[2]), abs=1e-5)
    assert null == pytest.approx(-math.log(chance[0]), abs=1e-5)


def rows(count, slope, shift, seed=0):
    """Questions whose chance of being answerable is logistic in the margin, and right whenever answerable."""
    random = np.random.default_rng(seed)
    margins = random.normal(0, 4, count)
    chance = 1 / (1 + np.exp(-slope * (margins - shift)))
    has = random.random(count) < chance
    return [
        Row("toy", str(n % 40), False, float(m), float(m), float(h), float(h), bool(h))
        for n, (m, h) in enumerate(zip(margins, has, strict=True))
    ]


def test_calibration_finds_the_margin_and_the_chances_that_made_the_rows():
    stored, report = calibrate(rows(6000, slope=0.8, shift=1.5))
    assert stored["margin"] == pytest.approx(1.5, abs=0.7)
    for margin in (-4.0, 0.0, 1.5, 3.0, 6.0):
        chance = 1 / (1 + math.exp(-0.8 * (margin - 1.5)))
        assert probability(stored["answer"], np.array([margin]))[0] == pytest.approx(chance, abs=0.05)
        assert probability(stored["silence"], np.array([margin]))[0] == pytest.approx(1 - chance, abs=0.05)
    assert report["answer"]["out_of_fold"]["logistic"]["ece"] < 0.05


def test_an_answer_is_as_sure_as_its_own_reading_and_silence_as_all_together():
    made = [replace(row, own=row.margin - 3) for row in rows(6000, slope=0.8, shift=1.5)]
    stored, _ = calibrate(made)
    assert stored["margin"] == calibrate(rows(6000, slope=0.8, shift=1.5))[0]["margin"]
    for margin in (3.0, 6.0):
        chance = 1 / (1 + math.exp(-0.8 * (margin - 1.5)))
        assert probability(stored["answer"], np.array([margin - 3]))[0] == pytest.approx(chance, abs=0.05)
        assert probability(stored["silence"], np.array([margin]))[0] == pytest.approx(1 - chance, abs=0.05)


@pytest.mark.parametrize("curve", [logistic, isotonic])
@given(seed=st.integers(0, 50), slope=st.sampled_from([-0.7, 0.4, 1.5]))
@settings(deadline=None, max_examples=15)
def test_a_curve_is_monotone_with_rising_knots_and_no_certainty(curve, seed, slope):
    made = rows(400, slope=slope, shift=0.0, seed=seed)
    knots = curve(np.array([r.margin for r in made]), np.array([r.exact for r in made]))
    margins, chances = zip(*knots, strict=True)
    assert (np.diff(margins) > 0).all()
    assert (np.diff(chances) * np.sign(slope) >= 0).all()
    assert min(chances) > 0
    assert max(chances) < 1


def test_the_best_margin_is_the_one_that_parts_answerable_from_not():
    parted = [
        Row("toy", "t", False, float(m), 0.0, float(m > 2), float(m > 2), bool(m > 2)) for m in np.linspace(-5, 9, 1400)
    ]
    assert 1.6 < best_margin(parted) <= 2.0  # a little below: level with the best, and rather answering


def test_a_long_article_holds_the_examples_own_context_among_strangers():
    own = Example("?", Article("own context", title="t").span(), ())
    others = [Example("?", Article(f"other {n}", title="t" if n % 2 else f"u{n}").span(), ()) for n in range(12)]
    text = joined(own, others, np.random.default_rng(3)).text
    assert "own context" in text
    assert text.count("other") == 3
    assert not any(f"other {n}" in text.split("\n\n") for n in range(1, 12, 2))


def test_a_question_made_its_opposite_differs_in_one_word():
    asked = "Who was the first to climb the highest peak of South Ridge?"
    made = {opposed(asked, np.random.default_rng(seed)) for seed in range(20)}
    assert made == {asked.replace("first", "last"), asked.replace("highest", "lowest")}


@pytest.mark.parametrize("asked", ["How old was she?", "Who had at least two?", "Where is East Point?", "Who came?"])
def test_fixed_phrases_and_names_have_no_opposite(asked):
    assert opposed(asked, np.random.default_rng(0)) is None


@pytest.mark.parametrize(
    ("text", "answer", "left"),
    [
        ("It rained. Lee met Ana. They ate. He left.", "Ana", "It rained. They ate. He left."),
        ("It rained. Lee met Ana. They ate. Then Ana left.", "Ana", None),  # it stands in another sentence too
        ("Lee met Ana. They ate.", "Ana", None),  # one sentence is no context
    ],
)
def test_a_context_without_the_answer_has_lost_its_sentence(text, answer, left):
    place = text.index(answer), text.index(answer) + len(answer)
    found = without_answer(Article(text).span(), (place,))
    assert (found and found.text) == left


def test_a_spoilt_example_is_unanswerable_and_an_unanswerable_one_stays_as_it_is():
    recipe = Recipe(windows=((384, 1.0),), outside=0.0, unmarked=0.0, cut=1.0, opposed=1.0)
    text = "It rained. Lee met Ana. They ate. He left."
    place = text.index("Ana"), text.index("Ana") + 3
    made = spoilt(Example("Who did Lee meet?", Article(text).span(), (place,)), recipe, np.random.default_rng(0))
    assert (made.question, made.places, "Ana" in made.context.text) == ("Who did Lee meet?", (), False)
    silent = Example("Who won?", Article(text).span(), ())
    assert spoilt(silent, recipe, np.random.default_rng(0)) is silent
