"""Letters that hide a word: look-alikes, invisible marks, spaces between letters."""

from __future__ import annotations

import re
import unicodedata

_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420"
    "\u0421\u0422\u0425\u0406\u0408\u0405\u03bf\u03b1\u03bd\u03c1\u03b9\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c"
    "\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u0131\u0261",
    "aeopcyxijsd" + "ABEKMHOP" + "CTXIJS" + "oavpi" + "ABEZHIKM" + "NOPTYX" + "ig",
)
"""Letters of Cyrillic and Greek that look like Latin ones."""
_SPACED = re.compile(r"\b(?:[^\W\d_][ .\-_*]){3,}[^\W\d_]\b")
_SPACES = re.compile(r"[ .\-_*]")


def plain(source: str) -> str:
    """The text with look-alike letters, invisible marks and spaced-out words set right: "I g n o r e" as "Ignore"."""
    if not source.isascii():
        source = unicodedata.normalize("NFKC", source)
        source = "".join([mark for mark in source if unicodedata.category(mark) != "Cf"]).translate(_LOOKALIKES)
    return _SPACED.sub(lambda found: _SPACES.sub("", found.group()), source)
