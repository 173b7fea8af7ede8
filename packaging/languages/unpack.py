"""Unpack the model of py3langid, so that readers of files can map it: `python packaging/languages/unpack.py`.

A part of the set-up. The library packs it with LZMA, and unpacking that is most of what it takes to start a reader.
"""

import io
import lzma

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE

from indexer.language import ARRAYS, unpacked

packed = np.load(io.BytesIO(lzma.decompress((MODEL_DIR / MODEL_FILE).read_bytes())), allow_pickle=False)
for name in ARRAYS:
    path = unpacked(name)
    temporary = path.with_suffix(".tmp")
    with temporary.open("wb") as file:
        np.lib.format.write_array(file, np.ascontiguousarray(packed[name]), allow_pickle=False)
    temporary.replace(path)
