"""What the words in reports mean, in whatever language the meeting program spoke.

Two steps: the phrases that were seen in public files or belong to a program's interface, compared
by `folded`; then stems for wordings nobody has seen yet. A header needs at least one phrase of the
first kind, so that a row of data is not taken for one.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import cache, lru_cache

from harpevents.core.tables.reading import folded


class Meaning(StrEnum):
    """What a column or a labelled value of a report is about."""

    NAME = "name"
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    EMAIL = "email"
    UPN = "upn"
    JOIN = "join"
    LEAVE = "leave"
    FIRST_JOIN = "first_join"
    LAST_LEAVE = "last_leave"
    DURATION = "duration"
    ACTION = "action"
    TIMESTAMP = "timestamp"
    ROLE = "role"
    GUEST = "guest"
    WAITING = "waiting"
    CONSENT = "consent"
    ATTENDED = "attended"
    STATUS = "status"
    COUNTRY = "country"
    ORGANISATION = "organisation"
    TOPIC = "topic"
    MEETING_ID = "meeting_id"
    START = "start"
    END = "end"
    DATE = "date"
    HOST_NAME = "host_name"
    HOST_EMAIL = "host_email"
    OTHER = "other"


PHRASES: dict[Meaning, str] = {
    Meaning.NAME: """
        name | full name | user name | display name | participant | participant name
        | attendee name | attendee | name (original name) | user name (original name)
        | nameoriginalname | 名前 | 氏名 | お名前 | 表示名 | ユーザー名 | フルネーム | 参加者名
        | 参加者 | 名前 (元の名前) | ユーザー名 (元の名前) | имя | фио | ф. и. о. | полное имя
        | имя пользователя | имя участника | участник | имя (настоящее имя) | имя (исходное имя)
        | имя пользователя (настоящее имя) | имя пользователя (исходное имя) | отображаемое имя
        | nom complet | nom (nom original) | nom d'utilisateur | nombre | nombre completo
        | nombre (nombre original) | nome | nome completo | nome (nome original)
        | nome (nome originale) | nome e cognome | vollständiger name | nimi | koko nimi | naam
        | volledige naam | 姓名 | 이름 | nom de l'usager | nom prénom | имя и фамилия
        | фамилия имя | фамилия, имя, отчество | fio""",
    Meaning.FIRST_NAME: """
        first name | given name | firstname | 名 | vorname | prénom | nombre de pila
        | primer nombre | primeiro nome | etunimi | voornaam | имя (имя)""",
    Meaning.LAST_NAME: """
        last name | surname | family name | lastname | 姓 | 苗字 | фамилия | nachname
        | nom de famille | apellido | apellidos | sobrenome | apelido | cognome | sukunimi
        | achternaam""",
    Meaning.EMAIL: """
        email | e-mail | user email | email address | e-mail address | attendee email | mail
        | user email 2 | participant email | メール | メールアドレス | ユーザーメール
        | ユーザーのメール | ユーザーのeメール | eメール | eメールアドレス
        | ユーザーのメールアドレス | 電子メール | 電子メールアドレス | адрес электронной почты
        | электронная почта | эл. почта | почта | электронный адрес
        | электронная почта пользователя | эл. адрес | имейл | adresse e-mail | courriel
        | correo electrónico | correo | e-mail-adresse | endereço de email | indirizzo email
        | posta elettronica | sähköposti | sähköpostiosoite | e-mailadres | 电子邮件 | 邮箱
        | 이메일 | mail address | адрес эл. почты | user email address""",
    Meaning.UPN: """
        participant id (upn) | participant id | 参加者 id (upn) | идентификатор участника (upn)
        | id do participante (upn) | id de participant (upn) | upn""",
    Meaning.JOIN: """
        join time | time joined | joined at | joined | join | joining time | entry time
        | check-in time | check in time | check-in date | checked in at | 参加時刻 | 参加日時
        | 入室時刻 | 入室時間 | 入室日時 | 参加した時間 | 参加した時刻 | 時間参加 | 加入时间
        | время входа | время присоединения | время подключения | вход | подключился
        | hora de entrada | hora de ingreso | horário de entrada | heure d'arrivée
        | heure de connexion | beitrittszeit | beitrittszeitpunkt | ora di ingresso
        | ora di accesso | liittymisaika | deelnametijd | entrada | вошел""",
    Meaning.LEAVE: """
        leave time | time exited | left at | left | leave | exit time | leaving time | 退出時刻
        | 退出時間 | 退出日時 | 退室時刻 | 退室時間 | 退室日時 | 离开时间 | время выхода
        | время отключения | выход | отключился | hora de saída | horário de saída
        | hora de salida | heure de départ | heure de sortie | heure de fin de connexion
        | austrittszeit | verlassenszeit | ora di uscita | poistumisaika | vertrektijd | saída
        | вышел""",
    Meaning.FIRST_JOIN: """
        first join | first joined | first join time | first joined at | 初めての参加
        | 最初の参加 | 最初の参加時刻 | первый вход | первое присоединение | первое подключение
        | primeira entrada | primeiro ingresso | primeira participação | première participation
        | première connexion | erster beitritt | erste teilnahme | primera unión
        | primera entrada | prima partecipazione | primo accesso | ensimmäinen liittyminen
        | eerste deelname""",
    Meaning.LAST_LEAVE: """
        last leave | last left | last leave time | last left at | 最終退出 | 最後の退出
        | 最後の退出時刻 | последний выход | последнее отключение | última saída
        | dernier départ | dernière sortie | letztes verlassen | letzter austritt
        | última salida | ultima uscita | viimeinen poistuminen | viimeisin poistuminen
        | laatste vertrek""",
    Meaning.DURATION: """
        duration | duration (minutes) | total duration (minutes) | total durection(minutes)
        | total duration | duration minutes 2 | time in session (minutes) | time in session
        | in-meeting duration | attendance duration | meeting duration | time in meeting
        | minutes | 所要時間 | 所要時間(分) | 合計所要時間(分) | 時間(分) | 期間 | 期間(分)
        | 継続時間(分) | 合計時間(分) | セッション時間(分) | セッション内の時間(分) | 会議の長さ
        | 会議の時間 | 長さ | 滞在時間 | 参加時間(分) | 接続時間 | продолжительность
        | продолжительность (минуты) | общая продолжительность (минуты) | длительность
        | длительность (минуты) | время в сеансе (минуты) | продолжительность собрания
        | продолжительность участия | duração | duração da reunião | duração (minutos) | durée
        | durée (minutes) | durée de la réunion | dauer | dauer (minuten) | besprechungsdauer
        | duración | duración (minutos) | duración de la reunión | durata | durata (minuti)
        | kesto | duur | duur (minuten) | 持续时间(分钟) | 기간(분)""",
    Meaning.ACTION: """
        user action | action | ユーザーの操作 | ユーザー アクション | ユーザーアクション | 操作
        | действие пользователя | действие | ação do usuário | ação do utilizador
        | action de l'utilisateur | benutzeraktion | acción del usuario | azione utente
        | käyttäjän toiminto | gebruikersactie""",
    Meaning.TIMESTAMP: """
        timestamp | time stamp | utceventtimestamp | event timestamp | タイムスタンプ | 日時
        | метка времени | carimbo de data/hora | horodatage | zeitstempel | marca de tiempo
        | timestamp evento | aikaleima | tijdstempel""",
    Meaning.ROLE: "role | 役割 | роль | função | papel | rôle | rolle | rol | ruolo | rooli",
    Meaning.GUEST: """
        guest | is guest | ゲスト | гость | является гостем | invité | convidado | invitado
        | gast | ospite | 来宾""",
    Meaning.WAITING: """
        in waiting room | waiting room | inwaitingroom | 待機室 | 待機室にいる | 待機室にいます
        | 待機中 | в зале ожидания | зал ожидания | en salle d'attente | dans la salle d'attente
        | en sala de espera | na sala de espera | im warteraum | nella sala d'attesa""",
    Meaning.CONSENT: """
        recording consent | recording disclaimer response | recordingconsent
        | レコーディングの同意 | 録画の同意 | 録画への同意 | согласие на запись
        | consentement à l'enregistrement | consentimiento de grabación
        | consentimento de gravação""",
    Meaning.ATTENDED: """
        attended | checked in | check-in | checked-in | present | attendance | 出席 | 参加済み
        | 出席した | 出欠 | 出欠ステータス | 来場 | 受付 | チェックイン | チェックイン済み
        | посетил | присутствовал | присутствовали | участвовал | явка | отметка о приходе
        | зарегистрирован | a participé | asistió | participou | teilgenommen""",
    Meaning.STATUS: """
        status | state | registration state | attendee status | order status | 参加ステータス
        | 状態 | ステータス | статус | состояние""",
    Meaning.COUNTRY: """
        country/region name | country | country/region | 国/地域名 | 国/地域 | 国 | 国名
        | страна | страна/регион | название страны/региона | название страны или региона
        | pays/région | land | país""",
    Meaning.ORGANISATION: """
        organization | organisation | company | affiliation | institution | university
        | employer | 所属 | 所属機関 | 所属先 | 組織 | 組織名 | 団体名 | 会社名 | 会社 | 勤務先
        | 大学 | 大学名 | организация | компания | место работы | место работы (учёбы) | вуз
        | университет | учреждение | entreprise | empresa | unternehmen | firma | azienda
        | organizzazione | organización""",
    Meaning.TOPIC: """
        topic | meeting title | meeting name | meeting topic | webinar topic | webinar name
        | title | event name | session name | トピック | 会議のタイトル | 会議名 | 件名
        | ミーティング名 | ミーティングタイトル | ミーティングトピック | タイトル | тема
        | название собрания | тема собрания | тема конференции | название конференции | название
        | título da reunião | titre de la réunion | besprechungstitel | título de la reunión
        | titolo riunione | kokouksen otsikko | titel van vergadering | sujet | thema | tema
        | subject""",
    Meaning.MEETING_ID: """
        meeting id | webinar id | id | ミーティングid | 会議id | ウェビナーid
        | идентификатор конференции | идентификатор вебинара | идентификатор собрания
        | идентификатор | id da reunião | id de réunion | besprechungs-id | id de la reunión""",
    Meaning.START: """
        start time | actual start time | meeting start time | start | starts | 開始時刻
        | 開始時間 | 開始日時 | 実際の開始時刻 | 実際の開始時間 | 会議開始時刻 | 会議の開始時刻
        | время начала | фактическое время начала | начало | начало собрания | hora de início
        | hora de inicio | hora de início da reunião | heure de début | startzeit | beginn
        | ora di inizio | alkamisaika | begintijd | starttijd | aloitusaika""",
    Meaning.END: """
        end time | meeting end time | actual end time | end | ends | 終了時刻 | 終了時間
        | 終了日時 | 会議終了時刻 | 会議の終了時刻 | время завершения | время окончания
        | окончание | завершение | hora de término | hora de fim | hora de fin
        | hora de finalización | heure de fin | endzeit | ende | ora di fine | päättymisaika
        | eindtijd | lopetusaika""",
    Meaning.DATE: """
        date | meeting date | event date | 日付 | 開催日 | дата | data | datum | fecha""",
    Meaning.HOST_NAME: "host name | host | ホスト | ホスト名 | организатор | имя организатора",
    Meaning.HOST_EMAIL: """
        host email | host e-mail | ホストのメール | ホストのメールアドレス
        | электронная почта организатора""",
    Meaning.OTHER: """
        participants | attended participants | 参加人数 | 参加者数 | участники | # registered
        | # cancelled | unique viewers | total users | max concurrent views
        | enable registration | meeting engagement | registration time | approval status
        | participantid | sessionid | useragent | department | group | creation time
        | total number of participants | no | no. | # | number | 番号 | connection type | фото""",
}

# Order decides: what is first and last must be tried before joining and leaving as such.
_STEMS: list[tuple[Meaning, str]] = [
    (Meaning.OTHER, r"^(#|no$)|numberof|average|consent|同意|согласие|ticketname|方法"),
    (Meaning.WAITING, r"wait.*room|待機室|залеожид|салеожид|saladeespera|salled?attente|warteraum"),
    (Meaning.UPN, r"upn"),
    (Meaning.HOST_EMAIL, r"(host|organi[sz]er|ホスト).*(mail|メール)"),
    (Meaning.HOST_NAME, r"^(host|organi[sz]er)(name)?$|^ホスト"),
    (Meaning.EMAIL,
     r"e?mail(?!ing)|メール|почт(?!.*код)|correo|courriel|sahkoposti|邮箱|邮件|이메일"),
    (Meaning.FIRST_JOIN,
     r"(first|初|最初|^перв|^prim|^ensim|^premi|^erst|^eerst)"
     r".*(join|参加|入室|вход|подкл|присоед|entr|ingr|liitt|partic|conn|arriv|beitr|teiln|uni|acces|deeln|toetr)"),
    (Meaning.LAST_LEAVE,
     r"(last|最終|最後|^послед|^ultim|^viime|^derni|^letzt|^laatst).*(leave|left|exit|退出|退室|выход|"
     r"откл|said|salid|sort|depart|verla|austr|uscit|poist|vertr)"),
    (Meaning.DURATION,
     r"duration|durection|所要|会議の長|продолжит|длительн|durac|duree|dauer$|durata|^kesto|^duur|"
     r"timein|セッション|分$|滞在"),
    (Meaning.LEAVE, r"leavetime|exit|退出|退室|выход|отключ|saida|salida|sortie|depart|austritt|"
     r"verlass|uscita|poistu|vertrek"),
    (Meaning.JOIN, r"jointime|joined|参加時|参加日|入室|входа|подключ|присоед|entrada|arrivee|"
     r"beitritt|ingresso|liitty|deelname"),
    (Meaning.COUNTRY, r"country|国地域|страна|pays|land$"),
    (Meaning.ORGANISATION, r"organi[sz]ation|company|affiliat|institut|所属|勤務先|организаци|"
     r"местоработы|компани|universit"),
    (Meaning.FIRST_NAME, r"first.*name|given.*name"),
    (Meaning.LAST_NAME, r"last.*name|sur.*name|family.*name|фамилия"),
    (Meaning.NAME, r"original|元の名|настоящееимя|исходноеимя|"
     r"^(full|display|participant|attendee|user).*name|氏名|^имя|^nom|^naam|^nimi"),
]  # fmt: skip

_ORIGINAL = re.compile("origin|元の名|настоящ|исходн|oorspr|alkuper|原始|원래")
_DATA = re.compile(r"@|\d{3}|\d[:/.]\d")
_AFFIRMATIVE = """
    yes y true 1 x ✓ ✔ ○ 〇 ◯ はい 済 済み 有 да д + oui si sí sim ja kyllä 是 예 attended present
    checkedin 出席 参加 参加済み 出席済み 来場 присутствовал присутствовала был была"""
_NEGATIVE = """
    no n false 0 - -- いいえ 未 無 нет non não nao nein ei nee 否 absent 欠席 × ✗ notattending
    отсутствовал отсутствовала"""


@cache
def _phrases() -> dict[str, Meaning]:
    return {
        folded(phrase): meaning
        for meaning, phrases in PHRASES.items()
        for phrase in " ".join(phrases.split()).split("|")
    }


@lru_cache(maxsize=4096)
def phrase_meaning(cell: str) -> Meaning | None:
    """The meaning of a header or label that is known word for word."""
    return _phrases().get(folded(cell)) if len(cell) <= 80 else None


@lru_cache(maxsize=4096)
def meaning(cell: str) -> Meaning | None:
    """The meaning of a header or label: word for word, else by its stems."""
    if found := phrase_meaning(cell):
        return found
    if not 0 < len(cell) <= 80 or _DATA.search(cell):
        return None
    word = folded(cell)
    return next((meaning for meaning, stems in _STEMS if re.search(stems, word)), None)


def is_original_name(cell: str) -> bool:
    """Whether a header promises original names in parentheses, as Zoom's do."""
    return bool(_ORIGINAL.search(folded(cell)))


def is_head_count(cell: str) -> bool:
    """Words that head a column of people, or stand for their number beside a meeting."""
    return folded(cell) in {"参加者", "出席者", "participant", "attendee", "участник", "참가자"}


def counts_minutes(cell: str) -> bool:
    """Whether the header of a length says that its numbers are minutes."""
    return bool(re.search(r"[(（]\s*(min|мин|分|분)", cell.lower()))


def looks_like_data(cell: str) -> bool:
    """Addresses, times and long numbers never stand in a header."""
    return bool(_DATA.search(cell))


def is_affirmative(cell: str) -> bool:
    return _answer(cell) in _answers(_AFFIRMATIVE)


def is_negative(cell: str) -> bool:
    return _answer(cell) in _answers(_NEGATIVE)


@cache
def _answers(words: str) -> frozenset[str]:
    return frozenset(_answer(word) for word in words.split())


def _answer(cell: str) -> str:
    return folded(cell) or cell.strip()
