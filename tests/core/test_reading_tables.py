"""Tests of reading uploaded tables: encodings, quoting, line numbers, re-saves and limits."""

import io
import sys
import zipfile
from pathlib import Path

import pytest
import xlsxwriter

from harpevents.core.tables import workbooks
from harpevents.core.tables.reading import TableRefused, columns, folded, plain, read_table

ROSTER = Path(__file__).resolve().parents[3] / "shared" / "data" / "roster"

JAPANESE = (
    "名前,メール,所属\r\n髙橋一郎,i.takahashi@example.com,長岡技術科学大学\r\n山﨑葵,,神戸学院\r\n"
)
RUSSIAN = (
    "имя;почта;вуз\r\nСемёнов Пётр;p@example.org;Тихоокеанский университет\r\nКим Анна;;АГУ\r\n"
)
GERMAN = "Name;E-Mail;Ort\r\nMüller, Jürgen;j@example.org;Zürich\r\nGroß, Änne;;Köln\r\n"


def refusal(data, **kwargs):
    with pytest.raises(TableRefused) as caught:
        read_table(data, **kwargs)
    return caught.value


def workbook(rows, **options):
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, options) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet = book.add_worksheet("一覧")
        for number, row in enumerate(rows):
            for position, value in enumerate(row):
                if value is not None:
                    is_day = hasattr(value, "year")
                    sheet.write(number, position, value, day if is_day else None)
    return file.getvalue()


def package(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def book_with_sheet(sheet, shared="<sst/>"):
    """A workbook as its parts: the smallest that passes for one, with hand-made contents."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return package(
        {
            "[Content_Types].xml": "<Types/>",
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}"><sheets>'
            '<sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>',
            "xl/_rels/workbook.xml.rels": "<Relationships/>",
            "xl/sharedStrings.xml": shared,
            "xl/worksheets/sheet1.xml": sheet,
        }
    )


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (JAPANESE, "utf-8"),
        (JAPANESE, "utf-8-sig"),
        (JAPANESE, "cp932"),
        (JAPANESE.replace("髙", "高").replace("﨑", "崎"), "euc_jp"),
        (JAPANESE.replace("髙", "高").replace("﨑", "崎"), "iso2022_jp"),
        (JAPANESE, "utf-16-le"),
        (JAPANESE, "utf-16-be"),
        (RUSSIAN, "utf-8"),
        (RUSSIAN, "cp1251"),
        (RUSSIAN, "koi8_r"),
        (RUSSIAN, "cp866"),
        (RUSSIAN, "utf-16-le"),
        (GERMAN, "cp1252"),
    ],
)
def test_each_encoding_a_secretariat_sends_is_recognised_without_a_byte_order_mark(text, encoding):
    table = read_table(text.encode(encoding))

    delimiter = ";" if ";" in text else ","
    assert table.encoding == encoding
    assert table.delimiter == delimiter
    assert table.rows == [line.rstrip(delimiter).split(delimiter) for line in text.splitlines()]


@pytest.mark.parametrize(
    ("mark", "codec", "name"),
    [
        (b"\xff\xfe", "utf-16-le", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be", "utf-16-be"),
        (b"\xef\xbb\xbf", "utf-8", "utf-8-sig"),
        (b"\xff\xfe\x00\x00", "utf-32-le", "utf-32-le"),
    ],
)
def test_a_byte_order_mark_decides_and_does_not_reach_the_first_cell(mark, codec, name):
    table = read_table(mark + JAPANESE.encode(codec))

    assert table.encoding == name
    assert table.rows[0][0] == "名前"


def test_an_encoding_chosen_by_a_person_is_used_and_its_failure_names_the_place():
    assert read_table(RUSSIAN.encode("cp1251"), encoding="windows-1251").encoding == "cp1251"

    refused = refusal(RUSSIAN.encode("cp1251"), encoding="utf-8")
    assert (refused.code, refused.row, refused.column) == ("undecodable", 1, "1")
    assert refusal(b"a,b", encoding="base64").code == "unknown_encoding"


def test_damaged_utf_8_is_refused_with_its_line_and_column_rather_than_read_as_something_else():
    lines = ["имя,почта", *[f"Анна {i},a@example.org" for i in range(40)]]
    data = "\n".join(lines).encode().replace(b" 7,a", b" 7,a\xff")
    refused = refusal(data)

    assert (refused.code, refused.row, refused.column) == ("undecodable", 9, "2")


def test_lines_are_counted_as_an_editor_counts_them():
    data = 'a,b\r\n\r\n"one\r\ntwo",2\r\n\r\nthree\u2028still three,3\r\n'.encode()
    table = read_table(data)

    assert list(table.numbered()) == [
        (1, ["a", "b"]),
        (3, ["one\ntwo", "2"]),
        (6, ["three\u2028still three", "3"]),
    ]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_every_kind_of_line_end_ends_a_line(end):
    table = read_table(end.join(["a;b", "1;2", "", '"x";y']).encode())

    assert list(table.numbered()) == [(1, ["a", "b"]), (2, ["1", "2"]), (4, ["x", "y"])]


def test_zero_bytes_in_a_name_go_and_the_rest_stays():
    assert read_table(b"name,mail\nAn\x00na,a@example.org\n").rows[1] == ["Anna", "a@example.org"]


def test_a_directive_to_the_spreadsheet_is_obeyed_and_counted_as_a_line():
    table = read_table(b"sep=;\r\na,b;c\r\n1;2\r\n")

    assert list(table.numbered()) == [(2, ["a,b", "c"]), (3, ["1", "2"])]


def test_commas_inside_cells_do_not_hide_the_semicolon():
    rows = "\n".join(f"Ким, Анна;ул. Ленина, {i}, кв. 5" for i in range(9))

    assert read_table(f"имя;адрес\n{rows}".encode()).delimiter == ";"


@pytest.mark.parametrize("tail", ["", ";;;"])
def test_whole_lines_saved_into_one_cell_are_cut_again(tail):
    lines = ["Имя,Почта,Вход", '"Ким, Анна",a@example.org,10:00', "Пётр,p@example.org,11:00"]
    folded_lines = ['"' + line.replace('"', '""') + '"' + tail for line in lines]
    table = read_table("\r\n".join(folded_lines).encode())

    assert table.rows[1] == ["Ким, Анна", "a@example.org", "10:00"]
    assert table.numbers == [1, 2, 3]


def test_a_single_folded_line_among_good_ones_is_cut_again():
    data = b'a,b,c,d\n1,2,3,4\n"""Kim, Anna"",2,3,4"\n5,6,7,8\n'

    assert read_table(data).rows[2] == ["Kim, Anna", "2", "3", "4"]


def test_a_list_of_names_with_commas_in_quotation_marks_stays_a_list():
    assert read_table(b'Name\n"Kim, Anna"\n"Sato, John"\n').rows[1] == ["Kim, Anna"]


def test_line_breaks_inside_a_lone_cell_do_not_confuse_the_reader():
    assert read_table(b'a\n"1,2\r3,4"\n"5,6\r\n7,8"\n').rows[1] == ["1,2\n3,4"]


def test_an_unclosed_quotation_mark_is_refused_with_the_row_it_opens_in():
    refused = refusal(b'a,b\n1,2\n"3,4\n5,6\n7,8\n')

    assert (refused.code, refused.row) == ("unclosed_quotation", 3)
    assert read_table(b'a,b\n6" pipe,2\n').rows[1] == ['6" pipe', "2"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf\r\n \r\n", "empty_file"),
        (b",,,\n,,\n", "empty_file"),
        (b"%PDF-1.7 ...", "not_a_table"),
        (b"\x89PNG\r\n\x1a\n....", "not_a_table"),
        (b"<!DOCTYPE html><html><table>", "not_a_table"),
        (bytes(range(1, 32)) * 40, "not_a_table"),
        (b"a" * 26 * 1024 * 1024, "too_many_bytes"),
        (b"a,b\n" + b"x" * 40_000 + b",2\n", "cell_too_long"),
        (b"a,b\n" + b"x" * 140_000 + b",2\n", "cell_too_long"),
        (b",".join([b"a"] * 600), "too_many_columns"),
        (b"a\n" * 100_001, "too_many_rows"),
        (b"PK\x03\x04 not really", "broken_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
    ],
)
def test_what_is_no_table_or_too_much_of_one_is_refused_by_code(data, code):
    assert refusal(data).code == code


def test_a_refusal_speaks_and_knows_its_place():
    refused = refusal(b"a,b\n1," + b"x" * 40_000)

    assert refused.as_json() == {
        "error": "This cell holds more than 32767 characters.",
        "row": 2,
        "column": "2",
    }


def test_workbook_cells_become_text_with_their_row_numbers():
    import datetime as dt  # noqa: PLC0415

    at = dt.datetime(2021, 12, 8, 9, 58)  # noqa: DTZ001
    table = read_table(workbook([[], ["名前", "時刻"], [], ["髙橋", at, 81355550100, 1.5, True]]))

    assert table.numbers == [2, 4]
    assert table.rows[1] == ["髙橋", "2021-12-08 09:58:00", "81355550100", "1.5", "TRUE"]
    assert (table.encoding, table.delimiter, table.sheet) == ("utf-8", None, "一覧")


def test_a_workbook_whose_lines_were_pasted_into_one_column_is_cut_again():
    rows = [["name,mail,at"], ['"Kim, Anna",a@example.org,10:00'], ["Sato,s@example.org,11:00"]]

    assert read_table(workbook(rows)).rows[1] == ["Kim, Anna", "a@example.org", "10:00"]


def test_a_workbook_with_macros_is_refused():
    parts = {"[Content_Types].xml": "<Types/>", "xl/vbaProject.bin": b"x"}

    assert refusal(package(parts)).code == "macros"
    assert refusal(workbook([["a"]]), filename="list.XLSM").code == "macros"


def test_a_protected_workbook_is_refused_by_its_own_reason():
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + "EncryptedPackage".encode("utf-16-le")

    assert refusal(data).code == "encrypted"


def test_another_packed_file_is_no_table():
    assert refusal(package({"word/document.xml": "<w/>"})).code == "not_a_table"


RELATIONS = """<Relationships
 xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1"
 Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
 Target="%s"/></Relationships>"""


@pytest.mark.parametrize("path", ["odd/s.xml", "s.data", "worksheets/s.xml", "theme/theme1.xml"])
def test_a_sheet_that_reaches_the_last_corner_is_refused_wherever_it_lies(path):
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    sheet = (
        f'<worksheet xmlns="{main}"><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{office}"><sheets>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": RELATIONS % path,
        f"xl/{path}": sheet,
    }
    assert refusal(package(parts)).code == "too_many_rows"


def test_a_reader_that_dies_takes_nobody_along(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert refusal(workbook([["a"]])).code == "broken_workbook"


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_opened():
    content = b" " * (workbooks.UNPACKED_BYTES + 1)
    parts = {"[Content_Types].xml": "<Types/>", "xl/worksheets/sheet1.xml": content}

    assert refusal(package(parts)).code == "unpacks_too_large"


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ('<row><c r="A1"><v>1</v></c></row><row><c r="A1048576"><v>1</v></c></row>',
         "too_many_rows"),
        ('<row><c r="A1"><v>1</v></c><c r="XFD1"><v>1</v></c></row>', "too_many_columns"),
        ('<row r="99999"><c r="HA99999" t="inlineStr"><is><t/></is></c></row>',
         "unpacks_too_large"),
    ],
)  # fmt: skip
def test_a_cell_in_the_far_corner_is_refused_before_room_is_made_for_it(cells, code):
    sheet = f"<worksheet><sheetData>{cells}</sheetData></worksheet>"

    assert refusal(book_with_sheet(sheet)).code == code


def test_one_long_text_in_each_of_many_cells_is_refused():
    cells = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 3_000))
    sheet = f"<worksheet><sheetData>{cells}</sheetData></worksheet>"
    shared = f"<sst><si><t>{'x' * 30_000}</t></si></sst>"

    assert refusal(book_with_sheet(sheet, shared)).code == "unpacks_too_large"


def test_a_document_type_in_a_workbook_is_refused():
    sheet = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet><sheetData/></worksheet>'

    assert refusal(book_with_sheet(sheet)).code == "broken_workbook"


def test_a_damaged_workbook_is_refused():
    data = bytearray(workbook([["a", "b"], [1, 2]]))
    middle = len(data) // 3
    data[middle : middle + 40] = b"\x00" * 40

    assert refusal(bytes(data)).code == "broken_workbook"


def test_columns_are_found_by_meaning_under_a_preamble():
    table = read_table(
        "List of 2021\nФ.И.О.,E-Mail ,Прочее\nКим Анна, a@example.org ,x\nПётр\n".encode()
    )
    found = columns(
        table, {"name": {"ФИО", "氏名"}, "email": {"e-mail", "メール"}}, required=["name"]
    )

    assert found.titles == {"name": "Ф.И.О.", "email": "E-Mail"}
    assert [(r.number, r.values, r.others) for r in found.records()] == [
        (3, {"name": "Ким Анна", "email": "a@example.org"}, {"Прочее": "x"}),
        (4, {"name": "Пётр", "email": ""}, {}),
    ]


def test_a_missing_column_is_named():
    table = read_table(b"name,score\nfoo,1\n")
    with pytest.raises(TableRefused) as caught:
        columns(table, {"name": {"name"}, "email": {"mail"}}, required=["email"])
    assert (caught.value.code, caught.value.row, caught.value.column) == (
        "missing_column",
        1,
        "email",
    )
    with pytest.raises(TableRefused) as caught:
        columns(table, {"email": {"mail"}})
    assert caught.value.code == "no_header"


def test_headers_are_compared_without_case_accents_width_and_punctuation():
    assert folded("Ｅ－Ｍａｉｌ： ") == folded("e_mail")
    assert folded("Última Saída") == folded("ultima saida")
    assert folded("ガイド") != folded("カイト")
    assert folded("Имя (настоящее имя)") == "имянастоящееимя".replace("й", "и")


def test_guards_of_other_programs_are_taken_off():
    assert plain('="007"') == "007"
    assert plain('="a ""b"""') == 'a "b"'
    assert plain("'+7 912") == "+7 912"
    assert plain("'quoted'") == "'quoted'"


def roster_files():
    encodings = {
        "roster_utf8.csv": "utf-8",
        "roster_cp932.csv": "cp932",
        "roster_cp1251_semicolon.csv": "cp1251",
        "roster.xlsx": "utf-8",
    }
    return [(ROSTER / name, codec) for name, codec in encodings.items() if (ROSTER / name).exists()]


def test_each_roster_file_is_read_in_its_own_encoding():
    for path, codec in roster_files():
        table = read_table(path.read_bytes(), path.name)
        emails = [r.values["email"] for r in columns(table, {"email": {"email"}}).records()]

        assert table.encoding == codec
        assert all("@" in email for email in emails)
        assert {len(row) for row in table.rows} == {len(table.rows[0])}
