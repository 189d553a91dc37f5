//! Texts as editors count them: lines from 0, columns in UTF-16 units; and files as editors name them.

use crate::diag::{SourceFile, Span};
use crate::yaml;
use lsp_types::{Position, Range, Uri};
use std::path::{Path, PathBuf};
use std::str::FromStr as _;
use std::sync::Arc;
use url::Url;

/// A text with its lines.
#[derive(Debug, Clone)]
pub(super) struct Text(SourceFile);

impl Text {
    pub(super) fn new(text: &str) -> Self {
        Self(SourceFile::new(Arc::from(""), Arc::from(text)))
    }

    /// A text that diagnostics point into.
    pub(super) fn of(source: &SourceFile) -> Self {
        Self(source.clone())
    }

    pub(super) fn as_str(&self) -> &str {
        self.0.text()
    }

    /// The line that a byte stands in, without its end.
    fn line(&self, line: usize) -> (usize, &str) {
        let start = self.0.line_start(line);
        let text = &self.as_str()[start..self.0.line_start(line + 1)];
        (start, text.trim_end_matches(['\n', '\r']))
    }

    /// The byte at a position; the end of the line for columns behind it.
    pub(super) fn offset(&self, position: Position) -> usize {
        let (start, line) = self.line(position.line as usize);
        let mut left = position.character as usize;
        for (at, c) in line.char_indices() {
            if left < c.len_utf16() {
                return start + at;
            }
            left -= c.len_utf16();
        }
        start + line.len()
    }

    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = self.0.clamp(Span::new(offset, offset)).start as usize;
        let line = self.0.line_of(offset);
        let before = &self.as_str()[self.0.line_start(line)..offset];
        let units: usize = before.chars().map(char::len_utf16).sum();
        Position::new(count(line), count(units))
    }

    pub(super) fn range(&self, span: Span) -> Range {
        let span = self.0.clamp(span).range();
        Range::new(self.position(span.start), self.position(span.end))
    }

    /// From the first to the last character.
    pub(super) fn whole(&self) -> Range {
        self.range(Span::new(0, self.as_str().len()))
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// The path of a file; `None` for what is not on this machine's disk.
pub(super) fn path(uri: &Uri) -> Option<PathBuf> {
    Url::parse(uri.as_str()).ok()?.to_file_path().ok()
}

/// The path that a text without a file is given: the one that its name says, or one in a folder.
pub(super) fn untitled(uri: &Uri, folder: &Path) -> Option<PathBuf> {
    let url = Url::parse(uri.as_str()).ok()?;
    if url.scheme() != "untitled" {
        return None;
    }
    let name = url.path();
    if name.starts_with('/') {
        let file = Url::parse(&format!("file://{name}")).ok()?;
        return file.to_file_path().ok();
    }
    let word: String = name
        .chars()
        .filter(|c| c.is_alphanumeric() || *c == '-')
        .collect();
    Some(folder.join(format!("untitled-{}.yaml", word.to_lowercase())))
}

/// The name of a file for editors.
pub(super) fn uri(path: &Path) -> Option<Uri> {
    Uri::from_str(Url::from_file_path(path).ok()?.as_str()).ok()
}

/// The text of a file with its secrets as they are; only for counting positions.
pub(super) fn on_disk(path: &Path) -> Option<Text> {
    yaml::read_text(path, yaml::MAX_FILE_BYTES)
        .ok()
        .map(|text| Text::new(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_utf16_units_and_any_position_has_a_byte() {
        let text = Text::new("é🙂: 1\r\nz: 2");
        for (line, character, offset) in [
            (0, 0, 0),
            (0, 1, 2),
            (0, 3, 6),
            (0, 99, 9),
            (1, 0, 11),
            (1, 3, 14),
            (7, 7, 15),
        ] {
            assert_eq!(
                text.offset(Position::new(line, character)),
                offset,
                "{line}:{character}"
            );
        }
        // Between the halves of a pair lies nothing; what is before counts.
        assert_eq!(text.offset(Position::new(0, 2)), 2);
        assert_eq!(text.position(6), Position::new(0, 3));
        assert_eq!(text.position(11), Position::new(1, 0));
        assert_eq!(text.whole().end, Position::new(1, 4));
        for offset in 0..30 {
            text.position(offset);
        }
    }

    #[test]
    fn names_of_files_go_there_and_back() {
        let path_of = Path::new("/tmp/a b/ü#1.yaml");
        let named = uri(path_of).unwrap();
        assert_eq!(named.as_str(), "file:///tmp/a%20b/%C3%BC%231.yaml");
        assert_eq!(path(&named).unwrap(), path_of);
        let new = Uri::from_str("untitled:Untitled-1").unwrap();
        assert_eq!(path(&new), None);
        let folder = Path::new("/tmp");
        let given = untitled(&new, folder).unwrap();
        assert_eq!(given, Path::new("/tmp/untitled-untitled-1.yaml"));
        let named = Uri::from_str("untitled:/x/a%20b.yaml").unwrap();
        assert_eq!(untitled(&named, folder).unwrap(), Path::new("/x/a b.yaml"));
        assert_eq!(untitled(&Uri::from_str("git:/x").unwrap(), folder), None);
    }
}
