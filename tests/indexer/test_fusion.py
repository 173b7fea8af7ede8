"""Words and meaning together, in an index where much is vaguely near and one text has the word."""

from collections.abc import Iterator

import pytest

from indexer.results import Mode
from indexer.search import sharpened_of
from tests.indexer.library import Library

QUERIES = {
    "recalc_ledger_v7": "release.md",
    "XK-4471-B": "shipping.txt",
    "Quittenbrot": "Einkauf.txt",
    "cerfeuil": "voyage.txt",
    "сургуч": "собрание.txt",
    "風呂敷": "引っ越し.txt",
    "鸢尾花": "年度总结.txt",
    "الزعفران": "رسالة.txt",
    "김치냉장고": "이사.txt",
    "mochila": "contrato.txt",
}
LITERAL = {
    "release.md": (
        "The meeting about the new release took place on Tuesday. Anna will book the train to Hamburg, Peter "
        "orders the chairs, and before we travel somebody has to turn off recalc_ledger_v7 on the old machine. "
        "Lunch is at noon."
    ),
    "shipping.txt": (
        "Dear Mr Brown, thank you for your letter. Our garden party was a great success, the children played "
        "until late. By the way, the parcel XK-4471-B came on Monday. We hope to see you in spring. Kind "
        "regards, Mary"
    ),
    "Einkauf.txt": (
        "Am Samstag fahren wir mit dem Zug nach Bremen. Vorher muss noch jemand die Katze füttern, das Fahrrad "
        "reparieren und der Tante ein Quittenbrot mitbringen. Die Karten für das Konzert liegen auf dem "
        "Schreibtisch."
    ),
    "voyage.txt": (
        "Le train part à huit heures et nous serons à Lyon avant midi. Pense à fermer les fenêtres, à nourrir le "
        "chat et à donner le cerfeuil à la voisine. Les billets sont dans la poche de ma veste bleue."
    ),
    "собрание.txt": (
        "Собрание жильцов состоится в четверг в семь часов вечера. Просим принести паспорта, ключи от подвала и "
        "сургуч. После собрания будет чай, дети могут поиграть во дворе. Автобус ходит до полуночи."
    ),
    "引っ越し.txt": (
        "引っ越しは来週の土曜日です。駅まで車で迎えに来てください。隣の人に風呂敷を返すのを忘れないように。電気と"
        "ガスの会社にはもう電話しました。猫は母の家に預けます。"
    ),
    "年度总结.txt": (
        "今年公司的销售比去年好。会议在星期三上午举行,请大家准时参加。办公室窗台上的鸢尾花请小王照顾。新的电脑下"
        "个月到货,旧的打印机送给学校。"
    ),
    "رسالة.txt": (
        "وصلنا إلى المدينة مساء الثلاثاء بالقطار. كان الجو باردا والفندق قريبا من المحطة. لا تنس أن تعطي "
        "الزعفران لجارتنا. سنعود يوم الأحد بعد زيارة المتحف."
    ),
    "이사.txt": (
        "다음 주 토요일에 이사합니다. 아침 여덟 시에 트럭이 오고 형이 도와주기로 했습니다. 옆집에 김치냉장고를 돌"
        "려주세요. 고양이는 어머니 댁에 맡깁니다. 전기 회사에는 전화했습니다."
    ),
    "contrato.txt": (
        "La reunión con el abogado es el lunes a las diez. Hay que firmar el contrato del piso, pagar la fianza "
        "y devolver la mochila a Carmen. Después iremos al banco. El tren de vuelta sale a las seis."
    ),
}
NEIGHBOURS = {
    "ledger.md": "The ledger is recalculated every night. The job recalculates the balance of each account.",
    "ledger v6.py": "def recalc_ledger_v6(ledger):\n    return [recalc(entry) for entry in ledger]\n",
    "parcels.txt": "Parcel XK-4470-A was delivered. Parcel XK-4472-C is on its way.",
    "Marmelade.txt": "Äpfel und Birnen waschen, entkernen und mit Zucker zu Gelee kochen.",
    "Brot.txt": "Für das Brot Mehl, Wasser und Salz verkneten und im Ofen backen.",
    "herbes.txt": ("Le persil, la ciboulette et l'estragon poussent bien au jardin. Ce sont des herbes aromatiques."),
    "печать.txt": "Письмо запечатали воском и поставили на конверт печать.",
    "包む.txt": "贈り物を布で包む方法。きれいな布を広げて、箱を真ん中に置きます。",
    "花园.txt": "春天花园里的玫瑰花和郁金香开了,每天要浇水。",
    "توابل.txt": "الكركم والفلفل والقرفة من أشهر التوابل في المطبخ العربي.",
    "부엌.txt": "김치를 담그고 냉장고에 보관하는 방법. 배추를 소금에 절입니다.",
    "equipaje.txt": "Para el viaje necesitas una maleta, una bolsa grande y un saco de dormir.",
    "backpack.txt": "A good backpack for hiking has wide straps and a rain cover.",
    "saffron.txt": "Saffron is the most expensive spice in the world.",
    "iris.txt": "The iris flowers in May. Plant it in a sunny place of the garden.",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    library = Library(tmp_path_factory.mktemp("fusion"))
    for name, text in (LITERAL | NEIGHBOURS).items():
        library.write(name, text)
    library.index()
    yield library
    library.engine.close()


@pytest.mark.parametrize("query", QUERIES)
def test_no_vague_neighbour_comes_before_the_only_text_with_the_word(library: Library, query: str) -> None:
    assert library.search(query)[0] == QUERIES[query]


@pytest.mark.parametrize("query", ["recalc_ledger_v7", "鸢尾花"])
def test_by_meaning_alone_a_neighbour_would_come_first(library: Library, query: str) -> None:
    assert library.search(query, Mode.MEANING)[0] in NEIGHBOURS


def test_among_more_chunks_more_passages_are_looked_at_sentence_by_sentence() -> None:
    assert sharpened_of(0) == sharpened_of(100_000) == 40
    assert sharpened_of(300_000) < sharpened_of(1_000_000) == 60
