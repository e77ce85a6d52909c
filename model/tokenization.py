"""Tokenizers that carry the text treatment of their corpus.

The corpus was normalised and syllable-mapped before it was cut into sentences. Whoever uses the model on raw text must
get the same treatment, so the steps (data, see `corpus.text`) and the mapping are compiled into the tokenizer's own
normalizer, in front of whatever the base tokenizer did already.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from corpus.schema import Treatment
from corpus.text import STEPS, Replace
from model.errors import ModelError

PAD, UNK, CLS, SEP, MASK = SPECIAL_TOKENS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
CONTINUATION = "##"


def with_treatment(tokenizer: PreTrainedTokenizerFast, treatment: Treatment) -> PreTrainedTokenizerFast:
    """A copy of `tokenizer` whose normalizer runs `treatment` first; an earlier treatment of ours is replaced.

    The copy is a generic fast tokenizer: model-specific classes rebuild their normalizer from the vocabulary when they
    are loaded and would drop ours.
    """
    backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    base = _without_treatment(backend)
    backend.normalizer = normalizers.Sequence([*_compile(treatment), *([base] if base is not None else [])])
    return _wrap(backend, tokenizer.model_max_length, tokenizer.model_input_names, tokenizer)


def with_whole_syllables(tokenizer: PreTrainedTokenizerFast) -> PreTrainedTokenizerFast:
    """`tokenizer`, mended where it takes Hangul apart although its vocabulary holds whole syllables.

    A BERT tokenizer that does not say `do_lower_case: false` strips accents, and so takes syllables apart into jamo:
    with a vocabulary such as KR-BERT's all Korean then is `[UNK]`. Multilingual uncased vocabularies hold jamo and
    stay as they are.
    """
    backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    normalizer = backend.normalizer
    if not isinstance(normalizer, normalizers.BertNormalizer) or normalizer.normalize_str("한") == "한":
        return tokenizer
    if not any("가" <= token.removeprefix(CONTINUATION)[:1] <= "힣" for token in backend.get_vocab()):
        return tokenizer
    normalizer.strip_accents = False
    backend.normalizer = normalizer
    return _wrap(backend, tokenizer.model_max_length, tokenizer.model_input_names, tokenizer)


def _compile(treatment: Treatment) -> Iterator[Any]:
    """Hugging Face normalizers for the steps and the mapping, in their order."""
    for name in treatment.steps:
        if name not in STEPS:
            raise ModelError(
                f"the corpus was normalised by a step {name!r} that this version does not know; update it"
            )
        for rule in STEPS[name].rules:
            if isinstance(rule, Replace):
                yield normalizers.Replace(Regex(rule.pattern), rule.replacement)
            else:
                yield normalizers.NFC() if rule.form == "NFC" else normalizers.NFKC()
    for source, replacement in treatment.mapping.items():
        yield normalizers.Replace(source, replacement)


def _without_treatment(backend: Tokenizer) -> Any | None:
    """The base's own normalizer: what is left when our leading rules are taken off (they are always in a Sequence)."""
    if backend.normalizer is None:
        return None
    described = json.loads(backend.to_str())["normalizer"]
    if described["type"] != "Sequence":
        return backend.normalizer
    parts = described["normalizers"]
    last = parts[-1] if parts else None
    if last is None or last["type"] != "BertNormalizer":
        return backend.normalizer
    return normalizers.BertNormalizer(
        clean_text=last["clean_text"],
        handle_chinese_chars=last["handle_chinese_chars"],
        strip_accents=last["strip_accents"],
        lowercase=last["lowercase"],
    )


def from_vocabulary(tokens: Iterable[str], max_length: int = 512) -> PreTrainedTokenizerFast:
    """A cased WordPiece tokenizer over `tokens` (one a line of a BERT `vocab.txt`), as KR-BERT's is.

    Raises `ModelError` when a special token is missing.
    """
    vocabulary = {token: index for index, token in enumerate(tokens)}
    for special in SPECIAL_TOKENS:
        if special not in vocabulary:
            raise ModelError(
                f"the vocabulary has no {special} token; it is no BERT vocabulary (one token a line)"
            )
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token=UNK))
    backend.normalizer = _cased_normalizer()
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.decoder = decoders.WordPiece(prefix=CONTINUATION)
    backend.post_processor = processors.TemplateProcessing(
        single=f"{CLS} $A {SEP}",
        pair=f"{CLS} $A {SEP} $B:1 {SEP}:1",
        special_tokens=[(CLS, vocabulary[CLS]), (SEP, vocabulary[SEP])],
    )
    return _wrap(backend, max_length, ["input_ids", "token_type_ids", "attention_mask"])


def read_vocabulary(path: Path) -> list[str]:
    """The tokens of a `vocab.txt`, in order. Raises `ModelError` when the file is missing or holds a token twice."""
    try:
        tokens = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ModelError(f"cannot read the vocabulary {path}: {error}") from error
    while tokens and not tokens[-1]:
        tokens.pop()
    tokens = [token.rstrip("\r") for token in tokens]
    if len(set(tokens)) != len(tokens):
        raise ModelError(f"the vocabulary {path} holds a token twice; its rows would not match the model's")
    return tokens


def train_wordpiece(texts: Callable[[], Iterable[str]], size: int, treatment: Treatment) -> list[str]:
    """Learn a WordPiece vocabulary of `size` tokens: special tokens, characters, then frequent pieces.

    `texts` is called twice. All its characters are in the vocabulary, and so are the 2,350 Hangul syllables of
    KS X 1001, the South's standard set, each as a word's start and inside a word: like KR-BERT's, the vocabulary covers
    the South's Korean and not all of the North's. Where `size` does not hold them all, it is exceeded.
    """
    characters = sorted({*ksx1001_syllables(), *(c for text in texts() for c in text if not c.isspace())})
    # The trainer numbers forms in the order of a randomly seeded hash table and breaks ties between merges by number.
    # Numbered beforehand, all single characters make the outcome a function of the text.
    alphabet = [form for c in characters for form in ((c,) if _stands_alone(c) else (c, CONTINUATION + c))]
    backend = Tokenizer(models.WordPiece(unk_token=UNK))
    backend.normalizer = normalizers.Sequence([*_compile(treatment), _cased_normalizer()])
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=max(size, len(SPECIAL_TOKENS) + len(alphabet)),
        special_tokens=[*SPECIAL_TOKENS, *alphabet],
        continuing_subword_prefix=CONTINUATION,
        show_progress=False,
    )
    backend.train_from_iterator(texts(), trainer)
    return [
        token
        for token, _ in sorted(backend.get_vocab(with_added_tokens=False).items(), key=lambda item: item[1])
    ]


def continuing_ids(tokenizer: PreTrainedTokenizerFast) -> npt.NDArray[np.int64]:
    """The ids of the pieces that go on with a word (`##`). Raises `ModelError` when the vocabulary is no WordPiece."""
    model = tokenizer.backend_tokenizer.model
    if not isinstance(model, models.WordPiece):
        raise ModelError(
            f"--whole-word-masking needs a WordPiece vocabulary (##), not {type(model).__name__}; leave it out"
        )
    prefix = model.continuing_subword_prefix
    return np.array(
        [i for token, i in tokenizer.get_vocab().items() if token.startswith(prefix)], dtype=np.int64
    )


def ksx1001_syllables() -> tuple[str, ...]:
    """The 2,350 precomposed syllables of KS X 1001 (rows 16 to 40), read off the EUC-KR codec."""
    return tuple(
        bytes((lead, trail)).decode("euc_kr") for lead in range(0xB0, 0xC9) for trail in range(0xA1, 0xFF)
    )


def _stands_alone(character: str) -> bool:
    """Does BERT's pre-tokenizer make a word of its own of it? Punctuation, and every ASCII sign."""
    return unicodedata.category(character).startswith("P") or (
        character.isascii() and not character.isalnum()
    )


def _cased_normalizer() -> Any:
    """BERT's clean-up without lower case; accents stay, for stripping them would decompose every Hangul syllable."""
    return normalizers.BertNormalizer(lowercase=False, strip_accents=False)


def _wrap(
    backend: Tokenizer, max_length: int, input_names: list[str], like: PreTrainedTokenizerFast | None = None
) -> PreTrainedTokenizerFast:
    names = ("unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
    special = (
        {name: str(getattr(like, name)) for name in names}
        if like
        else dict(zip(names, (UNK, SEP, PAD, CLS, MASK), strict=True))
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        model_max_length=max_length,
        model_input_names=input_names,
        clean_up_tokenization_spaces=False,
        **special,
    )
