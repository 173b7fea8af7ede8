"""Chooses the pieces of text that have a vector: a Unigram vocabulary balanced over the languages of the corpus."""

import logging
import math
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

from model.builtin.corpus import Kind, read_pairs, read_word_frequencies

log = logging.getLogger(__name__)

UNKNOWN = "<unk>"
WORD_START = "▁"
NOT_A_WORD = r"[^\p{L}\p{M}\p{N}]+"
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
PRUNING = (1.5, 1.25, 1.1, 1.0)  # sizes between which the pieces are counted afresh
RUN_CHARACTERS = 10  # longer runs are cut
SOURCE_SHARE = 0.15  # of a language's sample that one source may fill
MACHINE_TRANSLATED = ("azd-for-beginners", "edgeai-for-beginners")


def normalizer() -> normalizers.Normalizer:
    """Join what differs only in form: compatibility characters, case, camelCase, vowel marks, Arabic spellings."""
    return normalizers.Sequence(
        [
            normalizers.Replace(Regex(r"(?<=[a-z])(?=[A-Z])"), " "),
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex("[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640\u200c-\u200f\u00ad]"), ""),
            normalizers.Replace(Regex("[أإآٱ]"), "ا"),
            normalizers.Replace("ى", "ي"),
            normalizers.Replace("ی", "ي"),
            normalizers.Replace("ک", "ك"),
            normalizers.Replace("ة", "ه"),
        ]
    )


def new_tokenizer(pieces: list[tuple[str, float]]) -> Tokenizer:
    """A Unigram tokenizer over `pieces` (text, log probability); the first one stands for everything unknown."""
    tokenizer = Tokenizer(models.Unigram(pieces, 0) if pieces else models.Unigram())
    tokenizer.normalizer = normalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(NOT_A_WORD), "removed"),
            pre_tokenizers.Metaspace(replacement=WORD_START, prepend_scheme="always", split=False),
        ]
    )
    return tokenizer


def corpus_words(corpus: Path, split: normalizers.Normalizer) -> tuple[dict[str, Counter[str]], Counter[str]]:
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
            words[lang].update(split.normalize_str(text).split())
    return words, rows


def everyday_words(corpus: Path, split: normalizers.Normalizer) -> dict[str, dict[str, float]]:
    """Relative frequencies of everyday words by language."""
    words: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for lang, word, frequency in read_word_frequencies(corpus):
        if any(map(str.isdigit, word)):  # the lists write 0 for any digit
            continue
        for part in split.normalize_str(word).split():
            words[lang][part] += frequency
    return words


def balanced_words(corpus: Path) -> Counter[str]:
    """Word counts in which each language has the weight that its constants above give it."""
    split = normalizers.Sequence([normalizer(), normalizers.Replace(Regex(NOT_A_WORD), " ")])
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


def repeated(words: Counter[str]) -> Iterator[str]:
    """Yield each word as often as it was counted, many on a line."""
    for word, count in words.items():
        for start in range(0, count, 1000):
            yield " ".join([word] * min(1000, count - start))


def subwords(words: Counter[str], size: int) -> list[str]:
    """Parts of words, by expectation maximisation over the distinct words (Kudo 2018)."""
    tokenizer = new_tokenizer([])
    trainer = trainers.UnigramTrainer(  # type: ignore[call-arg]  # its stub lacks seed_size
        vocab_size=size,
        special_tokens=[AddedToken(UNKNOWN)],
        unk_token=UNKNOWN,
        max_piece_length=16,
        seed_size=max(4000, 4 * size),
        shrinking_factor=0.6,  # with one pass a round, a third of the default's time
        n_sub_iterations=1,
        show_progress=False,
    )
    tokenizer.train_from_iterator(repeated(training_words(words)), trainer)
    return [unmarked(piece) for piece in tokenizer.get_vocab() if piece != UNKNOWN]


def unmarked(piece: str) -> str:
    """Without the mark of a word's start if unspaced: one piece where the trainer finds two."""
    return re.sub(f"^{WORD_START}(?=[{UNSPACED}])", "", piece)


def pruned(scores: dict[str, float], words: Counter[str], size: int) -> dict[str, float]:
    """The `size` pieces of `scores` that the best segmentation of the words uses most, with their new scores.

    Characters stay, so that nothing becomes unknown.
    """
    uses = Counter(dict.fromkeys((piece for piece in scores if len(piece) == 1), 1))
    numbers: Counter[int] = Counter()
    tokenizer = scored(scores)
    spelled = list(words)
    for start in range(0, len(spelled), 50_000):
        block = spelled[start : start + 50_000]
        for word, encoding in zip(block, tokenizer.encode_batch_fast(block, add_special_tokens=False), strict=True):
            for number in encoding.ids:
                numbers[number] += words[word]
    uses.update({piece: numbers[number] for piece, number in tokenizer.get_vocab().items() if piece != UNKNOWN})
    kept = {piece for piece in scores if len(piece) == 1} | {piece for piece, _ in uses.most_common(size)}
    order = sorted(kept, key=lambda piece: (len(piece) > 1, -uses[piece], piece))[:size]
    total = sum(uses.values())
    return {piece: round(math.log(max(1, uses[piece]) / total), 2) for piece in order}


def scored(scores: dict[str, float]) -> Tokenizer:
    """A tokenizer of pieces with log probabilities; the mark of a word's start alone costs next to nothing."""
    return new_tokenizer([(UNKNOWN, 0.0), *({**scores, WORD_START: max(scores.values())}).items()])


def train_tokenizer(corpus: Path, size: int) -> Tokenizer:
    """Train a tokenizer of at most `size` pieces: the words and parts of words that segment the texts best.

    Whole words come from their counts, because the trainer proposes a piece by the number of distinct words that
    contain it, which leaves many of the commonest words in parts.
    """
    words = without_rare_characters(balanced_words(corpus))
    log.info("%d distinct words, %d running words", len(words), sum(words.values()))
    parts = subwords(words, size)
    total = sum(words.values())
    common = [unmarked(WORD_START + word) for word, _ in words.most_common(size + size // 4) if len(word) <= 24]
    scores = {part: math.log(RARE_WORD / total) for part in parts}
    scores |= {word: math.log(words[word.removeprefix(WORD_START)] / total) for word in common}
    read = Counter({word: count for word, count in words.items() if count > 1})
    for share in PRUNING:
        scores = pruned(scores, read, int(share * (size - 2)))
        log.info("%d pieces", len(scores))
    return scored(scores)
