"""The documents that responses link to: small but real PDFs, served without a key, like a storage service does."""

from collections.abc import Sequence

from lago_async.sandbox._state.store import Store

PDF_TYPE = "application/pdf"
_PREFIX = "/files/"


def make(store: Store, name: str, lines: Sequence[str]) -> None:
    """Create a document of some lines."""
    store.files[name] = list(lines)


def url(store: Store, name: str) -> str:
    """Return the URL of a document."""
    return f"{store.url}{_PREFIX}{name}"


def upload(store: Store, name: str, content: bytes, content_type: str) -> None:
    """Keep a document that a request contains."""
    store.uploads[name] = (content, content_type)


def find(store: Store, raw_path: str) -> tuple[bytes, str] | None:
    """Return the document at a path and its type, if there is one."""
    if not raw_path.startswith(_PREFIX):
        return None
    name = raw_path.removeprefix(_PREFIX)
    lines = store.files.get(name)
    return store.uploads.get(name) if lines is None else (pdf(lines), PDF_TYPE)


def _text(line: str) -> str:
    return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def pdf(lines: Sequence[str]) -> bytes:
    """Return a PDF with one page of these lines."""
    shown = " T* ".join(f"({_text(line)}) Tj" for line in lines)
    content = f"BT /F1 12 Tf 16 TL 72 770 Td {shown} ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources 6 0 R >>",
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Font << /F1 5 0 R >> >>",
    ]
    document = b"%PDF-1.4\n"
    offsets: list[int] = []
    for number, item in enumerate(objects, start=1):
        offsets.append(len(document))
        document += b"%d 0 obj\n%b\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    count = len(objects) + 1
    return document + (
        b"xref\n0 %d\n0000000000 65535 f \n%btrailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (count, table, count, len(document))
    )
