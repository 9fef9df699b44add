"""The Merkle tree: the known answers of certificate transparency, and agreement with RFC 6962's own recursion."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from shared.ledger import merkle
from shared.ledger.merkle import EMPTY_ROOT, Peaks, Range, joined, leaf_hash, node_hash
from tests.examples import examples

CONTENTS = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION_OF_0_IN_8 = [
    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
]
CONSISTENCY = {
    (1, 8): INCLUSION_OF_0_IN_8,
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(2, "big")) for number in range(count)]


def tree_hash(hashes: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    if not hashes:
        return EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return node_hash(tree_hash(hashes[:k]), tree_hash(hashes[k:]))


def grown(hashes: list[bytes]) -> Peaks:
    tree = Peaks()
    for each in hashes:
        tree.add(each)
    return tree


def roots(hashes: list[bytes], ranges: list[Range]) -> list[bytes]:
    return [tree_hash(hashes[start:end]) for start, end in ranges]


SIZES = st.integers(0, 200)


def test_the_roots_of_certificate_transparency() -> None:
    hashes = [leaf_hash(content) for content in CONTENTS]
    assert [grown(hashes[:size]).root().hex() for size in range(9)] == ROOTS


def test_the_proofs_of_certificate_transparency() -> None:
    hashes = [leaf_hash(content) for content in CONTENTS]
    assert [root.hex() for root in roots(hashes, merkle.inclusion_ranges(0, 8))] == INCLUSION_OF_0_IN_8
    for (old, new), path in CONSISTENCY.items():
        assert [root.hex() for root in roots(hashes, merkle.consistency_ranges(old, new))] == path


@examples(60)
@given(size=SIZES)
def test_a_grown_tree_has_the_root_of_the_recursion(size: int) -> None:
    hashes = leaves(size)
    tree = grown(hashes)
    assert tree.root() == tree_hash(hashes)
    assert Peaks.unpacked(size, tree.packed).hashes == tree.hashes
    assert tree.hashes == roots(hashes, tree.ranges())


@examples(60)
@given(size=SIZES, more=st.integers(0, 40))
def test_a_tree_goes_on_from_its_peaks_alone(size: int, more: int) -> None:
    hashes = leaves(size + more)
    tree = Peaks.unpacked(size, grown(hashes[:size]).packed)
    for each in hashes[size:]:
        tree.add(each)
    assert tree.root() == tree_hash(hashes)


@examples(60)
@given(size=st.integers(1, 200), data=st.data())
def test_inclusion_is_proved_for_the_leaf_and_for_nothing_else(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    hashes, other = leaves(size), sha256(b"another").digest()
    path, root = roots(hashes, merkle.inclusion_ranges(index, size)), tree_hash(hashes)

    def holds(**changed: object) -> bool:
        given: dict[str, object] = {"index": index, "size": size, "leaf": hashes[index], "root": root, "path": path}
        return merkle.verify_inclusion(**(given | changed))  # type: ignore[arg-type]

    assert holds()
    assert not holds(leaf=other)
    assert not holds(root=other)
    assert not holds(path=[*path, other])
    assert not holds(index=size)
    assert not holds(index=-1)
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        assert not holds(path=path[:place] + path[place + 1 :])
        assert not holds(path=[*path[:place], other, *path[place + 1 :]])
        assert not holds(index=data.draw(st.integers(0, size - 1).filter(lambda place: place != index)))


@examples(60)
@given(sizes=st.lists(SIZES, min_size=2, max_size=2).map(sorted), data=st.data())
def test_consistency_is_proved_for_a_beginning_and_for_nothing_else(sizes: list[int], data: st.DataObject) -> None:
    old, new = sizes
    hashes, other = leaves(new), sha256(b"another").digest()
    path = roots(hashes, merkle.consistency_ranges(old, new))

    def holds(**changed: object) -> bool:
        given: dict[str, object] = {
            "old_size": old, "new_size": new, "old_root": tree_hash(hashes[:old]), "new_root": tree_hash(hashes),
            "path": path,
        }  # fmt: skip
        return merkle.verify_consistency(**(given | changed))  # type: ignore[arg-type]

    assert holds()
    assert not holds(old_root=other)
    assert not holds(path=[*path, other])
    assert not holds(old_size=new + 1)
    if old:
        assert not holds(new_root=other)
    if path:
        place = data.draw(st.integers(0, len(path) - 1))
        assert not holds(path=path[:place] + path[place + 1 :])
        assert not holds(path=[*path[:place], other, *path[place + 1 :]])


@examples(60)
@given(size=st.integers(2, 120), data=st.data())
def test_a_history_that_was_changed_is_not_consistent(size: int, data: st.DataObject) -> None:
    old, altered = data.draw(st.integers(1, size - 1)), data.draw(st.integers(0, size - 1))
    assume(altered < old)
    hashes = leaves(size)
    old_root = tree_hash(hashes[:old])
    hashes[altered] = sha256(b"another").digest()
    path = roots(hashes, merkle.consistency_ranges(old, size))
    assert not merkle.verify_consistency(
        old_size=old, new_size=size, old_root=old_root, new_root=tree_hash(hashes), path=path
    )


def test_a_leaf_cannot_pass_for_a_node() -> None:
    left, right = leaves(2)
    assert leaf_hash(left + right) != node_hash(left, right)
    assert joined([left, right]) == node_hash(left, right)


@pytest.mark.parametrize(("size", "packed"), [(1, b""), (0, bytes(32)), (3, bytes(32)), (2, bytes(33)), (1, bytes(31))])
def test_peaks_of_another_size_are_refused(size: int, packed: bytes) -> None:
    with pytest.raises(ValueError, match="other peaks"):
        Peaks.unpacked(size, packed)


def test_places_that_are_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_ranges(3, 3)
    with pytest.raises(ValueError, match="cannot begin"):
        merkle.consistency_ranges(4, 3)
