"""The file that says what became of each row."""

import io
import zipfile

import pytest

from services.registry.rosters.files import open_sheets
from services.registry.rosters.problems import Problem
from services.registry.rosters.result import RowResult, write_result_csv, write_result_xlsx

RESULTS = [
    RowResult("一年级", 5, "苏㛃", "registered"),
    RowResult("一年级", 6, "=1+1", "refused", [Problem("roster.formula_text", "一年级", 6, "B", "=…")]),
    RowResult(
        "一年级",
        7,
        "曾䶮",
        "refused",
        [
            Problem("roster.identity_length", "一年级", 7, "F", "4399**", {"length": 17}),
            Problem("roster.name_missing", "一年级", 7, "B"),
        ],
    ),
]


def translate(code, facts):
    return f"{code} {sorted(facts.items())}" if facts else code


def written(write):
    target = io.BytesIO()
    write(target, RESULTS, translate)
    return target.getvalue()


@pytest.mark.parametrize("write", [write_result_xlsx, write_result_csv])
def test_each_row_says_what_happened_and_each_problem_why(write):
    sheet = open_sheets(written(write)).sheets[0]

    assert [str(cell) for cell in sheet.rows[0]] == [f"roster.result.{column}" for column in (
        "sheet", "row", "name", "outcome", "column", "reason")]  # fmt: skip
    assert len(sheet.rows) == 5
    assert sheet.rows[1][3] == "roster.outcome.registered"
    assert sheet.rows[3][4:] == ("F", "roster.identity_length [('length', 17), ('value', '4399**')]")
    assert sheet.rows[4][4:] == ("B", "roster.name_missing [('value', '')]")


def test_a_name_that_looks_like_a_formula_stays_a_text():
    sheet = open_sheets(written(write_result_xlsx)).sheets[0]

    assert sheet.rows[2][2] == "=1+1"
    assert sheet.formulas == frozenset()
    with zipfile.ZipFile(io.BytesIO(written(write_result_xlsx))) as package:
        assert b'quotePrefix="1"' in package.read("xl/styles.xml")
    assert "'=1+1" in written(write_result_csv).decode("utf-8-sig")


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "＝"])
def test_no_text_in_a_csv_file_begins_like_a_formula(start):
    target = io.BytesIO()
    write_result_csv(target, [RowResult("一", 1, f"{start}x", "refused")], translate)

    assert f"'{start}x" in target.getvalue().decode("utf-8-sig")


def test_a_csv_file_carries_the_mark_that_spreadsheet_programs_need():
    assert written(write_result_csv).startswith(b"\xef\xbb\xbf")


def test_a_file_without_any_row_still_has_its_headings():
    target = io.BytesIO()
    write_result_xlsx(target, [], translate)

    assert len(open_sheets(target.getvalue()).sheets[0].rows) == 1
