import codecs

import pytest

from indexer.extract.encoding import decode

TEXTS = {
    "gb18030": [
        "今天的会议推迟到下周三上午十点，请各位同事提前准备好项目进度报告。",
        "北京是中华人民共和国的首都。",
        "软件安装说明 version 2.0",
    ],
    "big5": [
        "今天的會議延期到下週三上午十點，請各位同事提前準備好專案進度報告。",
        "臺北是中華民國的首都，也是最大的城市之一。",
        "軟體安裝說明",
    ],
    "shift_jis": [
        "明日の会議は午前十時から始まりますので、資料を準備してください。",
        "東京は日本の首都です。",
        "カタカナとひらがな",
    ],
    "euc_jp": ["明日の会議は午前十時から始まりますので、資料を準備してください。", "東京は日本の首都です。"],
    "euc_kr": [
        "내일 회의는 오전 열 시에 시작하니 자료를 준비해 주세요.",
        "서울은 대한민국의 수도입니다.",
        "프로그램 설치 안내",
    ],
    "cp1251": [
        "Завтра собрание начнётся в десять часов утра, подготовьте материалы.",
        "Москва - столица России.",
        "ВНИМАНИЕ! Установка программы",
        "Зустріч перенесено на наступну середу.",
    ],
    "koi8-r": ["Завтра собрание начнётся в десять часов утра, подготовьте материалы.", "Москва - столица России."],
    "cp866": ["Завтра собрание начнётся в десять часов утра."],
    "cp1252": [
        "Der Überblick über die Änderungen fürs nächste Jahr ist beigefügt.",
        "Le café était fermé à cause de la grève.",
        "El niño comió mañana. ¿Qué?",
        "naïve – “quoted” text, it’s plain English otherwise",
        "Ein Café",
    ],
    "cp1250": ["Zebranie zostało przełożone na następną środę, proszę przygotować materiały."],
    "cp1253": ["Η συνάντηση αναβλήθηκε για την επόμενη Τετάρτη το πρωί."],
    "cp1254": ["Toplantı gelecek çarşamba sabahına ertelendi, lütfen raporları hazırlayın."],
    "cp1255": ["הפגישה נדחתה ליום רביעי הבא בבוקר"],
    "cp1256": ["تم تأجيل الاجتماع إلى الأربعاء القادم"],
    "cp874": ["การประชุมถูกเลื่อนไปเป็นวันพุธหน้า"],
    "utf-16-le": ["Meeting tomorrow at ten.", "今天的会议推迟到下周三上午十点", "Привет, как дела?"],
    "utf-16-be": ["Завтра собрание начнётся.", "今天的会议推迟到下周三上午十点，\n请各位同事。"],
    "utf-8": ["Grüße", "今天的会议", "plain", "Привет"],
    "utf-8-sig": ["Grüße"],
    "utf-16": ["Grüße und mehr"],
    "utf-32": ["Grüße und mehr"],
}


@pytest.mark.parametrize(("encoding", "text"), [(name, text) for name, texts in TEXTS.items() for text in texts])
def test_a_short_text_is_decoded(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("encoding", ["gb18030", "shift_jis", "utf-8", "utf-16-le"])
def test_a_long_text_may_end_within_a_character(encoding: str) -> None:
    text = "明日の会議は午前十時から始まります。" if encoding == "shift_jis" else "今天的会议推迟到下周三。"
    decoded = decode((text * 1000).encode(encoding)[:-1])
    assert decoded is not None
    assert decoded.startswith(text * 900)


@pytest.mark.parametrize("data", [bytes(100), bytes(range(256)) * 8, b"\x7fELF\x02\x01\x01" + bytes(60)])
def test_what_is_no_text_is_not_decoded(data: bytes) -> None:
    assert decode(data) is None


def test_nothing_is_an_empty_text() -> None:
    assert decode(b"") == ""


def test_a_declared_encoding_is_taken_where_the_text_is_markup() -> None:
    page = '<?xml version="1.0" encoding="iso-8859-7"?><a>Χειμώνας</a>'
    assert decode(page.encode("iso-8859-7"), is_markup=True) == page


def test_an_unknown_declared_encoding_is_ignored() -> None:
    page = '<meta charset="no-such-thing"><p>Grüße für alle schönen Tage</p>'
    assert decode(page.encode("cp1252"), is_markup=True) == page


def test_utf_8_that_is_declared_otherwise_is_utf_8() -> None:
    page = '<meta charset="iso-8859-1"><p>Grüße</p>'
    assert decode(page.encode(), is_markup=True) == page


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert decode(codecs.BOM_UTF16_LE + "abc".encode("utf-16-le")) == "abc"
