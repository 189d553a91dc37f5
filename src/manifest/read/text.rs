//! The text of a file: read, told apart from a later one, and as diagnostics may show it.

use super::secrets;
use super::walk::Found;
use crate::diag::SourceFile;
use crate::yaml::{self, MAX_FILE_BYTES};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// The text of a file: what an editor holds, or what is on disk.
pub(crate) fn read(found: &Found) -> Result<Arc<str>, yaml::ReadError> {
    match &found.unsaved {
        Some(text) => Ok(Arc::clone(text)),
        None => yaml::read_text(&found.path, MAX_FILE_BYTES).map(Arc::from),
    }
}

/// Digest of a text, to see whether a file is still the one that was read.
pub(crate) fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// The text of a file as diagnostics may show it.
pub(crate) fn source(name: &Arc<str>, text: &str, tree: &yaml::Tree<'_>) -> SourceFile {
    SourceFile::new(Arc::clone(name), secrets::mask(text, tree).into())
}
