//! Something that an editor can offer to type.

use super::client::Client;
use super::typing::Typing;
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, InsertTextFormat, InsertTextMode,
    MarkupContent, MarkupKind, Range, TextEdit,
};

/// Something to type.
#[derive(Debug, Clone)]
pub(super) struct Offer {
    pub(super) label: String,
    detail: String,
    kind: CompletionItemKind,
    /// What is typed, where it is not the label.
    put: Option<String>,
    /// What it means, in Markdown.
    about: Option<String>,
    /// Whether what is typed has stops, as the protocol writes them.
    has_stops: bool,
}

impl Offer {
    pub(super) fn new(kind: CompletionItemKind, label: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            detail: detail.into(),
            kind,
            put: None,
            about: None,
            has_stops: false,
        }
    }

    /// A value of a list or table.
    pub(super) fn value(label: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(CompletionItemKind::VALUE, label, detail)
    }

    pub(super) fn putting(self, put: impl Into<String>) -> Self {
        Self {
            put: Some(put.into()),
            ..self
        }
    }

    pub(super) fn about(self, about: impl Into<String>) -> Self {
        Self {
            about: Some(about.into()),
            ..self
        }
    }

    /// The same, where what is typed has stops.
    pub(super) fn with_stops(self) -> Self {
        Self {
            has_stops: true,
            ..self
        }
    }

    /// What is typed.
    pub(super) fn text(&self) -> &str {
        self.put.as_deref().unwrap_or(&self.label)
    }

    /// The same for an editor: at a place of the text, as the one that is at a place in the list.
    pub(super) fn item(self, range: Range, place: usize, typing: &Typing, client: Client) -> CompletionItem {
        let mut put = self.text().to_owned();
        // What is between quotes already needs none of its own.
        let inner = put.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
        if let Some(inner) = inner.filter(|inner| typing.quoted && !inner.contains(['"', '\\'])) {
            put = inner.to_owned();
        }
        let several = put.contains('\n');
        let documentation = self.about.map(|value| {
            let kind = MarkupKind::Markdown;
            Documentation::MarkupContent(MarkupContent { kind, value })
        });
        CompletionItem {
            text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(range, put))),
            // What is typed so far is a beginning of the label, also where what is put has quotes.
            filter_text: Some(self.label.clone()),
            label: self.label,
            detail: (!self.detail.is_empty()).then_some(self.detail),
            kind: Some(self.kind),
            documentation,
            sort_text: Some(format!("{place:04}")),
            insert_text_format: self.has_stops.then_some(InsertTextFormat::SNIPPET),
            insert_text_mode: (several && client.takes_indents).then_some(InsertTextMode::AS_IS),
            ..CompletionItem::default()
        }
    }
}
