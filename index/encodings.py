"""Bytes become characters: by their byte order mark, as they declare, as UTF-8, or by the likeliest older encoding.

What is not text at all is refused, by its name when its first bytes tell it: a program, a picture, an archive.
"""

from __future__ import annotations

import codecs
import contextlib
import re

from index.document import READABLE, Document
from index.errors import ArticleError
from index.text import showable

# Encodings without a declaration, when the bytes are not UTF-8. Few, since a detector that may choose among a hundred
# finds Central European in French; text in others has to declare its encoding or be saved as UTF-8.
_LEGACY = ("cp1252", "cp932", "gb18030", "cp1251", "euc_jp", "euc_kr", "big5", "koi8_r", "cp1253", "cp1255", "cp1256")
_WIDER = {  # what browsers take these labels for: the superset that is really used (WHATWG Encoding Standard)
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_ALONE = 0.75  # of the bytes above ASCII in Western European text stand alone; in nine files of other kinds 0.7 at most
_WESTERN = {bytes([each]) for each in (0x80, 0x85, *range(0x91, 0x98), *range(0xA0, 0x100))}  # but for rare signs
_NOT_TEXT = {"utf-7", "unicode-escape", "raw-unicode-escape", "idna", "punycode", "undefined", "mbcs", "oem"}
_MARKS = (  # these codecs take the mark off; the longer first, since UTF-16's is how UTF-32's begins
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f]")  # no text holds these in number
_SIGNATURES = (  # looked up only in files that are not text, so that short ones do no harm
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"BM", "a BMP image"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ID3", "an audio file"),
    (b"OggS", "an audio or video file"),
    (b"fLaC", "an audio file"),
    (b"RIFF", "an image, audio or video file"),
    (b"\x1aE\xdf\xa3", "a video"),
)


def decode(document: Document, declared: str) -> str:
    """The document's characters, which can be encoded again; `declared` is a charset by any of its labels, or empty.

    Raises ArticleError when more than 2 % of them are control characters, since that is no text.
    """
    text = _characters(document.data, declared)
    sample = text[:100_000]
    if len(_CONTROL.findall(sample)) > 0.02 * len(sample):
        raise ArticleError(f"{document.shown} is {_binary(document.data)}; choose {READABLE}")
    return showable(text)


def _characters(data: bytes, declared: str) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace")
    known = _known(declared)
    if not known and (wide := _wide(data)):  # of plain English in UTF-16 the bytes are UTF-8 as well
        return data.decode(wide, "replace")
    for encoding in filter(None, (known, "utf-8")):
        with contextlib.suppress(UnicodeDecodeError):  # declared wrongly, or damaged
            return data.decode(encoding)
    encoding = _wide(data) or known or ("utf-8" if _nearly_utf_8(data) else _guess(data))
    return data.decode(encoding, "replace")


def _known(label: str) -> str:
    """The codec for a declared charset, empty when there is none that browsers would use too."""
    try:
        name = codecs.lookup(label.lower().replace("x-sjis", "shift_jis")).name
        b"    ".decode(name)  # a codec such as zlib says only now that it is not one of text
    except (LookupError, ValueError):
        return ""
    return "" if name.replace("_", "-") in _NOT_TEXT else _WIDER.get(name, name)


def _wide(data: bytes) -> str:
    """UTF-16 without a mark, known by the zeros beside its Latin letters, spaces and line ends; else empty."""
    sample = data[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if max(even, odd) * 10 < len(sample) or min(even, odd) * 20 > max(even, odd):
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _nearly_utf_8(data: bytes) -> bool:
    """Whether damaged places are no more than the characters that only UTF-8 writes in several bytes.

    Of text in an older encoding hardly a byte makes such a character.
    """
    text = data.decode("utf-8", "replace")
    several = len(re.findall(r"[^\x00-\x7f\ufffd]", text))
    several += sum(map(text.count, "’“”–"))  # once more, since English has few others
    damaged = text.count("\ufffd")
    return damaged * 4 <= several or damaged == 1 <= several


def _guess(data: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8; Windows-1252 in doubt."""
    from charset_normalizer import from_bytes

    sample = data[:50_000]
    runs = list(map(len, re.findall(rb"[\x80-\xff]+", sample)))
    alone = re.findall(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])", sample)
    western = sum(each in _WESTERN for each in alone)
    if western >= _ALONE * len(runs) and sum(runs) < len(re.findall(rb"[A-Za-z]", sample)):
        return "cp1252"  # a few accents and apostrophes, which a detector takes for Japanese or Russian
    best = from_bytes(sample, cp_isolation=list(_LEGACY), preemptive_behaviour=False, enable_fallback=False).best()
    return best.encoding if best else "cp1252"


def _binary(data: bytes) -> str:
    """What bytes that are no text are, by how they begin."""
    if data[4:8] == b"ftyp":
        return "an image or a video"
    return next((what for start, what in _SIGNATURES if data.startswith(start)), "not text")
