//! Writing a laid-out document.

use super::layout::{Bare, Beside, Block, Entry, Laid, Value};

/// Columns of one level.
const INDENT: usize = 2;

/// The text of a document.
pub(super) fn write(laid: Laid) -> String {
    let mut page = Page { out: String::new() };
    page.bare(&laid.header, 0);
    page.block(laid.root, 0, false);
    // Empty lines at the ends of documents are nobody's.
    let end = page.out.trim_end_matches('\n').len();
    page.out.truncate(end);
    page.out.push('\n');
    let start = page.out.len() - page.out.trim_start_matches('\n').len();
    page.out.split_off(start)
}

struct Page {
    out: String,
}

impl Page {
    fn bare(&mut self, lines: &[Bare], indent: usize) {
        for line in lines {
            match line {
                Bare::Blank => {
                    if !self.out.is_empty() && !self.out.ends_with("\n\n") {
                        self.out.push('\n');
                    }
                }
                Bare::Comment(text) => self.line(indent, text),
            }
        }
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(text);
        self.out.push('\n');
    }

    /// The entries of a block. With `inline`, the first one goes on with the line that is open.
    fn block(&mut self, block: Block, indent: usize, inline: bool) {
        for (index, mut entry) in block.entries.into_iter().enumerate() {
            if index == 0 && entry.above.first() == Some(&Bare::Blank) {
                entry.above.remove(0);
            }
            if index > 0 || !inline {
                self.bare(&entry.above, indent);
                self.out.push_str(&" ".repeat(indent));
            }
            self.entry(entry, indent);
        }
        self.bare(&block.tail, indent);
    }

    fn entry(&mut self, entry: Entry, indent: usize) {
        let is_item = entry.key.is_none();
        match &entry.key {
            Some(key) => {
                self.out.push_str(key);
                self.out.push(':');
            }
            None => self.out.push('-'),
        }
        self.out.push_str(&entry.marks);
        match entry.value {
            Value::Nothing => self.end(entry.beside),
            Value::Line(text) => {
                self.out.push(' ');
                self.out.push_str(&text);
                self.end(entry.beside);
            }
            Value::Lines { lines, block } => {
                for (index, line) in lines.iter().enumerate() {
                    if index == 0 {
                        self.out.push(' ');
                        self.out.push_str(line);
                    } else {
                        self.out.push('\n');
                        self.out.push_str(&moved(line, entry.column, indent));
                    }
                }
                if block {
                    self.out.push('\n');
                } else {
                    self.end(entry.beside);
                }
            }
            Value::Mapping(block) | Value::Sequence(block) => {
                let first = block.entries.first();
                let inline = is_item
                    && entry.after_key.is_none()
                    && entry.marks.is_empty()
                    && first.is_some_and(|first| !first.above.iter().any(|bare| *bare != Bare::Blank));
                if inline {
                    self.out.push(' ');
                } else {
                    self.end(entry.after_key);
                }
                self.block(block, indent + INDENT, inline);
            }
        }
    }

    /// Ends a line, with a comment in the column it had where there is room.
    fn end(&mut self, beside: Option<Beside>) {
        if let Some(beside) = beside {
            let start = self.out.rfind('\n').map_or(0, |newline| newline + 1);
            let used = self.out[start..].chars().count();
            let gap = if beside.column > used {
                beside.column - used
            } else {
                2
            };
            self.out.push_str(&" ".repeat(gap));
            self.out.push_str(&beside.text);
        }
        self.out.push('\n');
    }
}

/// A line whose block moved from one column to another.
fn moved(line: &str, from: usize, to: usize) -> String {
    if line.is_empty() {
        return String::new();
    }
    if to >= from {
        return format!("{}{line}", " ".repeat(to - from));
    }
    let blanks = line.bytes().take_while(|b| *b == b' ').count();
    line[blanks.min(from - to)..].to_owned()
}
