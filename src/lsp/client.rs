//! What the editor can do, and where it is.

use lsp_types::{InitializeParams, InsertTextMode};
use std::path::PathBuf;

/// What the editor can do.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Client {
    /// It takes texts with stops at which one goes on typing.
    pub(super) takes_stops: bool,
    /// It leaves the indents of lines as they are.
    pub(super) takes_indents: bool,
}

impl Client {
    pub(super) fn of(params: &InitializeParams) -> Self {
        let text = params.capabilities.text_document.as_ref();
        let completion = text.and_then(|text| text.completion.as_ref());
        let item = completion.and_then(|completion| completion.completion_item.as_ref());
        let modes = item.and_then(|item| item.insert_text_mode_support.as_ref());
        Self {
            takes_stops: item.and_then(|item| item.snippet_support) == Some(true),
            takes_indents: modes.is_some_and(|modes| modes.value_set.contains(&InsertTextMode::AS_IS)),
        }
    }
}

/// The folder that the editor shows, where it shows one.
#[expect(deprecated, reason = "older editors say it in no other way")]
pub(super) fn folder(params: &InitializeParams) -> Option<PathBuf> {
    let first = params.workspace_folders.iter().flatten().next();
    let uri = first.map(|folder| &folder.uri).or(params.root_uri.as_ref())?;
    super::text::path(uri)
}
