"""Opening roster files: every kind that schools send, every kind that they should not."""

import io
import struct
import zipfile

import pytest
import xlwt

from services.registry.rosters import limits
from services.registry.rosters.files import open_sheets
from services.registry.rosters.ole import measure_xls
from services.registry.rosters.packages import measure_xlsx
from shared.kernel.refusals import Refusal
from tests.unit.rosters.papers import grid, pupil, workbook

TABLE = "姓名,性别,身份证号\n苏㛃,女,无\n"


def refusal(data):
    with pytest.raises(Refusal) as refused:
        open_sheets(data)
    return refused.value


def xls(cells, formulas=()):
    book = xlwt.Workbook()
    sheet = book.add_sheet("一年级")
    for (row, column), value in cells.items():
        sheet.write(row, column, value)
    for row, column in formulas:
        sheet.write(row, column, xlwt.Formula("1+1"))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def repacked(data, name, change):
    """The package with one part changed."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.namelist():
            content = old.read(entry)
            new.writestr(entry, change(content) if entry == name else content)
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_text_files_are_read_in_the_encodings_that_offices_use(encoding):
    sheets = open_sheets(TABLE.encode(encoding))

    assert sheets.kind == "csv"
    assert sheets.sheets[0].rows == (("姓名", "性别", "身份证号"), ("苏㛃", "女", "无"))


@pytest.mark.parametrize("sign", ["\t", ";", "，"])
def test_cells_may_be_parted_by_other_signs(sign):
    sheets = open_sheets(TABLE.replace(",", sign).encode())

    assert sheets.sheets[0].rows[1] == ("苏㛃", "女", "无")


def test_rows_and_columns_count_as_a_person_sees_them():
    sheet = open_sheets(grid([[], ["", "姓名"]])).sheets[0]

    assert sheet.value(2, 2) == "姓名"
    assert sheet.value(1, 1) == sheet.value(9, 9) == ""


def test_an_xls_file_is_read_with_its_formulas():
    sheet = open_sheets(xls({(0, 0): "姓名", (300, 5): 7.0}, [(1, 1)])).sheets[0]

    assert (sheet.name, sheet.value(301, 6), sheet.formulas) == ("一年级", 7.0, {(2, 2)})


def test_a_large_xls_file_is_followed_through_its_sectors():
    sheet = open_sheets(xls({(row, 0): f"名字{row}" * 20 for row in range(3000)}, [(2999, 1)])).sheets[0]

    assert len(sheet.rows) == 3000
    assert sheet.formulas == {(3000, 2)}


def test_an_xlsx_file_tells_which_cells_hold_formulas():
    data = workbook({"六年级": [pupil(1)]}, formulas={("六年级", 4, 1): ("=A1", "李四")})

    assert [sheet.formulas for sheet in open_sheets(data).sheets] == [frozenset(), {(5, 2)}]


def test_a_hidden_sheet_is_known_as_one():
    data = workbook({"六年级": [pupil(1)], "旧": [pupil(2)]}, hidden={"旧"})

    assert [sheet.hidden for sheet in open_sheets(data).sheets] == [False, False, True]


@pytest.mark.parametrize("data", [b"", b"  \r\n", b"\xef\xbb\xbf", b"\x00" * 100, b",,\n,,\n", grid([])])
def test_an_empty_file_is_refused(data):
    assert refusal(data).code == "registry.roster_empty"


@pytest.mark.parametrize(
    ("data", "looks_like"),
    [
        (b"%PDF-1.7 ...", "pdf"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"Rar!\x1a\x07", "archive"),
        (b"<html><table><tr><td>x</td></tr></table></html>", "web_page"),
        ('<?xml version="1.0"?><a/>'.encode("utf-16"), "web_page"),
        (b"PK\x03\x04 not a zip", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "damaged"),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00\xff\xfe\xfd", "binary"),
        (b"name\x07\x02,b\n", "binary"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_by_what_it_looks_like(data, looks_like):
    found = refusal(data)

    assert (found.code, found.facts) == ("registry.roster_not_a_spreadsheet", {"looks_like": looks_like})


def test_a_zip_of_something_else_is_no_spreadsheet():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")

    assert refusal(target.getvalue()).facts == {"looks_like": "document"}


def test_text_in_an_unknown_encoding_is_refused():
    assert refusal(b"\xff\xff\xff\xff,\xff\n").code == "registry.roster_text_unreadable"


def test_a_file_of_two_hundred_megabytes_is_refused_before_anything_else():
    found = refusal(b"x" * (limits.MOST_BYTES + 1))

    assert (found.code, found.facts["most"]) == ("registry.roster_too_large", limits.MOST_BYTES)


def test_a_workbook_cut_off_in_the_middle_is_damaged():
    data = workbook({"六年级": [pupil(number) for number in range(50)]})

    assert refusal(data[: len(data) // 2]).facts == {"looks_like": "damaged"}


def test_broken_xml_is_damaged():
    data = repacked(grid([["姓名"]]), SHEET, lambda content: content[:-20])

    assert refusal(data).facts == {"looks_like": "damaged"}


def test_an_encoding_that_nobody_knows_is_damaged():
    data = repacked(grid([["姓名"]]), SHEET, lambda content: content.replace(b"UTF-8", b"UGF-8"))

    assert refusal(data).facts == {"looks_like": "damaged"}


def test_a_document_type_declaration_is_refused():
    entities = b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet'
    data = repacked(grid([["姓名"]]), SHEET, lambda content: content.replace(b"<worksheet", entities, 1))

    assert refusal(data).facts == {"looks_like": "damaged"}


def test_a_zip_bomb_is_refused():
    data = repacked(grid([["姓名"]]), SHEET, lambda content: content + b" " * (64 << 20))

    assert refusal(data).code == "registry.roster_inflates"


def test_a_zip_bomb_that_lies_about_its_size_is_refused():
    data = repacked(grid([["姓名"]]), SHEET, lambda content: content + b" " * (64 << 20))
    true_size = struct.pack(
        "<I", next(e.file_size for e in zipfile.ZipFile(io.BytesIO(data)).infolist() if e.filename == SHEET)
    )

    lied = data.replace(true_size, struct.pack("<I", 1000))

    assert refusal(lied).code == "registry.roster_inflates"


def test_a_package_that_says_it_is_huge_is_refused_before_it_is_inflated():
    data = grid([["姓名"]])
    central = data.index(b"PK\x01\x02")

    huge = data[: central + 24] + struct.pack("<I", 3 << 30) + data[central + 28 :]

    assert refusal(huge).code == "registry.roster_inflates"


def test_a_package_of_countless_entries_is_refused():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for number in range(limits.MOST_ENTRIES + 1):
            archive.writestr(f"xl/{number}", "")

    assert refusal(target.getvalue()).code == "registry.roster_inflates"


def test_one_long_text_in_countless_cells_is_a_bomb_too(monkeypatch):
    monkeypatch.setattr("services.registry.rosters.packages.MOST_INFLATED", 3_000_000)

    found = refusal(grid([["姓名", *["长" * 30_000] * 200]]))

    assert found.code == "registry.roster_inflates"


def test_a_long_text_that_is_used_once_is_none(monkeypatch):
    monkeypatch.setattr("services.registry.rosters.packages.MOST_INFLATED", 3_000_000)

    rows = [["姓名", "长" * 30_000], *[["短"] * 20 for _ in range(20)]]

    assert open_sheets(grid(rows)).sheets[0].value(1, 1) == "姓名"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (b'<c r="A1048576" t="n"><v>1</v></c>', "registry.roster_too_many_rows"),
        (b"<c t='n' r='XFD2'><v>1</v></c>", "registry.roster_too_many_columns"),
        (b'<c x="&gt;>" r="XFD1048576"><v>1</v></c>', "registry.roster_too_many_rows"),
        (b'<c r="IU199000"><is><t>x</t></is></c>', "registry.roster_too_many_cells"),
        (b"<c><v>1</v></c>" * 300, "registry.roster_too_many_columns"),
        (b'</row><row r="300000"><c><v>1</v></c>', "registry.roster_too_many_rows"),
        (b'</row><row r="199999"/><row/><row><c><v>1</v></c>', "registry.roster_too_many_rows"),
        (b'<c r="A\xc2\xb2"><v>1</v></c>', "registry.roster_not_a_spreadsheet"),
    ],
)
def test_a_cell_far_out_is_refused_before_memory_is_taken(cell, code):
    row = b'<row r="1">' + cell + b"</row></sheetData>"
    data = repacked(grid([["姓名"]]), SHEET, lambda content: content.replace(b"</sheetData>", row))

    with pytest.raises(Refusal) as refused:
        measure_xlsx(data)
    assert refused.value.code == code


def test_formatted_blanks_far_down_do_no_harm():
    row = b'<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    data = repacked(grid([["姓名"]]), SHEET, lambda content: content.replace(b"</sheetData>", row))

    assert len(open_sheets(data).sheets[0].rows) == 1


def test_an_xls_cell_far_out_is_refused_before_memory_is_taken():
    with pytest.raises(Refusal) as refused:
        measure_xls(xls({(65_535, 255): "x"}))

    assert refused.value.code == "registry.roster_too_many_cells"


@pytest.mark.parametrize(
    ("mark", "offset", "claim"),
    [
        pytest.param(b"\x00\x02\x0e\x00", 8, 0x7FFFFFFF, id="rows of a sheet"),
        pytest.param(b"\xfc\x00", 8, 0x0FFFFFFF, id="shared texts"),
        pytest.param("Workbook".encode("utf-16-le"), 120, 0x7FFFFFFF, id="bytes of a stream"),
    ],
)
def test_an_xls_file_that_claims_more_than_it_can_hold_is_damaged(mark, offset, claim):
    data = bytearray(xls({(row, 0): f"名字{row}" * 20 for row in range(100)}))
    struct.pack_into("<I", data, data.rindex(mark) + offset, claim)

    with pytest.raises(Refusal) as refused:
        measure_xls(bytes(data))
    assert refused.value.facts == {"looks_like": "damaged"}


def test_an_encrypted_package_is_named():
    data = bytearray(grid([["姓名"]]))
    central = data.index(b"PK\x01\x02")
    data[central + 8] |= 1

    assert refusal(bytes(data)).code == "registry.roster_encrypted"


def test_an_encrypted_xls_file_is_named():
    data = xls({(0, 0): "姓名"})
    # The record after the first (BOF, 20 bytes with its header) becomes FILEPASS.
    begin = data.index(b"\x09\x08\x10\x00") + 20

    assert refusal(data[:begin] + b"\x2f\x00" + data[begin + 2 :]).code == "registry.roster_encrypted"


def test_a_workbook_under_a_password_is_named():
    data = xls({(0, 0): "姓名"})
    name, other = "Workbook".encode("utf-16-le"), "EncryptedPackage".encode("utf-16-le")
    at = data.index(name)
    entry = other + b"\x00" * (64 - len(other)) + struct.pack("<H", len(other) + 2)

    assert refusal(data[:at] + entry + data[at + 66 :]).code == "registry.roster_encrypted"


def test_a_chain_of_sectors_that_runs_in_a_circle_ends():
    data = bytearray(xls({(row, 0): f"名字{row}" * 20 for row in range(500)}))
    table = (struct.unpack_from("<I", data, 76)[0] + 1) * 512
    for sector in range(128):
        struct.pack_into("<I", data, table + 4 * sector, sector)

    assert refusal(bytes(data)).facts == {"looks_like": "damaged"}
