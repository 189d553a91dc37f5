//! Bytes from disk to text, with a limit and a useful message for everything that is not text.

use crate::diag::{Diagnostic, code};
use std::borrow::Cow;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Largest file that is read: 16 MiB.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;

/// Why a file gave no text.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system said no.
    #[error("cannot be read: {0}")]
    Io(#[from] std::io::Error),
    /// Not a file at all.
    #[error("is not a regular file")]
    NotAFile,
    /// Larger than the limit.
    #[error("has {size} bytes, more than the {limit} that infield reads")]
    TooBig {
        /// Bytes found.
        size: u64,
        /// Bytes allowed.
        limit: u64,
    },
    /// Not UTF-8.
    #[error("is not UTF-8: byte 0x{byte:02X} at offset {offset} (line {line})")]
    NotUtf8 {
        /// Offset of the first bad byte, from 0.
        offset: usize,
        /// That byte.
        byte: u8,
        /// The line it stands in, from 1.
        line: usize,
    },
}

impl ReadError {
    /// The same as a diagnostic without a file.
    pub fn diagnostic(&self) -> Diagnostic {
        let (code, help) = match self {
            Self::Io(error) if error.kind() == std::io::ErrorKind::NotFound => (code::FILE_MISSING, None),
            Self::Io(_) | Self::NotAFile => (code::FILE_UNREADABLE, None),
            Self::TooBig { .. } => (code::FILE_TOO_BIG, Some("split it into several files")),
            Self::NotUtf8 { .. } => (code::FILE_NOT_UTF8, self.how_to_save()),
        };
        Diagnostic::error(code, self.to_string()).maybe_help(help)
    }

    /// How to save what is no UTF-8, so that it is.
    pub fn how_to_save(&self) -> Option<&'static str> {
        match self {
            Self::NotUtf8 {
                offset: 0,
                byte: 0xFE | 0xFF,
                ..
            } => Some(
                "it is UTF-16, which spreadsheets call Unicode text: save it as UTF-8 (in Excel: CSV UTF-8)",
            ),
            Self::NotUtf8 { .. } => {
                Some("save it as UTF-8 (in Excel: CSV UTF-8; in an editor: save with encoding)")
            }
            Self::Io(_) | Self::NotAFile | Self::TooBig { .. } => None,
        }
    }
}

/// The text of a file. A file beyond the limit is refused from its metadata, without reading it.
pub fn read_text(path: &Path, limit: u64) -> Result<String, ReadError> {
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_file() {
        return Err(ReadError::NotAFile);
    }
    let fits = |size: u64| match size > limit {
        true => Err(ReadError::TooBig { size, limit }),
        false => Ok(()),
    };
    fits(metadata.len())?;
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0) + 1);
    // The file may grow while it is read; one byte beyond the limit is enough to know.
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    fits(bytes.len() as u64)?;
    match decode(&bytes)? {
        Cow::Owned(text) => Ok(text),
        Cow::Borrowed(_) => Ok(String::from_utf8(bytes).expect("the bytes were just found to be UTF-8")),
    }
}

/// Bytes as text. A byte order mark stays where it is, so that offsets stay those of the file.
pub fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let offset = error.valid_up_to();
        ReadError::NotUtf8 {
            offset,
            byte: bytes.get(offset).copied().unwrap_or_default(),
            line: bytes[..offset].iter().filter(|byte| **byte == b'\n').count() + 1,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_and_encodings_are_told_apart() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.yaml");
        std::fs::write(&path, b"name: Z\xFCrich\n").unwrap();
        assert!(matches!(
            read_text(&path, 100),
            Err(ReadError::NotUtf8 {
                offset: 7,
                byte: 0xFC,
                line: 1
            })
        ));
        assert!(matches!(
            read_text(&path, 5),
            Err(ReadError::TooBig { size: 13, limit: 5 })
        ));
        assert!(matches!(read_text(dir.path(), 5), Err(ReadError::NotAFile)));
        std::fs::write(&path, "\u{feff}a: ü\r\n").unwrap();
        assert_eq!(read_text(&path, 100).unwrap(), "\u{feff}a: ü\r\n");
    }
}
