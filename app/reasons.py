"""What the engine says about files and folders, in the language of the interface.

The engine knows no Qt and speaks English. Its sentences are listed here as patterns, so that they can be translated
with everything else; one that is not listed is shown as it is.
"""

from __future__ import annotations

import os
import re
from functools import cache

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from indexer.errors import DocumentError

CONTEXT = "Reasons"
FIELD = re.compile(r"\{(\w+)\}")
_PATTERNS = (
    # of pauses and stops
    QT_TRANSLATE_NOOP("Reasons", "paused by you"),
    QT_TRANSLATE_NOOP("Reasons", "the computer runs on battery"),
    QT_TRANSLATE_NOOP("Reasons", "other programs keep the processor busy"),
    QT_TRANSLATE_NOOP("Reasons", "a program fills the screen"),
    QT_TRANSLATE_NOOP("Reasons", "other programs use the graphics card"),
    QT_TRANSLATE_NOOP("Reasons", "Indexing stopped by an error of ours: {error}. Restart Cognate."),
    QT_TRANSLATE_NOOP("Reasons", "the disk is full. Free some space; indexing goes on by itself."),
    QT_TRANSLATE_NOOP("Reasons", "the disk could not be read or written. Check it, and the space left on it."),
    QT_TRANSLATE_NOOP("Reasons", "another process is writing to the catalogue."),
    QT_TRANSLATE_NOOP("Reasons", "the catalogue can't be opened for writing. Check the permissions of its folder."),
    QT_TRANSLATE_NOOP("Reasons", "the catalogue can't be used ({error})."),
    QT_TRANSLATE_NOOP("Reasons", "A segment of the index could not be built: its process ended early."),
    QT_TRANSLATE_NOOP(
        "Reasons", "{path}: a segment could not be written whole. Free some space; indexing goes on by itself."
    ),
    QT_TRANSLATE_NOOP("Reasons", "{path}: can't be written ({error}). Check its permissions."),
    # of excluded files and folders
    QT_TRANSLATE_NOOP("Reasons", 'excluded by "{pattern}" (built-in rule)'),
    QT_TRANSLATE_NOOP("Reasons", 'excluded by "{pattern}" in the settings'),
    QT_TRANSLATE_NOOP("Reasons", 'excluded by "{pattern}" in {place}'),
    QT_TRANSLATE_NOOP("Reasons", 'hidden: the name "{name}" begins with a dot'),
    QT_TRANSLATE_NOOP("Reasons", 'written by a tool, so only its name is indexed: "{pattern}" (built-in rule)'),
    QT_TRANSLATE_NOOP("Reasons", '"{name}" is a Python virtual environment (built-in rule)'),
    QT_TRANSLATE_NOOP("Reasons", '"{name}" is marked as a cache by its {mark} (built-in rule)'),
    QT_TRANSLATE_NOOP("Reasons", '"{name}" is the output of the {witness} beside it (built-in rule)'),
    QT_TRANSLATE_NOOP("Reasons", '"{name}" holds the index itself (built-in rule)'),
    QT_TRANSLATE_NOOP("Reasons", "This type of file is not read; it is found by its name."),
    QT_TRANSLATE_NOOP("Reasons", "larger than {size}"),
    QT_TRANSLATE_NOOP("Reasons", "a view of the running system ({file_system}), not a folder of files"),
    QT_TRANSLATE_NOOP("Reasons", "a device, a pipe or a socket, not a file"),
    QT_TRANSLATE_NOOP(
        "Reasons", "a link to {target}; links are not followed, what they lead to is indexed where it lies"
    ),
    QT_TRANSLATE_NOOP("Reasons", "can't be read: {reason}"),
    QT_TRANSLATE_NOOP("Reasons", "its share does not answer"),
    QT_TRANSLATE_NOOP(
        "Reasons", "It lies on a drive or a share that is not there now; what was indexed of it is kept."
    ),
    QT_TRANSLATE_NOOP("Reasons", "Its folder {folder} is left out: {reason}"),
    QT_TRANSLATE_NOOP("Reasons", "There is no such file."),
    QT_TRANSLATE_NOOP("Reasons", "It has not been noticed yet. Look for changes, or run: cognate index"),
    QT_TRANSLATE_NOOP("Reasons", "It has changed since it was read: what is found is its text of before."),
    QT_TRANSLATE_NOOP("Reasons", "It is in no watched folder."),
    # of files that can't be read, or not as a whole
    QT_TRANSLATE_NOOP("Reasons", "No text was found in it; it is found by its name."),
    QT_TRANSLATE_NOOP("Reasons", "no text was found in it"),
    QT_TRANSLATE_NOOP("Reasons", "only the first {count} million characters are indexed"),
    QT_TRANSLATE_NOOP("Reasons", "only the first {count} characters are indexed"),
    QT_TRANSLATE_NOOP("Reasons", "the fonts of some pages hide which letters they show"),
    QT_TRANSLATE_NOOP("Reasons", "no text found in it: its pages may be scans"),
    QT_TRANSLATE_NOOP("Reasons", "is protected with a password"),
    QT_TRANSLATE_NOOP("Reasons", "is empty"),
    QT_TRANSLATE_NOOP("Reasons", "is not text, but a {form}"),
    QT_TRANSLATE_NOOP("Reasons", "is not text"),
    QT_TRANSLATE_NOOP("Reasons", "is not a PDF, but a {form}"),
    QT_TRANSLATE_NOOP("Reasons", "is not a PDF"),
    QT_TRANSLATE_NOOP("Reasons", "is not what its name says ({name}), but a {form}"),
    QT_TRANSLATE_NOOP("Reasons", "is not what its name says ({name})"),
    QT_TRANSLATE_NOOP("Reasons", "is not a presentation"),
    QT_TRANSLATE_NOOP("Reasons", "is not an e-mail message"),
    QT_TRANSLATE_NOOP("Reasons", "is not a mailbox"),
    QT_TRANSLATE_NOOP("Reasons", "is not a Jupyter notebook"),
    QT_TRANSLATE_NOOP("Reasons", "is not a regular file"),
    QT_TRANSLATE_NOOP("Reasons", "is a zip archive, but not a document"),
    QT_TRANSLATE_NOOP("Reasons", "has no reader ({form})"),
    QT_TRANSLATE_NOOP("Reasons", "is larger than the {size} MB that are read of such a file"),
    QT_TRANSLATE_NOOP("Reasons", "can't be opened: {error}"),
    QT_TRANSLATE_NOOP("Reasons", "would expand to more than {size} MB"),
    QT_TRANSLATE_NOOP("Reasons", "is damaged: it is not a complete gzip archive"),
    QT_TRANSLATE_NOOP("Reasons", "is damaged: it is not a complete zip archive"),
    QT_TRANSLATE_NOOP("Reasons", "is damaged: its XML is broken"),
    QT_TRANSLATE_NOOP("Reasons", "is damaged or not a {form}: MuPDF can't read it"),
    QT_TRANSLATE_NOOP("Reasons", "is damaged: it is not a complete archive"),
    QT_TRANSLATE_NOOP("Reasons", "is damaged: it is not a complete 7z archive"),
    QT_TRANSLATE_NOOP("Reasons", "is damaged: only its first {count} members could be read"),
    QT_TRANSLATE_NOOP("Reasons", "is damaged: the picture can't be read"),
    QT_TRANSLATE_NOOP("Reasons", "is damaged: {error}"),
    QT_TRANSLATE_NOOP("Reasons", "is damaged"),
    QT_TRANSLATE_NOOP("Reasons", "is not an archive, but a {form}"),
    QT_TRANSLATE_NOOP("Reasons", "is not an archive"),
    QT_TRANSLATE_NOOP("Reasons", "is not in there any more"),
    QT_TRANSLATE_NOOP("Reasons", "is compressed in a way that is not known here"),
    QT_TRANSLATE_NOOP("Reasons", "is larger than the {size} MB that are unpacked"),
    QT_TRANSLATE_NOOP("Reasons", "its attachments can't be read"),
    QT_TRANSLATE_NOOP("Reasons", "only the first {count} members are looked at: the rest takes too long"),
    QT_TRANSLATE_NOOP("Reasons", "only the first {count} members are looked at"),
    QT_TRANSLATE_NOOP("Reasons", "expands to too much, so that only its first members are read"),
    QT_TRANSLATE_NOOP("Reasons", "{failed} of its {count} members can't be read"),
    QT_TRANSLATE_NOOP("Reasons", "not all of its members could be read: {reason}"),
    QT_TRANSLATE_NOOP("Reasons", "the text of {count} pages could not be recognised"),
    QT_TRANSLATE_NOOP("Reasons", "is refused: its XML declares a document type, as office documents never do"),
    QT_TRANSLATE_NOOP("Reasons", "the reader crashed on it"),
    QT_TRANSLATE_NOOP("Reasons", "could not be read within {seconds} s"),
    QT_TRANSLATE_NOOP("Reasons", "took longer than {seconds} s to read"),
    QT_TRANSLATE_NOOP("Reasons", "needs more than {size} MB of memory to read"),
    QT_TRANSLATE_NOOP("Reasons", "needs more than {size} GB of memory to read"),
    QT_TRANSLATE_NOOP("Reasons", "is refused: its XML is nested deeper than any document"),
    QT_TRANSLATE_NOOP("Reasons", "the reader failed on it ({error})"),
    QT_TRANSLATE_NOOP("Reasons", "the process that reads files doesn't start; start Cognate again, or install it anew"),
    # of folders
    QT_TRANSLATE_NOOP(
        "Reasons",
        "the system's limit of {limit} ({name}) is reached. Raise it until the next start with: {command}. "
        "Until then changes are noticed every {seconds} s",
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "more happens in it at once than the system keeps ({limit}, {name}). Wait until it is calmer, or let it keep "
        "more until the next start with: {command}. Until then changes are noticed every {seconds} s",
    ),
    QT_TRANSLATE_NOOP(
        "Reasons", "the system does not watch it ({error}). Until then changes are noticed every {seconds} s"
    ),
    QT_TRANSLATE_NOOP(
        "Reasons", "network share or the like: {places}. Changes made elsewhere are noticed every {seconds} s"
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "the folder is not there; what was indexed in it is kept. Plug its drive in, or remove the folder",
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "the drive or the share that was mounted here is not there now; what was indexed of it is kept. Plug it in, or "
        "leave this place out in the settings",
    ),
    QT_TRANSLATE_NOOP(
        "Reasons", "it can't be read now ({reason}); what was indexed in it is kept until it can be read again"
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "The folder can't be read now ({reason}). Its index is kept until it can be read again or is removed.",
    ),
    QT_TRANSLATE_NOOP("Reasons", "{folder}: this is not a folder. Choose one that exists."),
    QT_TRANSLATE_NOOP("Reasons", "{folder}: this folder is watched already."),
    QT_TRANSLATE_NOOP("Reasons", "{folder}: it lies in {other}, which is watched already."),
    QT_TRANSLATE_NOOP("Reasons", "{folder}: {other} in it is watched already. Remove that one first."),
    QT_TRANSLATE_NOOP("Reasons", "{folder}: this folder is not watched."),
    QT_TRANSLATE_NOOP("Reasons", "The folder is not there. Its index is kept until it comes back or is removed."),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "Cognate does not watch it now. It is compared with the disk at the next start, or now by: cognate index",
    ),
    QT_TRANSLATE_NOOP("Reasons", "It has yet to be compared with the disk since Cognate started."),
    # of backups, and of profiles that are restored, moved or freed from what was forgotten
    QT_TRANSLATE_NOOP("Reasons", "copying the catalogue"),
    QT_TRANSLATE_NOOP("Reasons", "copying the segments"),
    QT_TRANSLATE_NOOP("Reasons", "copying the other files"),
    QT_TRANSLATE_NOOP("Reasons", "copying the backup"),
    QT_TRANSLATE_NOOP("Reasons", "copying the profile"),
    QT_TRANSLATE_NOOP("Reasons", "checking the copy"),
    QT_TRANSLATE_NOOP("Reasons", "{path}: reading it was broken off."),
    QT_TRANSLATE_NOOP("Reasons", "{folder}: the copy was broken off."),
    QT_TRANSLATE_NOOP("Reasons", "{folder}: the copy can't be written. Check the space left there."),
    QT_TRANSLATE_NOOP(
        "Reasons", "{folder}: {size} MB more are needed on this disk. Free some, or choose another disk."
    ),
    QT_TRANSLATE_NOOP("Reasons", "{path}: can't be copied or written ({error})."),
    QT_TRANSLATE_NOOP("Reasons", "{path}: what was written is not what was read. Check the disk."),
    QT_TRANSLATE_NOOP("Reasons", "{folder}: this is not a backup of Cognate. Choose a folder that it has written."),
    QT_TRANSLATE_NOOP("Reasons", "{path}: this file of the backup is damaged or missing. Take another backup."),
    QT_TRANSLATE_NOOP("Reasons", "{path}: the catalogue of the backup is not whole ({problem})."),
    QT_TRANSLATE_NOOP("Reasons", "{profile}: the backup can't be used, so all is as it was before. {reason}"),
    QT_TRANSLATE_NOOP("Reasons", "{folder}: choose a folder that neither holds the profile nor lies in it"),
    QT_TRANSLATE_NOOP("Reasons", "{folder}: this folder is not empty, choose a new one"),
    QT_TRANSLATE_NOOP("Reasons", "{path}: another process reads the catalogue, so its log can't be emptied yet."),
    QT_TRANSLATE_NOOP("Reasons", "Cognate ends before all is erased; the rest follows at its next start."),
    QT_TRANSLATE_NOOP("Reasons", "{path}: this file is missing."),
    QT_TRANSLATE_NOOP("Reasons", "{path}: can't be set aside ({error}). Check the permissions."),
    # of the catalogue
    QT_TRANSLATE_NOOP("Reasons", "{path}: the disk is full. Free some space; indexing goes on by itself."),
    QT_TRANSLATE_NOOP("Reasons", "{path}: the disk could not be read or written. Check it, and the space left on it."),
    QT_TRANSLATE_NOOP(
        "Reasons", "{path}: the catalogue can't be opened for writing. Check the permissions of its folder."
    ),
    QT_TRANSLATE_NOOP("Reasons", "{path}: another process is writing to the catalogue."),
    QT_TRANSLATE_NOOP("Reasons", "{profile}: the profile can't be written ({error}). Check its permissions."),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "{profile}: another process of Cognate holds this profile. Use its window, end it, or name another profile "
        "with --profile.",
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "{path}: the catalogue is damaged. `cognate doctor --mend` sets it aside and indexes your files anew.",
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "{path}: this profile was written by a newer version of Cognate "
        "(format {format}, this one reads {known}). Update Cognate, or start with another --profile.",
    ),
    # of scans and pictures
    QT_TRANSLATE_NOOP(
        "Reasons", "Text in pictures is not recognised: Tesseract is not installed. Install it with: {command}"
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "Text in pictures is not recognised: Tesseract has no data for {languages}. Install them like: {command}",
    ),
    QT_TRANSLATE_NOOP("Reasons", "Tesseract has no data for {languages}. Install them like: {command}"),
    # of models
    QT_TRANSLATE_NOOP("Reasons", "The built-in model is used meanwhile: {reason}"),
    QT_TRANSLATE_NOOP("Reasons", "The built-in model is used: {reason}"),
    QT_TRANSLATE_NOOP("Reasons", "{reason} It runs on the processor, slowly, until there is room again."),
    QT_TRANSLATE_NOOP("Reasons", "{reason} It runs on the processor, slowly, until Cognate is restarted."),
    QT_TRANSLATE_NOOP("Reasons", "{reason} Close programs that use it, or choose a smaller model."),
    QT_TRANSLATE_NOOP("Reasons", "{model}: a text of {tokens} tokens does not fit into the memory of {device}."),
    QT_TRANSLATE_NOOP("Reasons", "{model}: {device} has failed ({error})."),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "{model} needs {needed} GB of memory on {device}, and {free} GB are free. Close other programs, or choose a "
        "smaller model.",
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "It is longer than the model reads in one piece: only its beginning counts when whole files are compared.",
    ),
    QT_TRANSLATE_NOOP("Reasons", "{model} is not installed: cognate models install {name}"),
    QT_TRANSLATE_NOOP("Reasons", 'There is no model "{model}"; choose "built-in", or see: cognate models list'),
    QT_TRANSLATE_NOOP("Reasons", "The model {model} in {folder} can't be used: {problem}. Install it again."),
    QT_TRANSLATE_NOOP(
        "Reasons", "The model {model} can't be used here: {problem}. Choose another one: cognate models list"
    ),
    QT_TRANSLATE_NOOP("Reasons", 'The device "{device}" can\'t be used ({error}); choose another one, like "cpu".'),
    QT_TRANSLATE_NOOP(
        "Reasons", "{model} gives no numbers in {format} on {device}: install it again, or set COGNATE_DEVICE=cpu."
    ),
    QT_TRANSLATE_NOOP("Reasons", "{model} gives vectors of {least} to {most} dimensions, not {count}."),
    QT_TRANSLATE_NOOP("Reasons", "{path} can't be read ({error}): install the model again."),
    QT_TRANSLATE_NOOP("Reasons", "{path} is no tokenizer of Qwen3: it has no {token}. Install the model again."),
    QT_TRANSLATE_NOOP("Reasons", "{model} needs {needed} on the disk of {folder}, where {free} are free"),
    QT_TRANSLATE_NOOP("Reasons", "{model} is given only to people who have accepted its terms on the hub"),
    QT_TRANSLATE_NOOP("Reasons", 'there is no model "{model}" on the hub'),
    QT_TRANSLATE_NOOP(
        "Reasons", "{model} could not be downloaded ({error}): is there a network? The same command goes on later"
    ),
    QT_TRANSLATE_NOOP("Reasons", "{model} could not be stored in {folder}: {error}"),
    QT_TRANSLATE_NOOP("Reasons", "{path} of {model} arrived damaged: install it once more"),
    # of servers
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server can't be reached ({error})."),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server did not answer within {seconds} s."),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server is too busy or not ready ({status}): {detail}"),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server is too busy or not ready ({status})"),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server refuses the key ({status}). Connect it again with --key."),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server refuses a request ({status}): {detail}"),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server refuses a request ({status})"),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server has nothing at {path} ({status}): {detail}"),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server has nothing at {path} ({status})"),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "{url}: the server points to another address, and only the host that you named is contacted. Connect it by"
        " its final address.",
    ),
    QT_TRANSLATE_NOOP("Reasons", "{url}: this is no address of a server."),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the answer is no JSON. Is this the address of an OpenAI-compatible server?"),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the answer holds no vectors. Was the server started for embeddings?"),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the answer holds no scores. Was the server started for reranking?"),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server's answer is larger than {size} MB."),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "{url}: the server gives a vector for each token. Start it with a pooling, which for Qwen3 is that of the "
        "last token.",
    ),
    QT_TRANSLATE_NOOP(
        "Reasons", "{url}: the server gave {got} vectors for {count} texts, or vectors of several sizes."
    ),
    QT_TRANSLATE_NOOP(
        "Reasons", "{url}: the server's vectors hold what is no number. A larger number format may help."
    ),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server did not score every passage."),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "{url}: the server gives other vectors now than when it was connected, so its model was exchanged. Connect"
        " it again: cognate models connect {address} --name {name}",
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "{url}: the server gives {now} dimensions now, and gave {then} when it was connected. Connect it again, or"
        " start it as it was.",
    ),
    QT_TRANSLATE_NOOP("Reasons", "{server} is not connected: cognate models connect URL --name {name}"),
    QT_TRANSLATE_NOOP("Reasons", "{path} can't be read ({error}): connect the server again."),
    QT_TRANSLATE_NOOP("Reasons", "{server} serves a model for {purpose}, and not for {other}."),
    QT_TRANSLATE_NOOP(
        "Reasons", "The key of {server} can't be read from the keyring ({error}). Unlock it, or set {variable}."
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "There is no key for {server} in the keyring. Connect it again with its key: cognate models connect {url} "
        "--name {name} --key",
    ),
    # of what the examination of a server finds
    QT_TRANSLATE_NOOP("Reasons", "Start it with: {command}"),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "It gives {size} dimensions, and Qwen3-Embedding-{model} has {expected}: another model, or a server too old "
        "for it.",
    ),
    QT_TRANSLATE_NOOP("Reasons", "Update the server, and look which model it has loaded."),
    QT_TRANSLATE_NOOP("Reasons", "Connect it with at most --dimensions {size}."),
    QT_TRANSLATE_NOOP("Reasons", "It gives {size} dimensions, fewer than {wanted}."),
    QT_TRANSLATE_NOOP("Reasons", "It gives {size} dimensions, of length 1."),
    QT_TRANSLATE_NOOP("Reasons", "It gives {size} dimensions, not normalised (length {length}), which Cognate does."),
    QT_TRANSLATE_NOOP("Reasons", "It shortens vectors by itself."),
    QT_TRANSLATE_NOOP("Reasons", "It ignores `dimensions`: Cognate shortens vectors itself."),
    QT_TRANSLATE_NOOP("Reasons", "It refuses `dimensions`: Cognate shortens vectors itself."),
    QT_TRANSLATE_NOOP("Reasons", "{reason} Only models trained for that stand it."),
    QT_TRANSLATE_NOOP(
        "Reasons", "It refuses texts of {tokens} tokens, so that Cognate sends only their beginning. ({reason})"
    ),
    QT_TRANSLATE_NOOP("Reasons", "It reads texts of {tokens} tokens to their end."),
    QT_TRANSLATE_NOOP("Reasons", "It cuts long texts after {tokens} tokens without a word."),
    QT_TRANSLATE_NOOP("Reasons", "It cuts long texts without a word."),
    QT_TRANSLATE_NOOP("Reasons", "It mixes up the texts of one request (cosine {cosine} with the same text alone)."),
    QT_TRANSLATE_NOOP("Reasons", "Update the server, or start it with a batch of one text."),
    QT_TRANSLATE_NOOP(
        "Reasons", "It puts no <|endoftext|> behind a text, so that the vector is that of whatever token is last."
    ),
    QT_TRANSLATE_NOOP("Reasons", "It ends texts with another token than <|endoftext|> (cosine {cosine})."),
    QT_TRANSLATE_NOOP("Reasons", "It puts <|endoftext|> behind a text."),
    QT_TRANSLATE_NOOP("Reasons", "Whether it puts <|endoftext|> behind a text could not be told."),
    QT_TRANSLATE_NOOP("Reasons", "The GGUF file is too old: get a new one, or start llama-server with {options}"),
    QT_TRANSLATE_NOOP(
        "Reasons", "The model's files are from its first days: download them again (tokenizer.json has to be new)."
    ),
    QT_TRANSLATE_NOOP("Reasons", "It pools the last token."),
    QT_TRANSLATE_NOOP("Reasons", "It pools the first token, and Qwen3 needs the last one: nothing would be found."),
    QT_TRANSLATE_NOOP(
        "Reasons", "It pools the mean of all tokens, and Qwen3 needs the last one: nothing would be found."
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "The GGUF file says how to pool: get the official one, or use llama-server, which takes --pooling last.",
    ),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "Its vectors are not those of Qwen3-Embedding-{model}: it misses published similarities by {difference}.",
    ),
    QT_TRANSLATE_NOOP("Reasons", "Look which file the server has loaded, and update the server."),
    QT_TRANSLATE_NOOP("Reasons", "It reproduces the published similarities (difference {difference})."),
    QT_TRANSLATE_NOOP("Reasons", "It comes near the published similarities (difference {difference})."),
    QT_TRANSLATE_NOOP("Reasons", "{server} has no reranking."),
    QT_TRANSLATE_NOOP("Reasons", "Serve a reranker with vLLM, SGLang or llama.cpp."),
    QT_TRANSLATE_NOOP("Reasons", "It tells answers from what is none, with the template that Cognate puts."),
    QT_TRANSLATE_NOOP("Reasons", "It tells answers from what is none, with the server's own template."),
    QT_TRANSLATE_NOOP("Reasons", "It tells answers from what is none, as they are."),
    QT_TRANSLATE_NOOP("Reasons", "It does not tell an answer from what is none: its template or head is missing."),
    QT_TRANSLATE_NOOP("Reasons", 'It does not serve "{model}", but {others}.'),
    QT_TRANSLATE_NOOP("Reasons", "{model} is a reranker and gives no vectors."),
    QT_TRANSLATE_NOOP("Reasons", "Connect it with --reranker."),
    QT_TRANSLATE_NOOP("Reasons", "{model} gives vectors and is no reranker."),
    QT_TRANSLATE_NOOP("Reasons", "Connect it without --reranker."),
    QT_TRANSLATE_NOOP("Reasons", "Serve {model} instead."),
    QT_TRANSLATE_NOOP("Reasons", "{model} was not made for this."),
    QT_TRANSLATE_NOOP("Reasons", "It serves {model}."),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server serves {models}. Name one of them with --model."),
    QT_TRANSLATE_NOOP("Reasons", "{url}: the server does not say what it serves. Name the model with --model."),
    QT_TRANSLATE_NOOP("Reasons", "Texts cross the network unencrypted."),
    QT_TRANSLATE_NOOP("Reasons", "Texts and the key cross the network unencrypted."),
    QT_TRANSLATE_NOOP("Reasons", "Use https, a tunnel (ssh -L 8000:localhost:8000 HOST), or a network that you trust."),
    # of searches
    QT_TRANSLATE_NOOP("Reasons", "No other file is about this."),
    QT_TRANSLATE_NOOP("Reasons", "Nothing is close enough to this query."),
    QT_TRANSLATE_NOOP("Reasons", "Nothing is indexed yet. Add a folder first."),
    QT_TRANSLATE_NOOP("Reasons", "Only the best {count} passages could be judged in time."),
    QT_TRANSLATE_NOOP(
        "Reasons",
        "There is no reranker, so the order is that of the search. Install one in the settings, or with: "
        "cognate models install {model}",
    ),
    QT_TRANSLATE_NOOP("Reasons", "{model} puts code in a worse order, so the order is that of the search."),
    QT_TRANSLATE_NOOP("Reasons", "kind:{value} is not known. Use one of {kinds}."),
    QT_TRANSLATE_NOOP("Reasons", "{operator} can't be understood. Write it like {examples}."),
)

PATTERNS = tuple(str(pattern) for pattern in _PATTERNS)  # the stub of QT_TRANSLATE_NOOP does not know its type


def reason_text(reason: str) -> str:
    """A sentence of the engine, or several with semicolons, in the language of the interface, where known there."""
    for pattern, expression in _expressions():
        is_alike = "; " in pattern or "; " not in reason
        if is_alike and (found := expression.fullmatch(reason)):
            return _filled(QCoreApplication.translate(CONTEXT, pattern), found.groupdict())
    first, joint, rest = reason.partition("; ")
    return f"{reason_text(first)}{joint}{reason_text(rest)}" if joint else reason


def warning_text(warning: str) -> str:
    """A warning of the engine, where it is about a folder with that in front."""
    folder, joint, note = warning.partition(": ")
    return f"{folder}{joint}{reason_text(note)}" if os.path.isabs(folder) else reason_text(warning)


def problem_text(error: Exception) -> str:
    """What an error says, in the language of the interface, the file it is about in front."""
    if isinstance(error, DocumentError):
        return f"{error.path}: {reason_text(error.reason)}"
    if isinstance(error, OSError) and error.filename and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return reason_text(str(error))


def _filled(text: str, values: dict[str, str]) -> str:
    """Fill in values, of which a reason within a reason is translated, too; other braces stay as they are."""
    if "reason" in values:
        values["reason"] = reason_text(values["reason"])
    return FIELD.sub(lambda field: values.get(field[1], field[0]), text)


@cache
def _expressions() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((pattern, re.compile(_expression(pattern), re.DOTALL)) for pattern in PATTERNS)


def _expression(pattern: str) -> str:
    texts = FIELD.split(pattern)  # text, name, text, name, ... text
    parts = [f"(?P<{text}>.+?)" if number % 2 else re.escape(text) for number, text in enumerate(texts)]
    return "".join(parts)
