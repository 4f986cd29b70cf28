"""The average of two readers' weights."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from training.average import average


def folder(path, **tensors):
    path.mkdir()
    (path / "config.json").write_text(f'"{path.name}"')
    save_file({name: torch.tensor(values).half() for name, values in tensors.items()}, path / "model.safetensors")
    return path


def test_weights_are_averaged_by_their_shares_and_all_else_is_the_first_ones(tmp_path):
    one, other = folder(tmp_path / "one", a=[1.0, 2.0], b=[0.0]), folder(tmp_path / "other", a=[5.0, 2.0], b=[8.0])
    average([(one, 0.75), (other, 0.25)], tmp_path / "mean")
    found = load_file(tmp_path / "mean" / "model.safetensors")
    assert {name: (tensor.tolist(), tensor.dtype) for name, tensor in found.items()} == {
        "a": ([2.0, 2.0], torch.float16),
        "b": ([2.0], torch.float16),
    }
    assert (tmp_path / "mean" / "config.json").read_text() == '"one"'


def test_shares_that_do_not_add_up_and_readers_of_another_make_are_refused(tmp_path):
    one, other = folder(tmp_path / "one", a=[1.0]), folder(tmp_path / "other", a=[1.0, 2.0])
    with pytest.raises(ValueError, match="add up"):
        average([(one, 0.5), (one, 0.4)], tmp_path / "mean")
    with pytest.raises(ValueError, match="one make"):
        average([(one, 0.5), (other, 0.5)], tmp_path / "mean")
    assert not (tmp_path / "mean").exists()
