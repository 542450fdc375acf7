"""Tests of reports of online meetings, in the wordings, languages and states people send."""

import datetime as dt

import pytest

from tests.meeting_reports.reports import HEADER, brief, ignored, parse, person, refusal

MEETING = (
    "Meeting ID,Topic,Start Time,End Time,User Email,Duration (Minutes),Participants\r\n"
    "987 123,Round table,12/08/2021 08:45:00 AM,12/08/2021 12:06:00 PM,Office@example.com,201,3\r\n"
    "\r\n"
)
RUSSIAN = (
    "Имя (настоящее имя),Электронная почта пользователя,Время входа,Время выхода,"
    "Продолжительность (минуты),Гость,Согласие на запись,В зале ожидания\r\n"
    "Ким Анна,a@example.org,20.05.2022 08:55:00 AM,20.05.2022 11:02:00 AM,127,Нет,,Нет\r\n"
    '"Семёнов, Пётр (Petr)",,20.05.2022 12:50:00 PM,20.05.2022 13:00:00 PM,10,Да,,Да\r\n'
    '"Семёнов, Пётр (Petr)",,20.05.2022 13:00:00 PM,20.05.2022 14:00:00 PM,60,Да,,Нет\r\n'
)
JAPANESE = (
    "ミーティングID,トピック,開始時刻,終了時刻,ユーザーのEメール,所要時間（分）,参加者\r\n"
    "987 1,円卓会議,2021/05/20 8:55:00,2021/05/20 11:02:00,office@example.com,127,2\r\n"
    "\r\n"
    "名前（元の名前）,ユーザーのEメール,参加時間,退出時間,時間（分）,ゲスト,待機室\r\n"
    "事務局,office@example.com,2021/05/20 8:55:00,2021/05/20 11:02:00,127,いいえ,いいえ\r\n"
    "髙橋一郎 (Ichiro),,2021/05/20 08:50:00,2021/05/20 08:55:00,5,はい,はい\r\n"
    "髙橋一郎 (Ichiro),,2021/05/20 08:55:00,2021/05/20 09:55:00,60,はい,いいえ\r\n"
)
TEAMS_JAPANESE = """1. 要約
会議のタイトル\t"\"\"円卓会議\"\" で会議中"
出席した参加者\t2
開始時刻\t2026/1/15 19:00:00
終了時刻\t2026/1/15 20:30:00

2. 参加者
名前\t初めての参加\t最終退出\t会議の長さ\tメール\t参加者 ID (UPN)\t役割
事務局\t2026/1/15 19:00:00\t2026/1/15 20:30:00\t1 時間 30 分\t\toffice@example.com\t開催者
髙橋 一郎 (ゲスト)\t2026/1/15 19:05:00\t2026/1/15 20:05:07\t50 分 7 秒\t\t\t出席者

3. 会議中のアクティビティ
名前\t参加時刻\t退出時刻\t期間\tメール\t役割
事務局\t2026/1/15 19:00:00\t2026/1/15 20:30:00\t1 時間 30 分\t\t開催者
髙橋 一郎 (ゲスト)\t2026/1/15 19:05:00\t19:35:00\t30 分\t\t出席者
髙橋 一郎 (ゲスト)\t2026/1/15 19:45:00\t20:05:07\t20 分 7 秒\t\t出席者
"""
TEAMS_FINNISH_IN_UNKNOWN_WORDS = """1. Yhteenveto
Aihe tuntematon\tForum
Väkeä\t1
Alku\t14.9.2021 klo 14.48.05
Loppu\t14.9.2021 klo 18.11.26

2. Väki
Henkilö\tEka\tVika\tAika\tPosti\tTunnus\tAsema
Matti\t14.9.2021 klo 14.48.09\t14.9.2021 klo 18.11.26\t3 t 23 min 17 s\tm@example.com\t\tJärjestäjä
"""
TEAMS_2021 = """Meeting Summary
Total Number of Participants\t1
Meeting Title\tForum
Meeting Start Time\t4/23/2021, 6:44:22 PM
Meeting End Time\t4/23/2021, 8:00:00 PM

Full Name\tJoin Time\tLeave Time\tDuration\tEmail\tRole\tParticipant ID (UPN)
Doe, Jane\t4/23/2021, 6:44:22 PM\t4/23/2021, 7:59:22 PM\t1h 15m\tD@example.com\tOrganizer\tx
"""
TEAMS_LIST = """Full Name\tUser Action\tTimestamp
"Doe, Jane"\tJoined before\t13/09/2022, 5:30:00 PM
Smith\tJoined\t13/09/2022, 5:40:00 PM
Smith\tJoined\t13/09/2022, 5:40:00 PM
Smith\tLeft\t13/09/2022, 6:00:00 PM
Smith\tJoined\t13/09/2022, 6:10:00 PM
Smith\tLeft\t13/09/2022, 6:30:00 PM
"Doe, Jane"\tJoined\t14/09/2022, 5:30:00 PM
"Doe, Jane"\tLeft\t14/09/2022, 6:30:00 PM
"""
WEBINAR = """Attendee Report,,,,,,,,
Report generated time,05/20/2026 10:00:00 AM,,,,,,,
Topic,Webinar ID,Actual Start Time,Actual Duration (minutes),# Registered,Total Users,,
Cruises,847,05/19/2026 10:00:00 AM,60,7,8,,
Host Details,,,,,,,,
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,,
Yes,Office,o@example.com,05/19/2026 10:00:00 AM,05/19/2026 11:00:00 AM,60,No,,
Panelist Details,,,,,,,,
Attended,User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,,
Attendee Details,,,,,,,,
Attended,User Name (Original Name),First Name,Last Name,Email,Why?,Join Time,Leave Time,Organization
Yes,A (B),A,B,a@example.com,x,05/19/2026 10:00:00 AM,05/19/2026 10:30:00 AM,UiT
No,,C,D,c@example.com,x,--,--,UiT
"""


def test_a_zoom_meeting_knows_its_host_leaves_out_the_waiting_room_and_counts_rows():
    report = parse(
        MEETING + HEADER + ",Recording Consent,In Waiting Room\r\n"
        "Office,office@example.com,12/08/2021 08:45:00 AM,12/08/2021 12:06:00 PM,201,No,,No\r\n"
        "Anna (Анна),,12/08/2021 08:50:00 AM,12/08/2021 08:52:00 AM,2,Yes,,Yes\r\n"
        "Anna (Анна),,12/08/2021 08:52:00 AM,12/08/2021 09:52:00 AM,60,Yes,,No\r\n"
        "Anna (Анна),,12/08/2021 08:52:00 AM,12/08/2021 09:52:00 AM,60,Yes,,No\r\n"
    )

    assert (report.format, report.title, report.rows) == ("zoom-meeting", "Round table", 4)
    assert (report.meeting_start, report.meeting_end) == (
        "2021-12-08T08:45:00",
        "2021-12-08T12:06:00",
    )
    assert ignored(report) == [(6, "waiting_room"), (8, "duplicate_row")]
    assert brief(report) == {"office@example.com": (201, 12060), "name:anna": (60, 3600)}
    assert [p.is_host for p in report.people] == [True, False]
    assert person(report, "name:anna").names == ["Anna", "Анна"]


def test_two_devices_at_once_count_once_and_minutes_add_up_as_stated():
    report = parse(
        HEADER + "\nA,a@example.org,12/08/2021 09:00:00 AM,12/08/2021 10:00:10 AM,61,Yes\n"
        "A 2,A@example.org ,12/08/2021 09:30:00 AM,12/08/2021 10:30:00 AM,60,Yes\n"
    )
    found = report.people[0]

    assert (found.total_minutes, found.union_seconds) == (121, 5400)
    assert found.intervals == [("2021-12-08T09:00:00", "2021-12-08T10:30:00")]
    assert found.flags == ["guest", "rejoined", "overlap", "renamed"]


@pytest.mark.parametrize(
    "text",
    [
        "Meeting ID,Topic,Start Time\n9,T,10/09/2020 09:00:00 AM\n\n"
        "Name (original name),User Email,Join Time,Leave Time,Duration (Minutes)\n"
        "A (B),a@example.org,10/09/2020 09:00:00 AM,10/09/2020 10:00:00 AM,60\n",
        "Topic,Meeting ID,Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes)\n"
        "T,9,A (B),a@example.org,10/09/2020 09:00:00 AM,10/09/2020 10:00:00 AM,60\n",
        'Topic,ID,Host,Duration (minutes),Start time,End time,Participants\n"T",9,"F (f@x.org)",6,'
        '"10/09/2020 08:00:00 AM","10/09/2020 10:30:00 AM",2\n\n'
        "Name (original name),Email,Join time,Leave time,Duration (minutes),Guest,In waiting room\n"
        "A (B),a@example.org,10/09/2020 09:00:00 AM,10/09/2020 10:00:00 AM,60,Yes,No\n",
    ],
)
def test_zoom_changed_its_report_often_and_it_still_means_the_same(text):
    report = parse(text)

    assert (report.format, report.title) == ("zoom-meeting", "T")
    assert [p.names for p in report.people] == [["A", "B"]]
    assert brief(report) == {"a@example.org": (60, 3600)}
    assert report.people[0].first_join == "2020-10-09T09:00:00"


@pytest.mark.parametrize("title", ["Total Duration (Minutes)", '" Total Durection(Minutes)"'])
def test_zooms_list_of_unique_users_has_minutes_without_times(title):
    report = parse(f"Name (Original Name),User Email,{title},Guest\nA (B),a@example.org,60,Yes\n")

    assert (report.format, brief(report)) == ("zoom-meeting", {"a@example.org": (60, 3600)})
    assert report.people[0].first_join is None
    assert "no_times" in report.people[0].flags


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "cp1251", "koi8_r", "utf-16"])
@pytest.mark.parametrize("folding", ["", "whole", "padded"])
def test_a_russian_zoom_report_survives_encodings_and_re_saving_into_one_column(encoding, folding):
    lines = RUSSIAN.splitlines()
    if folding:
        tail = ";;;" if folding == "padded" else ""
        lines = ['"' + line.replace('"', '""') + '"' + tail for line in lines]
    report = parse("\r\n".join(lines), encoding=encoding)

    assert report.format == "zoom-meeting"
    assert report.encoding == {"utf-16": "utf-16-le"}.get(encoding, encoding)
    assert brief(report) == {"a@example.org": (127, 7620), "name:семёнов, пётр": (60, 3600)}
    assert ignored(report) == [(3, "waiting_room")]
    assert person(report, "name:семёнов, пётр").names == ["Семёнов, Пётр", "Petr"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
def test_a_japanese_zoom_report_with_its_preamble(encoding):
    report = parse(JAPANESE, encoding=encoding)

    assert (report.format, report.title, report.encoding) == ("zoom-meeting", "円卓会議", encoding)
    assert brief(report) == {"office@example.com": (127, 7620), "name:髙橋一郎": (60, 3600)}
    assert [p.is_host for p in report.people] == [True, False]


@pytest.mark.parametrize(
    "header",
    [
        "Name (Originalname),Benutzer-E-Mail,Beitrittszeit,Austrittszeit,Dauer (Minuten)",
        "Nom (nom original),E-mail,Heure d'arrivée,Heure de départ,Durée (minutes)",
        "Nombre (nombre original),Correo electrónico,Hora de entrada,Hora de salida,Duración",
        "이름(원래 이름),사용자 이메일,참가 시간,나간 시간,기간(분)",
        "Nazwa (oryginalna nazwa),Adres,Czas dołączenia,Czas opuszczenia,Czas trwania (minuty)",
        "Имя (исходное имя),Эл. адрес,Время подключения,Время отключения,Длительность (мин)",
    ],
)
def test_zoom_in_languages_with_and_without_known_words(header):
    row = "Anna (Анна),a@example.org,08.12.2021 09:00:00,08.12.2021 10:00:30,61"
    report = parse(f"{header}\n{row}\n")

    assert (report.format, brief(report)) == ("zoom-meeting", {"a@example.org": (61, 3630)})
    assert report.people[0].names == ["Anna", "Анна"]
    assert report.people[0].first_join == "2021-12-08T09:00:00"


def test_two_zoom_reports_pasted_into_one_file_are_both_read():
    row = "A,a@example.org,12/08/2021 {0}:00:00 AM,12/08/2021 {0}:30:00 AM,30,Yes\r\n"
    one = MEETING + HEADER + "\r\n"
    report = parse(one + row.format("09") + "\r\n" + one + row.format("10"))

    assert (report.rows, brief(report)) == (2, {"a@example.org": (60, 3600)})


def test_rows_without_a_leave_time_last_until_the_end_of_the_meeting():
    report = parse(MEETING + HEADER + "\r\nA,,12/08/2021 09:06:00 AM,,,Yes\r\n")

    assert brief(report) == {"name:a": (180, 10800)}
    assert "no_leave_time" in report.people[0].flags


def test_damaged_rows_are_named_and_the_others_stay():
    report = parse(
        HEADER + "\nA\x00nna,,12/08/2021 09:00:00 AM,12/08/2021 10:00:00 AM,60,Yes\n"
        "Bad,,soon,later,5,Yes\n,,12/08/2021 09:00:00 AM,12/08/2021 10:00:00 AM,60,Yes\n"
        "Back,,12/08/2021 09:00:00 AM,12/08/2021 08:00:00 AM,10,Yes\n"
    )

    assert brief(report) == {"name:anna": (60, 3600), "name:back": (10, 600)}
    assert ignored(report) == [(3, "unreadable_time"), (4, "no_name")]


def test_a_webinar_has_sections_padding_and_people_who_did_not_come():
    report = parse(WEBINAR)

    assert (report.format, report.title, report.rows) == ("zoom-webinar", "Cruises", 3)
    assert brief(report) == {"o@example.com": (60, 3600), "a@example.com": (30, 1800)}
    assert ignored(report) == [(13, "absent")]
    assert [p.is_host for p in report.people] == [True, False]
    assert person(report, "a@example.com").organisation == "UiT"


def test_a_japanese_teams_report_with_leave_times_that_lack_their_day():
    report = parse(TEAMS_JAPANESE, encoding="utf-16")

    assert (report.format, report.title) == ("teams-report", "円卓会議")
    assert report.meeting_start == "2026-01-15T19:00:00"
    assert brief(report) == {"office@example.com": (90, 5400), "name:髙橋 一郎": (50, 3007)}
    assert person(report, "name:髙橋 一郎").flags == ["guest", "no_email", "rejoined"]
    assert [p.is_host for p in report.people] == [True, False]


def test_a_teams_report_in_unknown_words_is_read_by_its_numbered_sections():
    report = parse(TEAMS_FINNISH_IN_UNKNOWN_WORDS, encoding="utf-16")

    assert (report.format, report.title) == ("teams-report", "Forum")
    assert (report.meeting_start, report.meeting_end) == (
        "2021-09-14T14:48:05",
        "2021-09-14T18:11:26",
    )
    assert brief(report) == {"m@example.com": (203, 12197)}
    assert report.people[0].is_host


def test_teams_summaries_state_the_time_present_where_activities_are_missing():
    text = TEAMS_JAPANESE.split("3. 会議中")[0]
    found = person(parse(text, encoding="utf-16"), "name:髙橋 一郎")

    assert (found.total_minutes, found.union_seconds) == (50, 3007)
    assert (found.first_join, found.last_leave) == ("2026-01-15T19:05:00", "2026-01-15T20:05:07")
    assert "presence_summed" in found.flags


def test_the_teams_report_of_2021_has_no_numbers():
    report = parse(TEAMS_2021, encoding="utf-16")

    assert (report.format, report.title) == ("teams-report", "Forum")
    assert brief(report) == {"d@example.com": (75, 4500)}


def test_the_old_teams_list_pairs_joins_with_leaves_meeting_by_meeting():
    report = parse(TEAMS_LIST, encoding="utf-16")

    assert (report.format, report.rows) == ("teams-list", 8)
    assert brief(report) == {"name:doe, jane": (120, 7200), "name:smith": (40, 2400)}
    assert ignored(report) == [(4, "duplicate_row")]
    assert "no_leave_time" in person(report, "name:doe, jane").flags


MEET = "First name,Last name,Email,Duration,Time joined,Time exited\n"


def test_meet_takes_its_day_from_the_event_the_sheet_or_the_file_name():
    row = "健,齋藤,K@example.com,1 hr 2 min,5:58 PM,7:00 PM\n"
    day = dt.date(2022, 2, 2)
    stated = "Meeting title,Date,Start time,End time\nForum,2022-02-02,6:00 PM,7:00 PM\n\n"
    reports = [
        parse(MEET + row, on=day),
        parse(MEET + row, filename="2022-02-02 Forum.csv"),
        parse(stated + MEET + row),
    ]

    for report in reports:
        assert (report.format, brief(report)) == ("google-meet", {"k@example.com": (62, 3720)})
        assert report.people[0].first_join == "2022-02-02T17:58:00"
        assert report.people[0].names == ["健 齋藤"]
    assert refusal((MEET + row).encode()).as_json() == {
        "error": "report.csv holds times of day without a date. Say on which day the meeting was.",
        "reason": "date_needed",
        "format": "google-meet",
    }


def test_meet_states_the_time_present_between_joining_and_leaving():
    found = parse(MEET + "A,B,,20 min,6:00 PM,7:00 PM\n", on=dt.date(2022, 2, 2)).people[0]

    assert (found.total_minutes, found.union_seconds) == (20, 1200)
    assert found.last_leave == "2022-02-02T19:00:00"


def test_a_meeting_over_midnight_goes_on_the_next_day():
    rows = "A,B,,1 hr 5 min,11:30 PM,12:35 AM\nC,D,,20 min,12:10 AM,12:30 AM\n"
    report = parse(MEET + rows, on=dt.date(2022, 2, 2))

    assert [(p.first_join, p.last_leave) for p in report.people] == [
        ("2022-02-02T23:30:00", "2022-02-03T00:35:00"),
        ("2022-02-03T00:10:00", "2022-02-03T00:30:00"),
    ]


def test_meet_in_russian_uses_the_word_for_name_as_first_name():
    text = "Имя,Фамилия,Адрес электронной почты,Продолжительность,Время входа,Время выхода\n"
    report = parse(text + "Анна,Ким,a@example.org,1 ч 2 мин,17:58,19:00\n", on=dt.date(2022, 2, 2))

    assert (report.format, report.people[0].names) == ("google-meet", ["Анна Ким"])


def test_webex_without_join_times_still_has_minutes():
    report = parse(
        "Meeting Name\tMeeting Start Time\tMeeting End Time\tDisplay Name\tAttendee Email\t"
        'Attendance Duration\nLiaison\t="2022-02-02 13:00:00"\t="2022-02-02 16:00:00"\tTaka\t'
        "T@example.com\t12 mins\n",
        encoding="utf-16",
    )

    assert (report.format, report.title, report.encoding) == ("webex", "Liaison", "utf-16-le")
    assert report.meeting_start == "2022-02-02T13:00:00"
    assert brief(report) == {"t@example.com": (12, 720)}
