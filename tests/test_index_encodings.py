"""The characters of a file are found, whatever encoding it is in."""

import pytest
from documents import CHINESE, FRENCH, GERMAN, JAPANESE, RUSSIAN, written

from index.errors import ArticleError
from index.load import load_article


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", JAPANESE),
        ("utf-8-sig", RUSSIAN),
        ("utf-16", RUSSIAN),
        ("utf-16-le", GERMAN),
        ("utf-16-be", GERMAN),
        ("utf-32", CHINESE),
        ("cp1252", FRENCH),
        ("latin-1", GERMAN),
        ("shift_jis", JAPANESE),
        ("euc_jp", JAPANESE),
        ("gb18030", CHINESE),
        ("cp1251", RUSSIAN),
        ("koi8_r", RUSSIAN),
        ("euc_kr", "대통령은 월요일 서울에서 장관을 만났다."),
        ("big5", "總統星期一在台北會見了外賓。"),
    ],
)
@pytest.mark.parametrize("times", [1, 40])
def test_encoding_is_detected(tmp_path, encoding, text, times):
    text = "\n".join([text] * times)
    assert load_article(written(tmp_path, "a.txt", text.encode(encoding))).text == text


@pytest.mark.parametrize(
    ("mark", "encoding"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\0\0\xfe\xff", "utf-32-be")]
)
def test_byte_order_mark_decides_and_is_no_part_of_the_text(tmp_path, mark, encoding):
    assert load_article(written(tmp_path, "a.txt", mark + JAPANESE.encode(encoding))).text == JAPANESE


def test_utf_8_with_a_damaged_byte_stays_utf_8(tmp_path):
    text = load_article(written(tmp_path, "a.txt", RUSSIAN.encode() + b"\xff" + RUSSIAN.encode())).text
    assert text == f"{RUSSIAN}\ufffd{RUSSIAN}"


@pytest.mark.parametrize(
    ("head", "encoding", "text"),
    [
        ('<meta charset="windows-1251">', "cp1251", RUSSIAN),
        ('<meta http-equiv="Content-Type" content="text/html; charset=Shift_JIS">', "shift_jis", JAPANESE),
        ("<meta charset=iso-8859-1>", "cp1252", "“café” costs 5 €"),
        ("<meta charset=gb2312>", "gb18030", CHINESE),
        ("<meta charset=iso-8859-2>", "iso-8859-2", "Święto źródła żółwia"),
        ("<meta charset=utf-16>", "utf-8", JAPANESE),
        ("<meta charset=nonsense>", "utf-8", JAPANESE),
        ("<meta charset=unicode_escape>", "utf-8", "a \\x41 text"),
        ("<meta charset=zlib>", "utf-8", JAPANESE),
    ],
)
def test_declared_charset_of_a_page_is_respected_when_browsers_would(tmp_path, head, encoding, text):
    page = f"<html><head>{head}</head><body><p>{text}</p></body></html>"
    assert load_article(written(tmp_path, "a.html", page.encode(encoding))).text == text


@pytest.mark.parametrize(
    "data",
    [
        b"a\0b and more text " * 9,
        b"\xff\xfe\x00\xd8a\0",
        b"<p>&#xD800; &#0; x",
        "\ud800".encode("utf-8", "surrogatepass") + b" text",
    ],
)
@pytest.mark.parametrize("name", ["a.txt", "a.html", "a.md"])
def test_text_can_always_be_encoded(tmp_path, data, name):
    try:
        article = load_article(written(tmp_path, name, data))
    except ArticleError:
        return
    assert "\0" not in article.text
    article.text.encode("utf-8")
    article.title.encode("utf-8")


ENGLISH = "The mill was built in 1821 by John Marshall and nobody has lived there since the fire that burned it down. "


@pytest.mark.parametrize("word", ["It’s old.", "-5°C", "© Marshall", "§ 5", "a résumé", "the café’s"])
def test_a_few_letters_of_windows_1252_in_english_are_no_japanese_or_russian(tmp_path, word):
    text = f"{ENGLISH * 10}{word} {ENGLISH * 10}"
    assert load_article(written(tmp_path, "a.txt", text.encode("cp1252"))).text == text


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_plain_english_in_utf_16_without_a_mark_is_read(tmp_path, encoding):
    assert load_article(written(tmp_path, "a.txt", ENGLISH.encode(encoding))).text == ENGLISH


def test_utf_8_that_broke_off_within_a_letter_stays_utf_8(tmp_path):
    text = f"{ENGLISH * 10}“It’s old,” said the mayor of São Paulo. “"
    assert load_article(written(tmp_path, "a.txt", text.encode()[:-1])).text == text[:-1] + "\ufffd"


@pytest.mark.parametrize(("word", "encoding"), [("テスト", "cp932"), ("マーシャル", "cp932")])
def test_a_few_words_of_another_script_in_english_stay_what_they_are(tmp_path, word, encoding):
    text = f"{ENGLISH * 5}{f'{word} ' * 3}{ENGLISH * 5}"
    assert load_article(written(tmp_path, "a.txt", text.encode(encoding))).text == text
