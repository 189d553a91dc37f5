//! Texts that labels point into.
//!
//! Promises: spans are bytes, positions are one-based lines and columns in characters, and both stay valid for any
//! text; a span outside the text is clamped. Secrets are the business of whoever adds a text: what is added here may
//! be printed.

use crate::text::plain::clean;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Bytes of a text, the end excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// First byte behind.
    pub end: u32,
}

impl Span {
    /// A span between two byte offsets. Offsets beyond 4 GiB are clamped; no text of that size is ever read.
    pub fn new(start: usize, end: usize) -> Self {
        let clamp = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        Self {
            start: clamp(start),
            end: clamp(end.max(start)),
        }
    }

    /// The same as a range of indices.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether it covers no byte.
    pub fn is_empty(self) -> bool {
        self.start >= self.end
    }

    /// Number of bytes covered.
    pub fn len(self) -> usize {
        (self.end.saturating_sub(self.start)) as usize
    }
}

/// A place for people and editors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// A named text with its line starts.
#[derive(Debug, Clone)]
pub struct SourceFile {
    name: Arc<str>,
    text: Arc<str>,
    lines: Arc<[u32]>,
}

impl SourceFile {
    /// A text under the name that is shown to people.
    pub fn new(name: Arc<str>, text: Arc<str>) -> Self {
        let lines = std::iter::once(0)
            .chain(
                text.bytes()
                    .enumerate()
                    .filter(|(_, b)| *b == b'\n')
                    .map(|(i, _)| i + 1),
            )
            .map(|offset| u32::try_from(offset).unwrap_or(u32::MAX))
            .collect();
        Self { name, text, lines }
    }

    /// The name shown to people.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Number of lines; at least one.
    pub fn line_count(&self) -> usize {
        self.lines.len()
    }

    /// Index of the line, from 0, that holds a byte.
    pub fn line_of(&self, offset: usize) -> usize {
        self.lines
            .partition_point(|start| *start as usize <= offset)
            .saturating_sub(1)
    }

    /// First byte of a line, counted from 0; the end of the text for lines behind the last.
    pub fn line_start(&self, line: usize) -> usize {
        self.lines
            .get(line)
            .map_or(self.text.len(), |start| *start as usize)
    }

    /// Line and column of a byte.
    pub fn position(&self, offset: usize) -> Position {
        let offset = floor_boundary(&self.text, offset);
        let line = self.line_of(offset);
        let start = self.line_start(line);
        Position {
            line: line + 1,
            column: self.text[start..offset].chars().count() + 1,
        }
    }

    /// A span that certainly lies inside the text and on character boundaries.
    pub fn clamp(&self, span: Span) -> Span {
        let start = floor_boundary(&self.text, span.start as usize);
        Span::new(start, floor_boundary(&self.text, span.end as usize).max(start))
    }
}

/// The last character boundary at or before an offset.
fn floor_boundary(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    offset
}

/// The folder of a checkout, and the folder in it that names of files start from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    root: PathBuf,
    here: PathBuf,
}

impl Workspace {
    /// A checkout, and the folder that commands are given in; `None` where that lies outside.
    pub fn new(root: &Path, here: &Path) -> Option<Self> {
        here.starts_with(root).then(|| Self {
            root: root.to_owned(),
            here: here.to_owned(),
        })
    }

    /// The name of a file as a service writes it that shows the checkout: from its root, with slashes. What lies outside
    /// keeps its name.
    fn name(&self, file: &str) -> Option<String> {
        let mut path = PathBuf::new();
        for part in self.here.join(file).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => {
                    path.pop();
                }
                part => path.push(part),
            }
        }
        let parts = path.strip_prefix(&self.root).ok()?.components();
        let parts: Option<Vec<&str>> = parts.map(|part| part.as_os_str().to_str()).collect();
        Some(parts?.join("/"))
    }
}

/// Texts by display name.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    texts: BTreeMap<Arc<str>, SourceFile>,
    workspace: Option<Workspace>,
}

impl Sources {
    /// Adds a text; a later one under the same name replaces it.
    pub fn insert(&mut self, file: SourceFile) {
        self.texts.insert(Arc::clone(file.name()), file);
    }

    /// The text of this name.
    pub fn get(&self, name: &str) -> Option<&SourceFile> {
        self.texts.get(name)
    }

    /// Lets services find the files: what names them for a service does it from the root of the checkout.
    pub fn set_workspace(&mut self, workspace: Option<Workspace>) {
        self.workspace = workspace;
    }

    /// The name of a file for a service that shows the checkout.
    pub(super) fn name_for_services<'a>(&self, file: &'a str) -> Cow<'a, str> {
        let named = self.workspace.as_ref().and_then(|workspace| workspace.name(file));
        named.map_or(Cow::Borrowed(file), Cow::Owned)
    }

    /// A place as people and editors write it, `file:line:column`; only the file where no more is known.
    pub fn place(&self, name: &str, span: Option<Span>) -> String {
        let at = span.and_then(|span| self.position(name, span.start));
        let name = clean(name);
        match at {
            Some(Position { line, column }) => format!("{name}:{line}:{column}"),
            None => name,
        }
    }

    /// The positions of a span's first byte and of the one behind its last, where the file's text is known.
    pub fn positions(&self, name: &str, span: Span) -> Option<(Position, Position)> {
        Some((self.position(name, span.start)?, self.position(name, span.end)?))
    }

    /// The position of a byte in a file, where the file's text is known.
    pub fn position(&self, name: &str, offset: u32) -> Option<Position> {
        Some(self.get(name)?.position(offset as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_never_panic() {
        let file = SourceFile::new("a".into(), "é: 1\r\nz: 東京\n".into());
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(2), Position { line: 1, column: 2 });
        let z = file.text().find('z').unwrap();
        assert_eq!(file.position(z), Position { line: 2, column: 1 });
        assert_eq!(file.position(z + 6), Position { line: 2, column: 5 });
        for offset in 0..40 {
            let position = file.position(offset);
            assert!(position.line <= file.line_count());
        }
        assert_eq!(file.clamp(Span::new(1, 900)).range(), 0..file.text().len());
    }

    #[test]
    fn services_find_files_from_the_root_of_the_checkout() {
        let name = |root: &str, here: &str, file: &str| {
            let mut sources = Sources::default();
            sources.set_workspace(Workspace::new(Path::new(root), Path::new(here)));
            sources.name_for_services(file).into_owned()
        };
        for (root, here, file, found) in [
            ("/w", "/w", "surveys/a.yaml", "surveys/a.yaml"),
            (
                "/w",
                "/w/brands/one",
                "surveys/a.yaml",
                "brands/one/surveys/a.yaml",
            ),
            ("/w", "/w/brands/one", "./../two/a b.yaml", "brands/two/a b.yaml"),
            ("/w", "/w/brands", "/w/other/a.yaml", "other/a.yaml"),
            // Outside of it there is nothing to point at, and nothing to rewrite.
            ("/w", "/w/brands", "../../etc/a.yaml", "../../etc/a.yaml"),
            ("/w", "/w", "/etc/a.yaml", "/etc/a.yaml"),
            ("/w", "/wide", "a.yaml", "a.yaml"),
        ] {
            assert_eq!(name(root, here, file), found, "{here} {file}");
        }
        assert_eq!(Sources::default().name_for_services("./a.yaml"), "./a.yaml");
    }
}
