from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tokenizers import Tokenizer

from model.errors import ModelError

TERMINATOR = "<|endoftext|>"  # the pooled token of every Qwen3 embedder, whatever `eos_token_id` says


class TextTokenizer:
    """The tokenizer of one model for texts of users, in which "<|im_end|>" is ten characters and no command."""

    def __init__(self, folder: Path) -> None:
        """Read tokenizer.json.

        Raises:
            ModelError: it is missing or damaged, or no tokenizer of Qwen3.
        """
        path = folder / "tokenizer.json"
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises nothing narrower
            raise ModelError(f"{path} can't be read ({error}): install the model again.") from error
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()
        terminator = self._tokenizer.token_to_id(TERMINATOR)
        if terminator is None:
            raise ModelError(f"{path} is no tokenizer of Qwen3: it has no {TERMINATOR}. Install the model again.")
        self.terminator: int = terminator
        self.size: int = self._tokenizer.get_vocab_size(with_added_tokens=True)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Token ids of texts, nothing added and nothing cut; special tokens in them are plain characters."""
        return self._ids(texts, escaped=True)

    def encode_template(self, text: str) -> list[int]:
        """Token ids of a prompt of ours, in which special tokens are meant."""
        return self._ids([text], escaped=False)[0]

    def token(self, text: str) -> int:
        """Id of a token.

        Raises:
            ModelError: the tokenizer has no such token.
        """
        number = self._tokenizer.token_to_id(text)
        if number is None:
            raise ModelError(f'The tokenizer of this model has no token "{text}": it is no tokenizer of Qwen3.')
        return int(number)

    def _ids(self, texts: Sequence[str], escaped: bool) -> list[list[int]]:
        whole = [without_surrogates(text) for text in texts]
        self._tokenizer.encode_special_tokens = escaped
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(whole, add_special_tokens=False)]


def without_surrogates(text: str) -> str:
    """Text that can be encoded: damaged files contain halves of surrogate pairs."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
