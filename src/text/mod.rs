//! What many modules do with texts, once each: the name that was probably meant, JSON pointers, digests, texts that are packed,
//! texts in XML, and whether a URL is of this machine. Promises: pure, and total over any text. Knows nothing of surveys.

pub(crate) mod hex;
pub(crate) mod host;
pub(crate) mod normal;
pub(crate) mod packed;
pub(crate) mod plain;
pub(crate) mod pointer;
pub(crate) mod suggest;
pub(crate) mod xml;
