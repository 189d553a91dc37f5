//! Texts that are kept in many copies, packed by gzip: a tenth of them, or a third of a short one.

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::GzEncoder;
use std::borrow::Cow;
use std::io::{Read as _, Write as _};

/// What gzip begins with, and no JSON.
const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The bytes, packed.
pub(crate) fn pack(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let written = packed.write_all(bytes);
    written
        .and_then(|()| packed.finish())
        .expect("memory takes everything")
}

/// The bytes as they were before they were packed; those that are not packed as they are.
///
/// # Errors
/// When they are cut off or spoilt, or more than so many.
pub(crate) fn unpack(bytes: &[u8], most: u64) -> Result<Cow<'_, [u8]>, String> {
    if !bytes.starts_with(&MAGIC) {
        return Ok(Cow::Borrowed(bytes));
    }
    let (mut unpacked, mut rest) = (Vec::new(), GzDecoder::new(bytes).take(most.saturating_add(1)));
    let read = rest.read_to_end(&mut unpacked);
    read.map_err(|error| format!("it cannot be unpacked: {error}"))?;
    match unpacked.len() as u64 > most {
        true => Err(format!("it is more than {most} bytes when it is unpacked")),
        // What stands behind the end of what is packed was never written.
        false if !rest.into_inner().into_inner().is_empty() => {
            Err("something stands behind its end".to_owned())
        }
        false => Ok(Cow::Owned(unpacked)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_plain_text_stays() {
        let text = b"{\"a\": 1}\n".repeat(50);
        let packed = pack(&text);
        assert!(
            packed.starts_with(&MAGIC) && packed.len() < 60,
            "{}",
            packed.len()
        );
        assert_eq!(unpack(&packed, 450).unwrap(), text);
        assert_eq!(unpack(&text, 1).unwrap(), text);
        assert_eq!(unpack(b"", 1).unwrap(), b"".as_slice());
    }

    #[test]
    fn what_is_spoilt_or_too_much_is_an_error() {
        let packed = pack(&b"{\"a\": 1}\n".repeat(50));
        for cut in 2..packed.len() {
            assert!(unpack(&packed[..cut], 500).is_err(), "{cut}");
        }
        assert_eq!(
            unpack(&packed, 449).unwrap_err(),
            "it is more than 449 bytes when it is unpacked"
        );
        let twice = [packed.as_slice(), b"x"].concat();
        assert_eq!(
            unpack(&twice, 500).unwrap_err(),
            "something stands behind its end"
        );
    }
}
