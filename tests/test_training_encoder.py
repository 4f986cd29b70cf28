import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from training.encoder import WEIGHED, Asker, Case, loss, main

NEWS = Path(__file__).with_name("news-sample.json")


def test_the_loss_is_the_log_of_what_sentences_without_an_answer_take_away():
    scores = torch.log(torch.tensor([[1.0, 2.0, 1.0], [3.0, 1.0, 4.0]]))
    right = torch.tensor([[True, False, True], [True, False, False]])
    assert float(loss(scores, right)) == pytest.approx((torch.log(torch.tensor(4 / 2 * 8 / 3)) / 2).item())


def test_a_sentence_is_told_by_its_meaning_by_its_paragraphs_and_by_words():
    asker = Asker(1)
    asked = ["Who came?"]
    [vector] = asker.model.encode_query(asked, convert_to_tensor=True)
    beside = torch.nn.functional.normalize(vector.roll(1), dim=0)
    rows = torch.stack([vector, -vector, beside])
    case = Case(
        asked, rows, torch.tensor([0, 0, 1]), torch.tensor([[0.0, 2.0, 5.0]]), torch.ones(1, 3, dtype=torch.bool)
    )
    far = float(beside @ vector)
    expected = {
        "meaning": [1, -1, far],
        "meaning of the best in the stretch": [1, 1, far],
        "meaning of the stretch": [0, 0, far],
        "words": [0, 2, 5],
    }
    for place, name in enumerate(WEIGHED):
        asker.weights.data = torch.eye(4)[place]
        assert asker.scores(case, [0])[0].tolist() == pytest.approx(expected[name], abs=1e-4)


def test_only_the_highest_layers_learn_and_are_written(tmp_path, monkeypatch, capsys):
    out = tmp_path / "model" / "questions.safetensors"
    asked = ["training.encoder", str(NEWS), "--out", str(out), "--cache", str(tmp_path / "vectors.sqlite")]
    asked += ["--layers", "1", "--steps", "2", "--batch", "8", "--held-out", "1"]
    monkeypatch.setattr(sys, "argv", asked)
    main()
    tensors = load_file(out)
    assert tensors
    assert all(name.startswith("encoder.layer.5.") and values.dtype == torch.half for name, values in tensors.items())
    before = dict(Asker(1).learnt)
    assert set(before) == set(tensors)
    assert any(not torch.equal(before[name].half(), values) for name, values in tensors.items())
    assert "before:" in capsys.readouterr().out
