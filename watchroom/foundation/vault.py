"""Where do files that somebody handed in lie? Below the state folder, a folder for each force, each written once and never again.

Bytes are hashed and written as they come, under a name that is drawn by lot: the sender's name and type touch no path. A file
becomes part of the vault only by `keep`, after it was judged; what was not kept is thrown away. Which file belongs to which
record, and what it is called, stands in a table of the room.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from watchroom.foundation import scope
from watchroom.foundation.errors import Refused

HEAD = 64  # bytes of the beginning, by which a kind of file is told
CHUNK = 64 * 1024
TOKEN = re.compile(r"[0-9a-f]{32}").fullmatch


def folder() -> Path:
    """Of the force in scope."""
    return Path(settings.WATCHROOM_DATA) / "files" / scope.require()


def path_of(token: str) -> Path:
    if not TOKEN(token):
        raise ValueError("No file of the vault is called so.")
    return folder() / token[:2] / token


class Incoming(UploadedFile):
    """A file on its way: its size and SHA-256 so far, and its first bytes. Beyond `most` bytes nothing more is written."""

    def __init__(self, given_name: str, most: int) -> None:
        super().__init__(name="incoming", size=0)  # the base class would clean the name; nothing here uses one
        self.given_name, self.most = given_name, most
        self.head, self.is_kept = b"", False
        self._hash = hashlib.sha256()
        self.token = secrets.token_hex(16)
        self.path = folder() / "incoming" / self.token
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._out = os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    @property
    def is_too_large(self) -> bool:
        return (self.size or 0) > self.most

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def take(self, data: bytes) -> None:
        self.size = (self.size or 0) + len(data)
        if self.is_too_large:
            return
        self.head = (self.head + data)[:HEAD] if len(self.head) < HEAD else self.head
        self._hash.update(data)
        self._out.write(data)

    def finish(self) -> None:
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()

    def keep(self) -> str:
        """Its place for ever, under its token. Raises FileExistsError rather than replace anything."""
        target = path_of(self.token)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.chmod(self.path, 0o400)
        os.link(self.path, target)
        _sync(target.parent)
        self.is_kept = True
        return self.token

    def undo(self) -> None:
        """The act that kept it was not carried out after all: no row names it."""
        if self.is_kept:
            path_of(self.token).unlink(missing_ok=True)

    def discard(self) -> None:
        """Away with the copy on its way in; what was kept stays."""
        if not self._out.closed:
            self._out.close()
        self.path.unlink(missing_ok=True)


def read(token: str, *, sha256: str) -> Path:
    """The path of a kept file whose bytes are still those that were handed in. Raises Refused when they are gone or others."""
    path = path_of(token)
    if not path.is_file():
        raise Refused("The bytes of this file are not kept here any more. Its line, its size and its digest are.")
    found = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            found.update(data)
    if found.hexdigest() != sha256:
        raise Refused(
            "The bytes of this file are not the ones that were handed in. Tell whoever runs Watchroom; it is not given out."
        )
    return path


def sealed_off(response: HttpResponseBase) -> None:
    """What is given out of the vault: nothing in it may run, load or be guessed to be something else."""
    response["Content-Security-Policy"] = (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox"
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


# --- from a form


class Handler(FileUploadHandler):
    """Takes the file of a form as it comes, in place of Django's, which keep it in memory or under /tmp."""

    chunk_size = CHUNK

    def __init__(self, request: HttpRequest, most: int) -> None:
        super().__init__(request)
        self.most, self.incoming = most, list[Incoming]()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = Incoming(self.file_name or "", self.most if not self.incoming else 0)  # one file a form
        self.incoming.append(self.file)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.file.take(raw_data)

    def file_complete(self, file_size: int) -> Incoming:
        self.file.finish()
        return self.file

    def undo(self) -> None:
        for one in self.incoming:
            one.undo()

    def discard(self) -> None:
        for one in self.incoming:
            one.discard()


def streamed(most: Callable[[], int]) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """A view whose form brings a file of up to `most()` bytes. Put it below `needs`: nothing is read of who may not send.

    The form's token is checked here and not before, since looking for it reads the body.
    """

    def declare(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def taking(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            handler = Handler(request, most())
            request.upload_handlers = [handler]
            try:
                return csrf_protect(view)(request, *args, **kwargs)
            except Exception:
                handler.undo()
                raise
            finally:
                handler.discard()

        return taking

    return declare
