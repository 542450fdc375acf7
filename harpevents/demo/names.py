"""The names that the demo's fictitious people are put together from, in their scripts."""

from __future__ import annotations

# (kanji, kana, Latin)
JAPANESE_FAMILIES = tuple(
    tuple(entry.split())
    for entry in """
佐藤 サトウ Sato
鈴木 スズキ Suzuki
髙橋 タカハシ Takahashi
田中 タナカ Tanaka
伊藤 イトウ Ito
渡邊 ワタナベ Watanabe
山本 ヤマモト Yamamoto
中村 ナカムラ Nakamura
小林 コバヤシ Kobayashi
加藤 カトウ Kato
吉田 ヨシダ Yoshida
山田 ヤマダ Yamada
佐々木 ササキ Sasaki
山口 ヤマグチ Yamaguchi
松本 マツモト Matsumoto
井上 イノウエ Inoue
木村 キムラ Kimura
林 ハヤシ Hayashi
斎藤 サイトウ Saito
清水 シミズ Shimizu
山﨑 ヤマザキ Yamazaki
森 モリ Mori
阿部 アベ Abe
池田 イケダ Ikeda
橋本 ハシモト Hashimoto
石川 イシカワ Ishikawa
前田 マエダ Maeda
藤田 フジタ Fujita
小川 オガワ Ogawa
岡田 オカダ Okada
後藤 ゴトウ Goto
長谷川 ハセガワ Hasegawa
村上 ムラカミ Murakami
近藤 コンドウ Kondo
石井 イシイ Ishii
坂本 サカモト Sakamoto
遠藤 エンドウ Endo
青木 アオキ Aoki
藤井 フジイ Fujii
西村 ニシムラ Nishimura
福田 フクダ Fukuda
太田 オオタ Ota
三浦 ミウラ Miura
岡本 オカモト Okamoto
大野 オオノ Ono
""".strip().splitlines()
)
JAPANESE_GIVEN = tuple(
    tuple(entry.split())
    for entry in """
太郎 タロウ Taro
花子 ハナコ Hanako
健一 ケンイチ Kenichi
裕子 ユウコ Yuko
直樹 ナオキ Naoki
美咲 ミサキ Misaki
大輔 ダイスケ Daisuke
陽子 ヨウコ Yoko
翔太 ショウタ Shota
彩 アヤ Aya
誠 マコト Makoto
真由美 マユミ Mayumi
隆 タカシ Takashi
恵 メグミ Megumi
浩二 コウジ Koji
葵 アオイ Aoi
修 オサム Osamu
千尋 チヒロ Chihiro
亮介 リョウスケ Ryosuke
奈緒 ナオ Nao
拓也 タクヤ Takuya
香織 カオリ Kaori
一郎 イチロウ Ichiro
由紀 ユキ Yuki
""".strip().splitlines()
)

# (masculine, feminine, Latin masculine, Latin feminine)
RUSSIAN_FAMILIES = tuple(
    tuple(entry.split())
    for entry in """
Иванов Иванова Ivanov Ivanova
Смирнов Смирнова Smirnov Smirnova
Кузнецов Кузнецова Kuznetsov Kuznetsova
Попов Попова Popov Popova
Васильев Васильева Vasilyev Vasilyeva
Петров Петрова Petrov Petrova
Соколов Соколова Sokolov Sokolova
Михайлов Михайлова Mikhailov Mikhailova
Новиков Новикова Novikov Novikova
Фёдоров Фёдорова Fedorov Fedorova
Морозов Морозова Morozov Morozova
Волков Волкова Volkov Volkova
Алексеев Алексеева Alekseev Alekseeva
Лебедев Лебедева Lebedev Lebedeva
Семёнов Семёнова Semyonov Semyonova
Егоров Егорова Egorov Egorova
Павлов Павлова Pavlov Pavlova
Козлов Козлова Kozlov Kozlova
Степанов Степанова Stepanov Stepanova
Николаев Николаева Nikolaev Nikolaeva
Орлов Орлова Orlov Orlova
Андреев Андреева Andreev Andreeva
Макаров Макарова Makarov Makarova
Никитин Никитина Nikitin Nikitina
Захаров Захарова Zakharov Zakharova
Зайцев Зайцева Zaitsev Zaitseva
Соловьёв Соловьёва Solovyov Solovyova
Борисов Борисова Borisov Borisova
Яковлев Яковлева Yakovlev Yakovleva
Григорьев Григорьева Grigoryev Grigoryeva
Романов Романова Romanov Romanova
Воробьёв Воробьёва Vorobyov Vorobyova
Щербаков Щербакова Shcherbakov Shcherbakova
Кузьмин Кузьмина Kuzmin Kuzmina
Баранов Баранова Baranov Baranova
Журавлёв Журавлёва Zhuravlev Zhuravleva
Ким Ким Kim Kim
Беляков Белякова Belyakov Belyakova
Игнатов Игнатова Ignatov Ignatova
Чернышёв Чернышёва Chernyshev Chernysheva
Юсупов Юсупова Yusupov Yusupova
Эрдниев Эрдниева Erdniev Erdnieva
""".strip().splitlines()
)
# (given, Latin, patronymic of a son, patronymic of a daughter)
RUSSIAN_MEN = tuple(
    tuple(entry.split())
    for entry in """
Александр Aleksandr Александрович Александровна
Дмитрий Dmitry Дмитриевич Дмитриевна
Сергей Sergey Сергеевич Сергеевна
Андрей Andrey Андреевич Андреевна
Алексей Alexey Алексеевич Алексеевна
Евгений Evgeny Евгеньевич Евгеньевна
Пётр Pyotr Петрович Петровна
Михаил Mikhail Михайлович Михайловна
Николай Nikolay Николаевич Николаевна
Владимир Vladimir Владимирович Владимировна
Игорь Igor Игоревич Игоревна
Артём Artyom Артёмович Артёмовна
Юрий Yury Юрьевич Юрьевна
Виктор Viktor Викторович Викторовна
Иван Ivan Иванович Ивановна
Олег Oleg Олегович Олеговна
""".strip().splitlines()
)
RUSSIAN_WOMEN = tuple(
    tuple(entry.split())
    for entry in """
Анна Anna
Мария Maria
Елена Elena
Ольга Olga
Наталья Natalia
Татьяна Tatiana
Ирина Irina
Екатерина Ekaterina
Юлия Yulia
Светлана Svetlana
Вера Vera
Дарья Daria
Ксения Ksenia
Полина Polina
Людмила Lyudmila
Надежда Nadezhda
""".strip().splitlines()
)

# Latin names of the other countries: (family, given)
OTHERS = {
    "FI": (("Immonen", "Hannu"), ("Koskinen", "Aino"), ("Virtanen", "Eero"), ("Laine", "Sari"),
           ("Niemi", "Outi")),
    "NO": (("Berntsen", "Marianne"), ("Haugen", "Lars"), ("Solberg", "Ingrid"), ("Dahl", "Erik"),
           ("Moen", "Kari"), ("Bakke", "Nils")),
    "US": (("Miller", "Grace"), ("Johnson", "Daniel"), ("Walker", "Ruth"), ("Nguyen", "Linh")),
    "CA": (("Tremblay", "Luc"), ("MacLeod", "Fiona"), ("Singh", "Arjun")),
    "GB": (("Hughes", "Eleanor"), ("Clarke", "Simon")),
    "CN": (("Wang", "Lei"), ("Li", "Na"), ("Zhang", "Wei")),
    "KR": (("Kim", "Minjun"), ("Lee", "Seoyeon"), ("Park", "Jiho")),
    "DK": (("Nielsen", "Mette"), ("Jensen", "Søren"), ("Larsen", "Kirsten"), ("Holm", "Anders"),
           ("Poulsen", "Birte")),
    "BG": (("Dimitrov", "Georgi"), ("Ivanova", "Radka"), ("Petrov", "Stoyan"),
           ("Koleva", "Elitsa")),
}  # fmt: skip
