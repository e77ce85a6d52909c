from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.cutting import Batch, batches, ends_shard
from corpus.documents import Document

DOCUMENTS = st.lists(
    st.tuples(
        st.integers(0, 10**6).map(str),
        st.text("가나 ", min_size=1, max_size=60),
        st.sampled_from(["train", "test"]),
    ),
    max_size=60,
    unique_by=lambda document: document[0],
)


def placed(documents: list[tuple[str, str, str]]) -> list[tuple[str, Document, str]]:
    return [("text:a", Document(name, text), split) for name, text, split in documents]


def shards(found: list[Batch]) -> dict[str, list[list[str]]]:
    """The ids in each shard of each split."""
    result: dict[str, list[list[str]]] = {}
    opened: dict[str, list[str]] = {}
    for batch in found:
        opened.setdefault(batch.split, []).extend(document.id for _, document in batch.documents)
        if batch.ends:
            result.setdefault(batch.split, []).append(opened.pop(batch.split))
    assert not opened
    return result


@given(DOCUMENTS, st.integers(1, 500))
def test_every_document_is_in_one_shard_of_its_split_in_its_order(
    documents: list[tuple[str, str, str]], size: int
) -> None:
    found = shards(list(batches(placed(documents), size)))
    for split in ("train", "test"):
        ids = [name for shard in found.get(split, []) for name in shard]
        assert ids == [name for name, _, home in documents if home == split]
        assert all(found.get(split, [[""]]))


@given(DOCUMENTS, st.integers(1, 500))
def test_a_shard_ends_between_half_its_size_and_the_document_that_reaches_it(
    documents: list[tuple[str, str, str]], size: int
) -> None:
    weights = {name: len(text.encode()) for name, text, _ in documents}
    for split in shards(list(batches(placed(documents), size))).values():
        for shard in split[:-1]:
            assert sum(weights[name] for name in shard) >= size / 2
        for shard in split:
            assert sum(weights[name] for name in shard[:-1]) < size


@settings(max_examples=30)
@given(st.integers(0, 1999), st.text("가나 ", min_size=1, max_size=200))
def test_an_added_document_changes_few_shards(place: int, text: str) -> None:
    before = [(f"ko/{number}", "가" * (number % 60 + 1), "train") for number in range(2000)]
    after = [*before[:place], ("new", text, "train"), *before[place:]]
    old, new = (
        {batch.ends for batch in batches(placed(each), 3_000) if batch.ends} for each in (before, after)
    )
    assert len(old) > 50
    assert len(new - old) < 15


@given(DOCUMENTS, st.integers(1, 300), st.data())
def test_known_shards_are_passed_on_without_their_documents(
    documents: list[tuple[str, str, str]], size: int, data: st.DataObject
) -> None:
    fresh = list(batches(placed(documents), size))
    ends = [(batch.split, batch.ends) for batch in fresh if batch.ends]
    known = {(split, end) for split, end in ends if end and data.draw(st.booleans())}
    again = list(batches(placed(documents), size, known))
    assert [(batch.split, batch.ends) for batch in again if batch.ends] == ends
    for batch in again:
        assert batch.kept == ((batch.split, batch.ends) in known)
        assert not (batch.kept and batch.documents)


@given(DOCUMENTS.filter(bool))
def test_a_fingerprint_follows_everything_that_is_known_of_a_document(
    documents: list[tuple[str, str, str]],
) -> None:
    (name, text, split), *rest = documents
    variants = [
        ("text:a", Document(name, text)),
        ("text:b", Document(name, text)),
        ("text:a", Document(name + "'", text)),
        ("text:a", Document(name, text + ".")),
        ("text:a", Document(name, text, "제목")),
        ("text:a", Document(name, text, None, None, "제목")),
        ("text:a", Document(name, text, split=False)),
    ]
    prints = {
        tuple(batch.ends for batch in batches([(label, document, split), *placed(rest)], 10**9))
        for label, document in variants
    }
    assert len(prints) == len(variants)


def test_where_a_shard_ends_is_written_down() -> None:
    """No later version may cut an old corpus otherwise, or its first update would write every shard."""
    assert [n for n in range(60) if ends_shard(f"ko/{n}", 60 + n, 61 + n, 100)] == [21, 25, *range(39, 60)]
