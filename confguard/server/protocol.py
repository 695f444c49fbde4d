"""What the server knows, in the types of the Language Server Protocol, and the other way round."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from lsprotocol import types
from pygls.uris import to_fs_path

from confguard.server.actions import Action
from confguard.server.definition import Target
from confguard.server.hover import Hover
from confguard.server.inlay import Hint
from confguard.server.notes import DEPRECATED, UNNECESSARY, WAIVED, Note
from confguard.server.texts import Place, Stretch
from confguard.words.finding import ERROR, INFO, WARNING

SOURCE = "confguard"
_SEVERITIES = {
    ERROR: types.DiagnosticSeverity.Error,
    WARNING: types.DiagnosticSeverity.Warning,
    INFO: types.DiagnosticSeverity.Information,
    WAIVED: types.DiagnosticSeverity.Hint,
}
_TAGS = {DEPRECATED: types.DiagnosticTag.Deprecated, UNNECESSARY: types.DiagnosticTag.Unnecessary}


class Uris:
    """The URIs of files: the editor's own for those that it has opened, however it spells them."""

    def __init__(self) -> None:
        self.opened: dict[str, str] = {}

    def path(self, uri: str) -> str | None:
        """The real path of a file; None for what is none on this machine."""
        try:
            path = to_fs_path(uri.replace(";", "%3B")) if uri.startswith("file:") else None  # pygls takes what follows a `;` off a name
        except ValueError:  # no URI at all, such as `file://[`
            return None
        return os.path.realpath(path) if path and os.path.isabs(path) and "\0" not in path else None

    def open(self, uri: str) -> str | None:
        """The same for a file that was opened."""
        path = self.path(uri)
        if path is not None:
            self.opened[path] = uri
        return path

    def of(self, path: str) -> str:
        """The URI of a file."""
        return self.opened.get(path) or Path(path).as_uri()


def to_place(position: types.Position) -> Place:
    """A place that the editor names."""
    return Place(position.line, position.character)


def to_stretch(at: types.Range) -> Stretch:
    """A stretch that the editor names."""
    return Stretch(to_place(at.start), to_place(at.end))


def to_changes(changes: Iterable[types.TextDocumentContentChangeEvent]) -> list[tuple[Stretch | None, str]]:
    """Changes of a text, by stretch or as a whole."""
    return [
        (to_stretch(change.range) if isinstance(change, types.TextDocumentContentChangePartial) else None, change.text)
        for change in changes
    ]


def range_of(at: Stretch) -> types.Range:
    """A stretch as the editor names it."""
    return types.Range(types.Position(*at.start), types.Position(*at.end))


def diagnostic_of(note: Note, uris: Uris) -> types.Diagnostic:
    """A note as the editor lists it."""
    related = [
        types.DiagnosticRelatedInformation(types.Location(uris.of(other.file), range_of(other.at)), other.message) for other in note.related
    ]
    return types.Diagnostic(
        range_of(note.at),
        note.message,
        _SEVERITIES[note.severity],
        note.code or None,
        source=SOURCE,
        tags=[_TAGS[note.tag]] if note.tag else None,
        related_information=related or None,
    )


def hover_of(found: Hover | None) -> types.Hover | None:
    """A hover."""
    if found is None:
        return None
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, found.markdown), range_of(found.at))


def location_of(target: Target | None, uris: Uris) -> types.Location | None:
    """Where a key leads."""
    return types.Location(uris.of(target.file), range_of(target.at)) if target is not None else None


def inlay_of(hint: Hint) -> types.InlayHint:
    """A few words behind a value."""
    return types.InlayHint(types.Position(*hint.at), hint.label, padding_left=True)


def action_of(action: Action, uri: str, version: int | None, uris: Uris) -> types.CodeAction:
    """An action; with a version, its edits are for that text alone. The diagnostic is the one that was published."""
    edits = [types.TextEdit(range_of(edit.at), edit.text) for edit in action.edits]
    if version is None:
        edit = types.WorkspaceEdit(changes={uri: edits})
    else:
        document = types.OptionalVersionedTextDocumentIdentifier(uri, version)
        edit = types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(document, list(edits))])
    return types.CodeAction(
        action.title,
        kind=action.kind,
        diagnostics=[diagnostic_of(action.note, uris)] if action.note else None,
        is_preferred=action.is_preferred or None,
        edit=edit,
    )
