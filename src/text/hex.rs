//! Digests as people and files show them.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Bytes as lower-case hexadecimal digits, two for each.
pub(crate) fn digits(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The first so many bytes of the SHA-256 of some content, as hexadecimal digits.
pub(crate) fn sha256(content: impl AsRef<[u8]>, bytes: usize) -> String {
    digits(&Sha256::digest(content)[..bytes])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_as_long_as_it_is_asked_for() {
        assert_eq!(digits([0, 10, 255]), "000aff");
        assert_eq!(sha256("abc", 4), "ba7816bf");
        let whole = sha256("abc", 32);
        assert_eq!(whole.len(), 64);
        assert!(whole.ends_with("f20015ad"), "{whole}");
    }
}
