import io
import lzma
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from py3langid.langid import MODEL_DIR, MODEL_FILE

from indexer import language
from indexer.language import ARRAYS, detect, detect_all, unpacked

TEXTS = {
    "en": "The meeting was moved to next Wednesday because two of the speakers fell ill.",
    "de": "Die Besprechung wurde auf nächsten Mittwoch verschoben, weil zwei Redner erkrankt sind.",
    "fr": "La réunion a été reportée à mercredi prochain parce que deux orateurs sont tombés malades.",
    "es": "La reunión se aplazó hasta el próximo miércoles porque dos ponentes enfermaron.",
    "it": "La riunione è stata rinviata a mercoledì prossimo perché due relatori si sono ammalati.",
    "pt": "A reunião foi adiada para a próxima quarta-feira porque dois oradores adoeceram.",
    "nl": "De vergadering is verplaatst naar volgende week woensdag omdat twee sprekers ziek zijn.",
    "pl": "Spotkanie przełożono na przyszłą środę, ponieważ dwóch prelegentów zachorowało.",
    "sv": "Mötet har flyttats till nästa onsdag eftersom två av talarna har blivit sjuka.",
    "fi": "Kokous siirrettiin ensi keskiviikkoon, koska kaksi puhujaa sairastui.",
    "tr": "Toplantı, iki konuşmacı hastalandığı için gelecek çarşambaya ertelendi.",
    "ru": "Совещание перенесли на следующую среду, потому что двое докладчиков заболели.",
    "uk": "Нараду перенесли на наступну середу, бо двоє доповідачів захворіли.",
    "ar": "تم تأجيل الاجتماع إلى يوم الأربعاء المقبل لأن اثنين من المتحدثين مرضا.",
    "he": "הפגישה נדחתה ליום רביעי הבא כי שני דוברים חלו.",
    "el": "Η συνάντηση μεταφέρθηκε για την επόμενη Τετάρτη επειδή δύο ομιλητές αρρώστησαν.",
    "hi": "बैठक अगले बुधवार तक टाल दी गई क्योंकि दो वक्ता बीमार पड़ गए।",
    "ja": "講演者が二人病気になったため、会議は来週の水曜日に延期されました。",
    "zh": "因为两位发言人生病，会议推迟到下周三。",
    "ko": "발표자 두 명이 아파서 회의가 다음 주 수요일로 연기되었습니다.",
    "th": "การประชุมถูกเลื่อนไปเป็นวันพุธหน้าเพราะวิทยากรสองคนป่วย",
    "vi": "Cuộc họp được dời sang thứ tư tuần sau vì hai diễn giả bị ốm.",
}


@pytest.mark.parametrize("code", TEXTS)
def test_a_sentence_is_recognised(code: str) -> None:
    assert detect(TEXTS[code]) == code


@pytest.mark.parametrize("text", ["", "  \n", "42", "1.5 | 2.5 | 3.5\n0x7f 0xff", "ok", "https://example.org/path?x=1"])
def test_what_has_no_words_has_no_language(text: str) -> None:
    assert detect(text) == ""


def test_a_few_foreign_characters_do_not_decide() -> None:
    assert detect("The angle α and the angle β of the triangle are equal, as the ancients knew.") == "en"
    assert detect("The Chinese name of the city of Beijing is written 北京 and means northern capital.") == "en"


def test_japanese_written_mostly_in_kanji_is_not_chinese() -> None:
    assert detect("東京都千代田区永田町の国会議事堂は日本の国会が開かれる建物である。") == "ja"


def test_addresses_do_not_decide() -> None:
    assert detect("http://www.example.com/index.html Das ist die Seite mit allen Unterlagen zur Sitzung.") == "de"


def test_no_texts_have_no_languages() -> None:
    assert detect_all([]) == []


def test_each_text_of_a_document_has_its_language() -> None:
    order = ["en", "de", "en", "ja", "fr"]
    assert detect_all([TEXTS[code] for code in order]) == order


def test_the_border_between_two_languages_is_found_in_a_long_document() -> None:
    order = ["en"] * 21 + ["de"] * 18 + ["en"] * 4
    assert detect_all([TEXTS[code] for code in order]) == order


def test_the_model_is_that_of_the_library() -> None:
    theirs = np.load(io.BytesIO(lzma.decompress((MODEL_DIR / MODEL_FILE).read_bytes())), allow_pickle=False)
    assert set(theirs.files) == set(ARRAYS)
    for name in ARRAYS:
        assert np.array_equal(np.load(unpacked(name)), theirs[name])


@pytest.mark.parametrize("written_bytes", [None, 0, 100, 1_000_000])
def test_where_the_model_is_not_unpacked_whole_the_library_unpacks_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, written_bytes: int | None
) -> None:
    if written_bytes is not None:
        for name in ARRAYS:
            (tmp_path / name).write_bytes(unpacked(name).read_bytes()[:written_bytes])
    monkeypatch.setattr(language, "unpacked", lambda name: tmp_path / name)
    monkeypatch.setattr(language, "_identifier", cache(language._identifier.__wrapped__))
    assert [detect(text) for text in TEXTS.values()] == list(TEXTS)
