//! Lines on a page of a given width: wrapping with a hanging indent, and JSON that stays readable.

use crate::report::words;
use serde_json::Value;
use std::fmt;

/// The narrowest column text is squeezed into; a smaller terminal gets longer lines instead of one word each.
const NARROWEST: usize = 24;

/// Where text goes.
pub(super) struct Page<'a> {
    out: &'a mut dyn fmt::Write,
    width: usize,
}

impl<'a> Page<'a> {
    /// An empty page.
    pub(super) fn new(out: &'a mut dyn fmt::Write, width: usize) -> Self {
        Self { out, width }
    }

    /// One line as it is, without the blanks at its end.
    pub(super) fn line(&mut self, text: &str) -> fmt::Result {
        self.out.write_str(text.trim_end())?;
        self.out.write_char('\n')
    }

    /// An empty line.
    pub(super) fn gap(&mut self) -> fmt::Result {
        self.out.write_char('\n')
    }

    /// A text behind a lead, wrapped; later lines start in column `hang`. The lead may be painted, so its width is
    /// told apart.
    pub(super) fn paragraph(
        &mut self,
        lead: &str,
        lead_width: usize,
        hang: usize,
        text: &str,
    ) -> fmt::Result {
        let width = self.width.max(hang + NARROWEST);
        let mut line = lead.to_owned();
        let mut used = lead_width;
        let mut fresh = true;
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            let size = words::columns(word);
            if !fresh && used + 1 + size > width {
                self.line(&line)?;
                line = " ".repeat(hang);
                used = hang;
                fresh = true;
            }
            if !fresh {
                line.push(' ');
                used += 1;
            }
            line.push_str(word);
            used += size;
            fresh = false;
        }
        self.line(&line)
    }

    /// A JSON document: what fits on one line stays on one, everything else is opened, one entry a line.
    pub(super) fn json(&mut self, indent: usize, value: &Value) -> fmt::Result {
        self.json_entry(indent, "", value, "")
    }

    fn json_entry(&mut self, indent: usize, key: &str, value: &Value, end: &str) -> fmt::Result {
        let pad = " ".repeat(indent);
        let width = self.width.max(indent + NARROWEST);
        let compact = value.to_string();
        let used = indent + words::columns(key) + words::columns(&compact) + end.len();
        match value {
            Value::Object(map) if used > width && !map.is_empty() => {
                self.line(&format!("{pad}{key}{{"))?;
                for (index, (name, inner)) in map.iter().enumerate() {
                    let end = if index + 1 < map.len() { "," } else { "" };
                    self.json_entry(
                        indent + 2,
                        &format!("{}: ", Value::from(name.as_str())),
                        inner,
                        end,
                    )?;
                }
                self.line(&format!("{pad}}}{end}"))
            }
            Value::Array(items) if used > width && !items.is_empty() => {
                self.line(&format!("{pad}{key}["))?;
                for (index, inner) in items.iter().enumerate() {
                    let end = if index + 1 < items.len() { "," } else { "" };
                    self.json_entry(indent + 2, "", inner, end)?;
                }
                self.line(&format!("{pad}]{end}"))
            }
            _ => self.line(&format!("{pad}{key}{}{end}", words::clean(&compact))),
        }
    }
}
