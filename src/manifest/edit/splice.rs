//! Replacing parts of a text, and entries that come and go.

use super::place::{Document, Place};
use super::wish::Reason;
use crate::diag::Span;
use crate::yaml::{self, Node};
use std::ops::Range;

/// A part of a text, and what stands there instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) part: Range<usize>,
    pub(super) text: String,
}

impl Splice {
    /// Whether two change the same bytes, or insert at the same place.
    pub(super) fn meets(&self, other: &Self) -> bool {
        let (a, b) = (&self.part, &other.part);
        a.start == b.start || (a.start < b.end && b.start < a.end)
    }
}

/// The text with all parts replaced. No two of them meet.
pub(super) fn spliced(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| splice.part.start);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for splice in splices {
        out.push_str(&text[at..splice.part.start]);
        out.push_str(&splice.text);
        at = splice.part.end;
    }
    out.push_str(&text[at..]);
    out
}

/// Where the line of a byte begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(0, |newline| newline + 1)
}

/// Where the line of a byte ends, behind its line feed.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    text[at..]
        .find('\n')
        .map_or(text.len(), |newline| at + newline + 1)
}

/// Where an entry begins and ends.
fn extent(text: &str, key: Option<Span>, node: Node<'_, '_>) -> Range<usize> {
    let value = node.span().range();
    let start = key.map_or(value.start, |key| key.range().start);
    let written = text[start..value.end].trim_end();
    start..start + written.len()
}

/// The entries or items of a collection.
fn entries(text: &str, node: Node<'_, '_>) -> Vec<Range<usize>> {
    let own = node.entries().iter();
    let own = own.map(|entry| extent(text, Some(entry.key_span), node.of(entry)));
    own.chain(node.items().map(|item| extent(text, None, item)))
        .collect()
}

impl Document<'_, '_> {
    /// Takes an entry or item out of what holds it.
    pub(super) fn remove(&self, place: &Place<'_, '_>) -> Result<Vec<Splice>, Reason> {
        let own = extent(self.text, place.key, place.node);
        let all = entries(self.text, place.parent);
        let empty = if place.parent.is_sequence() { "[]" } else { "{}" };
        if self.is_flow(place.parent) {
            let at = all.iter().position(|entry| *entry == own).ok_or(Reason::Layout)?;
            let part = match (
                at.checked_sub(1).and_then(|before| all.get(before)),
                all.get(at + 1),
            ) {
                (_, Some(next)) => own.start..next.start,
                (Some(before), None) => before.end..own.end,
                (None, None) => place.parent.span().range(),
            };
            if self.has_comment(&part) {
                return Err(Reason::Commented);
            }
            let text = if all.len() == 1 { empty } else { "" };
            return Ok(vec![Splice {
                part,
                text: text.to_owned(),
            }]);
        }
        let part = self.lines_of(&own)?;
        let mut splices = vec![Splice {
            part,
            text: String::new(),
        }];
        if all.len() == 1 {
            // What is left of the list says that it is empty, and not that nothing is said.
            let at = self.behind_colon(place.parent_key)?;
            splices.push(Splice {
                part: at..at,
                text: format!(" {empty}"),
            });
        }
        Ok(splices)
    }

    /// The lines of an entry that has them for itself.
    pub(super) fn lines_of(&self, entry: &Range<usize>) -> Result<Range<usize>, Reason> {
        let start = line_start(self.text, entry.start);
        let before = self.text[start..entry.start].trim_start_matches(' ');
        let alone = before.is_empty() || before.trim_end_matches(' ') == "-";
        match alone {
            true => Ok(start..line_end(self.text, entry.end)),
            false => Err(Reason::Layout),
        }
    }

    /// Adds a question to a mapping.
    pub(super) fn add_question(
        &self,
        place: &Place<'_, '_>,
        name: &str,
        answers: &[String],
    ) -> Result<Splice, Reason> {
        let entry = format!(
            "{}: {}",
            yaml::text(name, true),
            yaml::flow(&answers.into(), true)
        );
        let all = entries(self.text, place.node);
        let last = all.last();
        if self.is_flow(place.node) {
            let (part, text) = match last {
                Some(last) => (last.end..last.end, format!(", {entry}")),
                None => (place.node.span().range(), format!("{{{entry}}}")),
            };
            return Ok(Splice { part, text });
        }
        let (Some(first), Some(last)) = (all.first(), last) else {
            return Err(Reason::Layout);
        };
        let own_line = self.text[line_start(self.text, first.start)..first.start].to_owned();
        if !own_line.trim_matches(' ').is_empty() {
            return Err(Reason::Layout);
        }
        let at = line_end(self.text, last.end);
        let open = !self.text[..at].ends_with('\n');
        let newline = self.newline();
        let text = match open {
            true => format!("{newline}{own_line}{entry}"),
            false => format!("{own_line}{entry}{newline}"),
        };
        Ok(Splice { part: at..at, text })
    }

    /// The place right behind the colon of a key.
    pub(super) fn behind_colon(&self, key: Option<Span>) -> Result<usize, Reason> {
        let end = key.ok_or(Reason::Layout)?.range().end;
        let colon = self.text[end..].find(':').ok_or(Reason::Layout)?;
        Ok(end + colon + 1)
    }

    /// How lines of this text end.
    pub(super) fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }
}
