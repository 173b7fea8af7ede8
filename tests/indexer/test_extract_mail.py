"""Messages and mailboxes."""

import os
from email.message import EmailMessage
from pathlib import Path

from indexer.document import Document, Kind
from indexer.extract import Limits, extract

LIMITS = Limits()


def message(subject: str, body: str, sender: str = "Ada <ada@example.org>") -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, sender, "kurt@example.org"
    mail.set_content(body)
    return mail


def text_of(document: Document) -> str:
    return "\n".join(chunk.text for chunk in document.chunks)


def test_a_message_gives_headers_body_and_names_of_attachments(tmp_path: Path) -> None:
    mail = message("Grüße aus dem Hafen", "Die Boote bleiben im Winter im Hafen.")
    mail.add_alternative("<p>Die <b>Boote</b></p>", subtype="html")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="Liegeplätze.pdf")
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    document = extract(tmp_path / "a.eml", LIMITS)
    assert (document.kind, document.title, document.language) == (Kind.MAIL, "Grüße aus dem Hafen", "de")
    text = text_of(document)
    assert "From: Ada <ada@example.org>" in text
    assert "Die Boote bleiben im Winter im Hafen." in text
    assert "Attachments: Liegeplätze.pdf" in text
    assert "<b>" not in text


def test_a_message_in_html_alone_is_read(tmp_path: Path) -> None:
    mail = message("Boats", "")
    mail.set_content("<html><body><h1>Winter</h1><p>Boats stay in.</p></body></html>", subtype="html")
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    assert "Boats stay in." in text_of(extract(tmp_path / "a.eml", LIMITS))


def test_messages_of_a_mailbox_are_parts(tmp_path: Path) -> None:
    mails = [
        message("Boats", "The boats stay in.\n>From here on."),
        message("", "No subject."),
        message("Nets", "Dry."),
    ]
    content = "".join(f"From ada@example.org Mon Jan  1 00:00:00 2024\n{mail.as_string()}\n" for mail in mails)
    (tmp_path / "Inbox").write_text(content)
    document = extract(tmp_path / "Inbox", LIMITS)
    assert document.kind is Kind.MAIL
    assert [chunk.part for chunk in document.chunks] == ["message 1: Boats", "message 2", "message 3: Nets"]
    assert document.chunks[0].context == "Boats"
    assert "The boats stay in." in document.chunks[0].text


def test_a_mailbox_is_never_opened_for_writing(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    path.write_text(f"From ada@example.org Mon Jan  1 00:00:00 2024\n{message('Boats', 'In.').as_string()}\n")
    path.chmod(0o400)
    before = os.stat(path)
    extract(path, LIMITS)
    assert os.stat(path).st_mtime_ns == before.st_mtime_ns


def test_broken_messages_are_read_as_far_as_they_go(tmp_path: Path) -> None:
    for number, content in enumerate(
        [
            b"Subject: =?utf-8?q?=ff?=\nContent-Type: text/plain; charset=no-such\n\nBoats stay in.",
            b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nBoats stay in.",
            b"From: \x00<\xff@>\nTo: ,,,;:<<\nDate: never\nContent-Transfer-Encoding: base64\n\n!!!",
            b"Content-Type: text/html; charset=utf-8\nContent-Disposition: inline; filename*=a''%FF\n\n<p>y",
        ]
    ):
        path = tmp_path / f"{number}.eml"
        path.write_bytes(content)
        text_of(extract(path, LIMITS)).encode()
