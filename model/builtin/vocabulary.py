"""Chooses the pieces of text that have a vector: a Unigram vocabulary balanced over the languages of the corpus."""

import io
import logging
import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from sentencepiece.sentencepiece_model_pb2 import ModelProto, TrainerSpec

from model.builtin.corpus import Kind, read_pairs, read_word_frequencies
from model.builtin.tokenizer import WORD_START, PieceTokenizer

log = logging.getLogger(__name__)

UNKNOWN = "<unk>"
# Thai, Lao, Burmese, Khmer, kana and Han are written without spaces: a "word" is a run up to the next punctuation mark,
# and no piece is marked as its start.
UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
LANGUAGE_TOKENS = 350_000  # running words that each language contributes, so that none crowds out another
ENGLISH_TOKENS = 800_000
FULL_VOICE_ROWS = 25_000  # a language with fewer pairs contributes by the square root of what it has
TECHNICAL_VOICE = 0.4  # of a language for which the corpus has no everyday words
SAMPLE_CHARACTERS = 6_000_000  # of running text read per language
EVERYDAY_SHARE = 0.6  # of a language's words come from the frequency list, the rest from the corpus, which is technical
RARE_CHARACTER = 12  # a character met less often gets no piece of its own
RARE_WORD = 3  # a word counted less often teaches the vocabulary nothing that its parts do not
RUN_SHARE = 2  # of runs in unspaced scripts, one in so many is read
TRAINER_THREADS = 2  # fixed, because sums over other shares of the words would round differently
PRUNING = (1.5, 1.25, 1.1, 1.0)  # sizes between which the pieces are counted afresh
RUN_CHARACTERS = 10  # longer runs are cut
SOURCE_SHARE = 0.15  # of a language's sample that one source may fill
MACHINE_TRANSLATED = ("azd-for-beginners", "edgeai-for-beginners")

Split = Callable[[str], Sequence[str]]


def spelled(pieces: Sequence[tuple[str, float]]) -> bytes:
    """A SentencePiece model of `pieces` (text, log probability); the first one stands for everything unknown."""
    model = ModelProto()
    model.trainer_spec.model_type = TrainerSpec.UNIGRAM
    model.trainer_spec.bos_id = model.trainer_spec.eos_id = model.trainer_spec.pad_id = -1
    model.normalizer_spec.name = "identity"
    for number, (text, score) in enumerate(pieces):
        kind = ModelProto.SentencePiece.NORMAL if number else ModelProto.SentencePiece.UNKNOWN
        model.pieces.add(piece=text, score=score, type=kind)
    return bytes(model.SerializeToString())


def corpus_words(corpus: Path, split: Split) -> tuple[dict[str, Counter[str]], Counter[str]]:
    """Count the words of a sample of each language, and the pairs of each language."""
    words: dict[str, Counter[str]] = defaultdict(Counter)
    rows: Counter[str] = Counter()
    used: Counter[tuple[str, str]] = Counter()
    for pair in read_pairs(corpus):
        if pair.kind is Kind.TERM:
            continue
        for lang, text in ((pair.lang_a, pair.text_a), (pair.lang_b, pair.text_b)):
            rows[lang] += 1
            share = SOURCE_SHARE / 3 if pair.source in MACHINE_TRANSLATED else SOURCE_SHARE
            # The corpus is sorted: take every fourth row at first sight, so that a sample spans the alphabet.
            if used[lang, pair.source] > SAMPLE_CHARACTERS * share or (rows[lang] % 4 and lang == "en"):
                continue
            used[lang, pair.source] += len(text)
            words[lang].update(split(text))
    return words, rows


def everyday_words(corpus: Path, split: Split) -> dict[str, dict[str, float]]:
    """Relative frequencies of everyday words by language."""
    words: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for lang, word, frequency in read_word_frequencies(corpus):
        if any(map(str.isdigit, word)):  # the lists write 0 for any digit
            continue
        for part in split(word):
            words[lang][part] += frequency
    return words


def balanced_words(corpus: Path) -> Counter[str]:
    """Word counts in which each language has the weight that its constants above give it."""
    split = PieceTokenizer(spelled([(UNKNOWN, 0.0), (WORD_START, 0.0)])).split
    sample, rows = corpus_words(corpus, split)
    everyday = everyday_words(corpus, split)
    log.info("%d languages, %d of them with word frequencies", len(sample), len(everyday))
    total: Counter[str] = Counter()
    unspaced = re.compile(f"[{UNSPACED}]")
    for lang, counts in sample.items():
        target = ENGLISH_TOKENS if lang == "en" else LANGUAGE_TOKENS * min(1.0, math.sqrt(rows[lang] / FULL_VOICE_ROWS))
        if lang not in everyday:
            target *= TECHNICAL_VOICE
        parts: list[tuple[Mapping[str, float], float]] = [(counts, 1.0)]
        if lang in everyday:
            parts = [(counts, 1 - EVERYDAY_SHARE), (everyday[lang], EVERYDAY_SHARE)]
        for part, share in parts:
            scale = share * target / sum(part.values())
            for word, count in part.items():
                emitted = count * scale
                if unspaced.search(word) or emitted >= 0.5:
                    total[word] += max(1, round(emitted))
    return total


def without_rare_characters(words: Counter[str]) -> Counter[str]:
    """Drop words with characters too rare for a vector of their own."""
    characters: Counter[str] = Counter()
    for word, count in words.items():
        for character in set(word):
            characters[character] += count
    return Counter({word: count for word, count in words.items() if min(characters[c] for c in word) >= RARE_CHARACTER})


def training_words(words: Counter[str]) -> Counter[str]:
    """The words worth a place in the trainer, whose time grows with their number: common ones, and parts of runs."""
    unspaced = re.compile(f"[{UNSPACED}]")
    kept: Counter[str] = Counter()
    for word, count in words.items():
        if not unspaced.search(word):
            if count >= RARE_WORD:
                kept[word] = count
        elif count > RARE_WORD or zlib.crc32(word.encode()) % RUN_SHARE == 0:
            for start in range(0, len(word), RUN_CHARACTERS):
                kept[word[start : start + RUN_CHARACTERS]] += count
    return kept


def subwords(words: Counter[str], size: int) -> list[str]:
    """Parts of words, by expectation maximisation over the distinct words (Kudo 2018)."""
    model = io.BytesIO()
    SentencePieceTrainer.train(
        sentence_iterator=(f"{word}\t{count}" for word, count in sorted(training_words(words).items())),
        input_format="tsv",
        model_writer=model,
        model_type="unigram",
        vocab_size=size,
        hard_vocab_limit=False,
        character_coverage=1.0,
        normalization_rule_name="identity",
        max_sentencepiece_length=16,
        seed_sentencepiece_size=max(4000, 4 * size),
        split_by_unicode_script=False,
        split_by_number=False,
        num_threads=TRAINER_THREADS,
        bos_id=-1,
        eos_id=-1,
        minloglevel=2,
    )
    trained = SentencePieceProcessor(model_proto=model.getvalue())
    return sorted({unmarked(trained.id_to_piece(number)) for number in range(1, len(trained))})


def unmarked(piece: str) -> str:
    """Without the mark of a word's start if unspaced: one piece where the trainer finds two."""
    return re.sub(f"^{WORD_START}(?=[{UNSPACED}])", "", piece)


def pruned(scores: dict[str, float], words: Counter[str], size: int) -> dict[str, float]:
    """The `size` pieces of `scores` that the best segmentation of the words uses most, with their new scores.

    Characters stay, so that nothing becomes unknown.
    """
    tokenizer = PieceTokenizer(scored(scores))
    pieces = tokenizer.pieces
    numbers: Counter[int] = Counter()
    spellings = list(words)
    for start in range(0, len(spellings), 50_000):
        block = spellings[start : start + 50_000]
        for word, encoding in zip(block, tokenizer.encode_words(block), strict=True):
            for number in encoding:
                numbers[number] += words[word]
    uses = {piece: max(numbers[number], len(piece) == 1) for number, piece in enumerate(pieces) if piece != UNKNOWN}
    order = sorted(uses, key=lambda piece: (len(piece) > 1, -uses[piece], piece))[:size]
    total = sum(uses.values())
    return {piece: round(math.log(max(1, uses[piece]) / total), 2) for piece in order}


def scored(scores: dict[str, float]) -> bytes:
    """A model of pieces with log probabilities; the mark of a word's start alone costs next to nothing.

    The pieces are in the order of their bytes, in which SentencePiece builds its index of them a sixth faster.
    """
    priced = {**scores, WORD_START: max(scores.values())}
    return spelled([(UNKNOWN, 0.0), *sorted(priced.items(), key=lambda one: one[0].encode())])


def train_tokenizer(corpus: Path, size: int) -> bytes:
    """Train a SentencePiece model of at most `size` pieces: the words and parts of words that segment the texts best.

    Whole words come from their counts, because the trainer proposes a piece by the number of distinct words that
    contain it, which leaves many of the commonest words in parts. Equal input gives equal bytes.
    """
    words = without_rare_characters(balanced_words(corpus))
    log.info("%d distinct words, %d running words", len(words), sum(words.values()))
    parts = subwords(words, size)
    log.info("%d parts of words", len(parts))
    total = sum(words.values())
    frequent = sorted(words, key=lambda word: (-words[word], word))[: size + size // 4]
    scores = {part: math.log(RARE_WORD / total) for part in parts}
    scores |= {unmarked(WORD_START + word): math.log(words[word] / total) for word in frequent if len(word) <= 24}
    read = Counter({word: count for word, count in words.items() if count > 1})
    for share in PRUNING:
        scores = pruned(scores, read, int(share * (size - 2)))
        log.info("%d pieces", len(scores))
    return scored(scores)
