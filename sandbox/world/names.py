"""Names of guests in the scripts hotels really see, and the numbers and addresses that go with them. All invented."""
# ruff: noqa: RUF001  names are written as their owners write them

from typing import Final, NamedTuple


class Origin(NamedTuple):
    """Where a guest comes from: language, country, how phones are written there (`#` a digit), names."""

    language: str
    country: str
    phone: str
    first: tuple[str, ...]
    last: tuple[str, ...]


ORIGINS: Final = (
    Origin("pt", "PT", "+351 91 000 ####", ("João", "Inês", "Conceição", "Simão"), ("Magalhães", "Gonçalves", "Fão")),
    Origin("fr", "FR", "+33 6 39 98 ## ##", ("Zoë", "François", "Anaïs", "Hélène"), ("Lefèvre", "Noël", "D'Aubigné")),
    Origin(
        "de", "DE", "+49 151 0000 ####", ("Jürgen", "Käthe", "Björn", "Änne"), ("Müller-Lüdenscheidt", "Groß", "Weiß")
    ),
    Origin("pl", "PL", "+48 512 00# ###", ("Łukasz", "Żaneta", "Małgorzata"), ("Wiśniewski", "Dąbrowska", "Źrebiec")),
    Origin("tr", "TR", "+90 532 000 ## ##", ("İpek", "Çağla", "Işıl", "Gökhan"), ("Yıldız", "Şahin", "Öztürk")),
    Origin("cs", "CZ", "+420 601 00# ###", ("Jiří", "Zdeňka", "Ľuboš"), ("Dvořák", "Nováková", "Říha")),
    Origin("vi", "VN", "+84 90 000 ####", ("Nguyệt", "Đức", "Thảo"), ("Nguyễn", "Trần", "Đặng")),
    Origin("is", "IS", "+354 611 ####", ("Þórdís", "Ægir", "Sigríður"), ("Þorsteinsson", "Guðmundsdóttir")),
    Origin(
        "en", "GB", "+44 7700 900###", ("Anne Marie", "Séan", "Zadie"), ("O’Brien", "van der Berg", "Null", "St. John")
    ),
    Origin("en", "US", "+1 202 555 01##", ("Madison", "Mary-Jo", "X Æ"), ("Smith Jr.", "Doe", "Nguyen")),
    Origin("es", "ES", "+34 612 00# ###", ("Iñaki", "Núria", "José Ángel"), ("Peña", "Güell i Puig", "Ibáñez")),
    Origin("ru", "RU", "+7 900 000-##-##", ("Алёна", "Юрий", "Наталья"), ("Щукин", "Ёлкина", "Достоевский")),
    Origin("uk", "UA", "+380 50 000 ####", ("Олексій", "Ївга", "Ґеорґій"), ("Шевченко", "Їжакевич")),
    Origin("bg", "BG", "+359 87 000 ####", ("Цветана", "Георги"), ("Димитров", "Жечева")),
    Origin("el", "GR", "+30 690 000 ####", ("Οδυσσέας", "Άννα", "Ελένη"), ("Παπαδόπουλος", "Θεοδωράκη")),
    Origin("th", "TH", "+66 81 000 ####", ("สมชาย", "กุลธิดา", "น้ำผึ้ง"), ("ศรีสุข", "ทองดี", "วงศ์สวัสดิ์")),
    Origin("ja", "JP", "+81 90-0000-####", ("太郎", "さくら", "ヴィクトル"), ("佐藤", "髙橋", "小野寺")),
    Origin("zh", "CN", "+86 138 0000 ####", ("伟", "小红", "子涵"), ("王", "欧阳", "李")),
    Origin("ko", "KR", "+82 10-0000-####", ("지우", "민준"), ("김", "남궁")),
    Origin("ar", "BH", "+973 3600 ####", ("محمد", "فاطمة", "عبد الله"), ("الخليفة", "بن سعيد")),
    Origin("he", "IL", "+972 50-000-####", ("נועה", "אורי"), ("כהן", "בן־דוד")),
    Origin("hi", "IN", "+91 90000 0####", ("प्रिया", "अर्जुन"), ("शर्मा", "चौधरी")),
    Origin("ka", "GE", "+995 555 00 ## ##", ("ნინო", "გიორგი"), ("ბერიძე",)),
    Origin("hy", "AM", "+374 91 00 ## ##", ("Անի", "Տիգրան"), ("Հակոբյան",)),
)

COMPANIES: Final = (
    "Ærø Shipping A/S",
    "Estaleiros do Tejo, Lda.",
    "株式会社鴨川商事",
    "شركة اللؤلؤ للتجارة",
    "Müller & Söhne GmbH",
)
AGENTS: Final = ("Voyages d’Été", "Туры «Север»", "さくら旅行", "Blue Atlas Travel")
