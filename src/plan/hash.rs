//! A plan's name: a hash short enough to say aloud in a review.

use super::Plan;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io;

/// The alphabet: without `l`, `o`, `0` and `1`, which are misread.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// The plan's name, `k7m2-9qfd`: over its environment, its steps to the call and its exposure to the cent.
///
/// Notes do not belong to it: they do nothing.
pub fn hash(plan: &Plan) -> String {
    #[derive(Serialize)]
    struct Content<'a> {
        environment: &'a str,
        steps: &'a [super::Step],
        exposure: Vec<(String, String)>,
    }
    let content = Content {
        environment: &plan.environment,
        steps: &plan.steps,
        exposure: plan
            .exposure
            .iter()
            .map(|e| (e.before.to_string(), e.after.to_string()))
            .collect(),
    };
    let mut sum = Sum(Sha256::new());
    serde_json::to_writer(&mut sum, &content)
        .expect("a plan consists of plain data, and a sum takes everything");
    spoken(&sum.0.finalize())
}

/// The first eight bytes of a digest as a name that can be said aloud.
pub fn spoken(digest: &[u8]) -> String {
    let mut text = String::with_capacity(9);
    for (index, byte) in digest.iter().take(8).enumerate() {
        if index == 4 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    text
}

/// A writer that hashes bytes as they come, so that a plan of ten thousand surveys is not in memory twice.
struct Sum(Sha256);

impl io::Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
