"""What is handed in …"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.errors import InvalidInput, TooLarge
from missions.handed_in import HandedIn, checked
from missions.plain_text import file_name
from missions.tests.world import pdf
from missions.uploads import offered_type


def check(text: str = "", links: list[str] | None = None, files: list[Any] | None = None) -> HandedIn:
    return checked(text=text, links=links or [], files=files or [])


@pytest.mark.parametrize(
    "content", [{"text": "x"}, {"links": ["http://a.example"]}, {"files": [pdf()]}], ids=lambda c: next(iter(c))
)
def test_needs_one_of_text_link_and_file(content: dict[str, Any]) -> None:
    assert check(**content)


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_may_not_be_nothing(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(text)

    assert refused.value.code == "nothing_handed_in"


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_has_only_text_that_can_be_stored(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(text)

    assert list(refused.value.fields) == ["text"]


def test_has_at_most_fifty_thousand_characters() -> None:
    assert check("x" * 50_000).text == "x" * 50_000
    with pytest.raises(InvalidInput) as refused:
        check("x" * 50_001)

    assert list(refused.value.fields) == ["text"]


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "ftp://files.example/a",
        "https://",
        "//git.example/a",
        "git.example",
        "https://git.example/a b",
        "https://git.example/\x00",
        "https://git.example/\u202egpj.exe",
        "https://[broken",
        "https://git.example/" + "x" * 2_000,
    ],
)
def test_links_to_the_web_alone(link: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(links=["https://git.example/mina", link])

    assert refused.value.fields == {"links": ["Link 2 is not a web address."]}


def test_has_at_most_twenty_links() -> None:
    assert len(check(links=["https://git.example"] * 20).links) == 20
    with pytest.raises(InvalidInput):
        check(links=["https://git.example"] * 21)


def test_has_no_empty_file() -> None:
    with pytest.raises(InvalidInput) as refused:
        check("Text too.", files=[pdf("void.pdf", b"")])

    assert refused.value.fields == {"files": ["void.pdf is empty."]}


def test_has_no_file_over_the_limit(settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 4
    assert check(files=[pdf(content=b"1234")])
    with pytest.raises(TooLarge) as refused:
        check(files=[pdf("fits.pdf", b"1234"), pdf("big.pdf", b"12345")])

    assert refused.value.fields == {"files": ["big.pdf is too large."]}


def test_has_no_more_files_than_allowed(settings: Any) -> None:
    settings.UPLOAD_MAX_FILES = 2
    assert len(check(files=[pdf(), pdf()]).files) == 2
    with pytest.raises(InvalidInput) as refused:
        check(files=[pdf(), pdf(), pdf()])

    assert refused.value.fields == {"files": ["Give at most 2 files."]}


@pytest.mark.parametrize(
    ("given", "offered"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\mina\\notes.txt", "notes.txt"),
        ("a\x00b\x07c.txt", "abc.txt"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("line\nbreak\u2028here.txt", "line break here.txt"),
        ("  spaces\u00a0 and   tabs\t.txt ", "spaces and tabs .txt"),
        ("..", "file"),
        ("", "file"),
        ("u\u0308bung.md", "übung.md"),
        ("x" * 300 + ".csv", "x" * 196 + ".csv"),
        ("y" * 300, "y" * 200),
    ],
)
def test_has_file_names_that_show_what_they_are(given: str, offered: str) -> None:
    assert file_name(given) == offered


def test_goes_under_the_cleaned_file_names() -> None:
    content = check(files=[SimpleUploadedFile("bad\u202ename.pdf", b"x", "application/pdf")])

    assert [name for name, _ in content.files] == ["badname.pdf"]


@pytest.mark.parametrize(
    ("declared", "offered"),
    [
        ("application/pdf", "application/pdf"),
        ("Text/Plain; charset=utf-8", "text/plain"),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("", "application/octet-stream"),
        (None, "application/octet-stream"),
    ],
)
def test_is_offered_under_harmless_types(declared: str | None, offered: str) -> None:
    assert offered_type(declared) == offered
