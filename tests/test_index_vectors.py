import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from index.vectors import CodedIndex, VectorIndex, lists_for, unit

MATRIX = arrays(np.float32, st.tuples(st.integers(1, 12), st.just(4)), elements=st.integers(-4, 4).map(float))


def clustered(count, *, size=64, seed=0):
    """Unit vectors in 200 clusters, the same for every seed."""
    centres = np.random.default_rng(9).standard_normal((200, size))
    return unit(centres[np.arange(count) % 200] + 0.5 * np.random.default_rng(seed).standard_normal((count, size)))


@given(MATRIX, st.data())
def test_after_additions_and_removals_a_search_equals_brute_force(rows, data):
    numbers = np.arange(len(rows)) * 3 + 5
    half = len(rows) // 2
    index = VectorIndex(rows[:half].reshape(half, 4), numbers[:half])
    index.add(rows[half:], numbers[half:])
    first = data.draw(st.integers(0, 45))
    end = data.draw(st.integers(first, 45))
    index.remove(first, end)
    kept = [n for n, number in enumerate(numbers) if not first <= number < end]
    vector = data.draw(st.sampled_from(list(rows)))
    cosines = {int(numbers[n]): float(unit(rows)[n] @ unit(vector[None])[0]) for n in kept}
    found = index.search(vector, len(rows))
    assert len(index) == len(kept)
    assert dict(found) == pytest.approx(cosines, abs=1e-5)
    assert [score for _, score in found] == pytest.approx(sorted(cosines.values(), reverse=True), abs=1e-5)


@pytest.fixture(scope="module")
def rows():
    return clustered(4_000)


@pytest.fixture(scope="module")
def saved(rows, tmp_path_factory):
    index = CodedIndex.train(rows[:2000], len(rows))
    index.add(rows, np.arange(len(rows)) * 2)
    path = tmp_path_factory.mktemp("codes") / "codes.faiss"
    index.save(path)
    return path


def nearest(rows, vector, k, *, kept=None):
    kept = np.arange(len(rows)) if kept is None else kept
    return {int(n) * 2 for n in kept[np.argsort(-(rows[kept] @ vector), kind="stable")[:k]]}


def test_among_the_candidates_by_codes_are_the_nearest(rows, saved):
    index = CodedIndex.load(saved)
    questions = clustered(50, seed=1)
    right = [len(nearest(rows, q, 10) & {n for n, _ in index.search(q, 100)}) for q in questions]
    assert len(index) == 4_000
    assert sum(right) / 500 > 0.98


def test_cosines_by_codes_are_near_the_exact_ones(rows, saved):
    found = CodedIndex.load(saved).search(rows[7], 20)
    assert [cosine for _, cosine in found] == sorted((cosine for _, cosine in found), reverse=True)
    for number, cosine in found:
        assert cosine == pytest.approx(float(rows[number // 2] @ rows[7]), abs=0.15)


def test_a_search_among_the_living_returns_no_other(rows, saved):
    alive = np.zeros(8_000, bool)
    alive[::8] = True  # every fourth sentence: its number is twice its place
    found = CodedIndex.load(saved).search(rows[4], 10, alive)
    assert {n for n, _ in found} <= set(range(0, 8_000, 8))
    assert 8 in {n for n, _ in found}


def test_codes_take_more_and_give_up_some_and_are_saved_again(rows, saved, tmp_path):
    index = CodedIndex.load(saved)
    alive = np.ones(8_000, bool)
    alive[14] = False
    index.keep(alive)
    index.add(clustered(1, seed=5), [9_001])
    index.save(tmp_path / "again.faiss")
    again = CodedIndex.load(tmp_path / "again.faiss")
    assert len(again) == 4_000
    assert 14 not in {n for n, _ in again.search(rows[7], 4_000)}
    assert 9_001 in {n for n, _ in again.search(clustered(1, seed=5)[0], 20)}


@pytest.mark.parametrize(
    "content", [None, b"", b"no index", b"IwSq" + b"\0" * 100], ids=["missing", "empty", "text", "cut"]
)
def test_a_file_that_is_no_index_is_an_os_error(tmp_path, content):
    path = tmp_path / "codes.faiss"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(OSError, match=r"."):
        CodedIndex.load(path)


@pytest.mark.parametrize("size", [64, 66, 67], ids=["even", "of three", "prime"])
@pytest.mark.parametrize("count", [2, 3, 50])
def test_few_vectors_of_any_size_make_an_index_too(count, size):
    rows = clustered(count, size=size)
    index = CodedIndex.train(rows, count)
    index.add(rows, np.arange(count))
    assert count - 1 in {n for n, _ in index.search(rows[-1], 3)}


def test_lists_grow_with_the_square_root():
    assert [lists_for(count) for count in (0, 1, 10_000, 1_000_000)] == [1, 4, 400, 4_000]
