//! Lines on a page of a given width: wrapping with a hanging indent, and JSON that stays readable.

use crate::report::words;
use serde_json::Value;
use textwrap::{Options, WordSeparator, WordSplitter};

/// The narrowest column text is squeezed into; a smaller terminal gets longer lines instead of one word each.
const NARROWEST: usize = 24;

/// Text that grows line by line.
pub(super) struct Page {
    out: String,
    width: usize,
}

impl Page {
    /// An empty page.
    pub(super) fn new(width: usize) -> Self {
        let out = String::new();
        Self { out, width }
    }

    /// What was written.
    pub(super) fn finish(self) -> String {
        self.out
    }

    /// One line as it is, without the blanks at its end.
    pub(super) fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.out.push('\n');
    }

    /// A text behind a lead, wrapped between words; later lines start in column `hang`.
    pub(super) fn paragraph(&mut self, lead: &str, hang: usize, text: &str) {
        let indent = " ".repeat(hang);
        let options = Options::new(self.width.max(hang + NARROWEST))
            .initial_indent(lead)
            .subsequent_indent(&indent)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        match text.trim() {
            "" => self.line(lead),
            text => self.line(&textwrap::fill(text, options)),
        }
    }

    /// A JSON document: what fits on one line stays on one, everything else is opened, one entry a line.
    pub(super) fn json(&mut self, indent: usize, value: &Value) {
        self.json_entry(indent, "", value, "");
    }

    fn json_entry(&mut self, indent: usize, key: &str, value: &Value, end: &str) {
        let pad = " ".repeat(indent);
        let compact = format!("{pad}{key}{}{end}", words::clean(&value.to_string()));
        let fits = words::columns(&compact) <= self.width.max(indent + NARROWEST);
        let (open, close, entries): (_, _, Vec<(String, &Value)>) = match value {
            Value::Object(map) if !fits => {
                let entries = map.iter();
                let named = entries.map(|(name, inner)| (format!("{}: ", Value::from(name.as_str())), inner));
                ('{', '}', named.collect())
            }
            Value::Array(items) if !fits => {
                let unnamed = items.iter().map(|inner| (String::new(), inner));
                ('[', ']', unnamed.collect())
            }
            _ => return self.line(&compact),
        };
        if entries.is_empty() {
            return self.line(&compact);
        }
        self.line(&format!("{pad}{key}{open}"));
        for (index, (name, inner)) in entries.iter().enumerate() {
            let end = if index + 1 < entries.len() { "," } else { "" };
            self.json_entry(indent + 2, name, inner, end);
        }
        self.line(&format!("{pad}{close}{end}"));
    }
}
