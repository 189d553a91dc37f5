//! A plan's name: a hash of all that it does. Its beginning is short enough to say aloud in a review; only the whole name
//! approves anything, because another plan with the same beginning can be searched for.

use super::Plan;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::io;

/// The alphabet: without `l`, `o`, `0` and `1`, which are misread.
const ALPHABET: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";

/// Letters of a whole name, five bits each.
const LETTERS: usize = 28;
/// Letters of the short form.
const SHORT: usize = 8;

/// The plan's whole name, 140 bits as `k7m2-9qfd-…`: over its environment, its steps to the call and its exposure to the cent.
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

/// A digest as a whole name: one letter for each of its first 28 bytes, in groups of four.
pub fn spoken(digest: &[u8]) -> String {
    let mut text = String::with_capacity(LETTERS + LETTERS / 4);
    for (index, byte) in digest.iter().take(LETTERS).enumerate() {
        if index > 0 && index % 4 == 0 {
            text.push('-');
        }
        text.push(char::from(ALPHABET[usize::from(byte % 32)]));
    }
    text
}

/// The beginning of a whole name, for eyes: `k7m2-9qfd`. It approves nothing.
pub fn short(name: &str) -> &str {
    name.get(..SHORT + 1).unwrap_or(name)
}

/// Whether a text is a whole name.
pub fn is_whole(text: &str) -> bool {
    letters(text) == Some(LETTERS)
}

/// Whether a text is the short form of some name.
pub fn is_short(text: &str) -> bool {
    letters(text) == Some(SHORT)
}

/// The letters of a name, where it is one: groups of four.
fn letters(text: &str) -> Option<usize> {
    let group = |group: &str| group.len() == 4 && group.bytes().all(|byte| ALPHABET.contains(&byte));
    text.split('-')
        .all(group)
        .then(|| text.bytes().filter(|byte| *byte != b'-').count())
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
