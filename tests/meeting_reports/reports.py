"""Reading a report in a test in one call, and looking at what came out of it."""

import pytest

from harpevents.meeting_reports import ParsedReport, ReportRefused, parse_report

HEADER = "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest"


def parse(text, filename="report.csv", encoding="utf-8-sig", **kwargs) -> ParsedReport:
    return parse_report(text.encode(encoding), filename, **kwargs)


def refusal(data, filename="report.csv", **kwargs) -> ReportRefused:
    with pytest.raises(ReportRefused) as caught:
        parse_report(data, filename, **kwargs)
    return caught.value


def brief(report):
    return {p.key: (p.total_minutes, p.union_seconds) for p in report.people}


def ignored(report):
    return [(one.row, one.reason) for one in report.ignored]


def person(report, key):
    return next(person for person in report.people if person.key == key)
