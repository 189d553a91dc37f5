//! A document as blocks of lines that can be moved: every entry with the comments above it and beside it.
//!
//! Promises: every line of the text is in the result once, or the document is refused.

use super::flow;
use super::order::Order;
use crate::yaml::{Node, Style};

/// Why a document cannot be laid out.
pub(super) type Unusual = &'static str;

/// A line without a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Bare {
    /// An empty line; several in a row are one.
    Blank,
    /// A comment from its `#` on.
    Comment(String),
}

/// A comment behind something, with the column it stood in.
#[derive(Debug, Clone)]
pub(super) struct Beside {
    pub(super) column: usize,
    pub(super) text: String,
}

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Nothing,
    /// One line, canonical.
    Line(String),
    /// Several lines that move together. Those behind the first have the indent that they had in the text.
    Lines {
        lines: Vec<String>,
        block: bool,
    },
    Mapping(Block),
    Sequence(Block),
}

/// The entries of a mapping or a sequence, and the comments behind the last of them.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) entries: Vec<Entry>,
    pub(super) tail: Vec<Bare>,
}

/// An entry of a mapping, or an item of a sequence.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its place among its siblings.
    pub(super) rank: usize,
    /// Lines above it.
    pub(super) above: Vec<Bare>,
    /// The key as it was written; `None` for an item.
    pub(super) key: Option<String>,
    /// Anchor and tag, with a blank before each.
    pub(super) marks: String,
    /// The comment on the line of the key, where the value begins on another line.
    pub(super) after_key: Option<Beside>,
    pub(super) value: Value,
    /// The comment behind the value.
    pub(super) beside: Option<Beside>,
    /// The column it had.
    pub(super) column: usize,
}

/// A whole document.
#[derive(Debug, Clone)]
pub(super) struct Laid {
    /// What stands above the first key, and stays there.
    pub(super) header: Vec<Bare>,
    pub(super) root: Block,
}

/// Reads the document of a text.
pub(super) fn read(text: &str, root: Node<'_, '_>, order: Order) -> Result<Laid, Unusual> {
    let mut reader = Reader { text, at: 0 };
    let mut block = reader.mapping(root, order, None)?;
    let header = match block.entries.first_mut() {
        Some(first) => std::mem::take(&mut first.above),
        None => Vec::new(),
    };
    if !text[reader.at..].trim().is_empty() {
        return Err("something stands behind its last value");
    }
    block.entries.sort_by_key(|entry| entry.rank);
    Ok(Laid { header, root: block })
}

const PROPERTY: Unusual = "an anchor or a tag stands where it cannot be moved";
const SHAPE: Unusual = "something stands between a key and its value";

struct Reader<'t> {
    text: &'t str,
    /// Everything before this byte is in the result.
    at: usize,
}

impl<'t> Reader<'t> {
    /// The rest of the line that a byte stands in, without the line break.
    fn rest(&self, at: usize) -> &'t str {
        let rest = &self.text[at..];
        rest.split_once('\n').map_or(rest, |(line, _)| line)
    }

    fn column(&self, at: usize) -> usize {
        let start = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        self.text[start..at].chars().count()
    }

    /// Goes to the beginning of the next line.
    fn next_line(&mut self) {
        let rest = self.rest(self.at).len();
        self.at = (self.at + rest + 1).min(self.text.len());
    }

    /// The present line, if it has no value.
    fn bare(&self) -> Option<Bare> {
        let line = self.rest(self.at).trim();
        let comment = line.starts_with('#').then(|| Bare::Comment(line.to_owned()));
        comment.or(line.is_empty().then_some(Bare::Blank))
    }

    /// Takes blank lines and comments up to the line that a byte stands in. Stands there, or on the blanks before it.
    fn above(&mut self, until: usize) -> Result<Vec<Bare>, Unusual> {
        let mut lines = Vec::new();
        while self.at < until && self.text[self.at..until].contains('\n') {
            add(&mut lines, self.bare().ok_or(PROPERTY)?);
            self.next_line();
        }
        Ok(lines)
    }

    /// Takes the comments behind the last entry of a collection that are indented deeper than what holds it.
    fn tail(&mut self, holder: Option<usize>) -> Vec<Bare> {
        let mut taken = Vec::new();
        let mut seen = Vec::new();
        let mut look = Reader {
            text: self.text,
            at: self.at,
        };
        while look.at < look.text.len()
            && let Some(bare) = look.bare()
        {
            let column = look.rest(look.at).chars().take_while(|c| *c == ' ').count();
            let is_comment = bare != Bare::Blank;
            if is_comment && holder.is_some_and(|holder| column <= holder) {
                break;
            }
            add(&mut seen, bare);
            look.next_line();
            if is_comment {
                taken.append(&mut seen);
                self.at = look.at;
            }
        }
        taken
    }

    /// Takes the rest of a line, which may hold a comment and nothing else, with its line break.
    fn beside(&mut self) -> Result<Option<Beside>, Unusual> {
        let rest = self.rest(self.at);
        let text = rest.trim();
        if !text.is_empty() && !text.starts_with('#') {
            return Err("something stands behind a value");
        }
        let column = self.column(self.at + (rest.len() - rest.trim_start().len()));
        self.next_line();
        Ok((!text.is_empty()).then(|| Beside {
            column,
            text: text.to_owned(),
        }))
    }

    /// Whether the next thing that is no comment is a dash.
    fn dash_ahead(&self) -> bool {
        let lines = self.text[self.at..].lines().map(str::trim_start);
        let mut lines = lines.skip_while(|line| line.is_empty() || line.starts_with('#'));
        lines
            .next()
            .is_some_and(|line| line.starts_with("- ") || line.trim_end() == "-")
    }

    /// Takes anchors and tags on the present line.
    fn marks(&mut self) -> String {
        let mut marks = String::new();
        loop {
            let rest = self.rest(self.at);
            let word = rest.trim_start();
            if !word.starts_with(['&', '!']) {
                return marks;
            }
            let end = word.find(' ').unwrap_or(word.len());
            marks.push(' ');
            marks.push_str(&word[..end]);
            self.at += rest.len() - word.len() + end;
        }
    }

    fn mapping(&mut self, node: Node<'_, '_>, order: Order, holder: Option<usize>) -> Result<Block, Unusual> {
        let mut entries = Vec::with_capacity(node.entries().len());
        for entry in node.entries() {
            let key = entry.key_span.range();
            let above = self.above(key.start)?;
            let before = self.text.get(self.at..key.start).ok_or(SHAPE)?;
            if !before.bytes().all(|b| b == b' ') {
                return Err(if before.contains('?') {
                    "it has keys behind `?`"
                } else {
                    PROPERTY
                });
            }
            let column = self.column(key.start);
            let colon = self.rest(key.end);
            let after = colon.trim_start().strip_prefix(':').ok_or(SHAPE)?;
            self.at = key.end + (colon.len() - after.len());
            let mut made = self.entry(node.of(entry), order.key(&entry.key), column)?;
            made.rank = order.rank(&entry.key, entry.merge);
            made.above = above;
            made.key = Some(self.text[key].to_owned());
            entries.push(made);
        }
        let tail = self.tail(holder);
        Ok(Block { entries, tail })
    }

    fn sequence(
        &mut self,
        node: Node<'_, '_>,
        order: Order,
        holder: Option<usize>,
    ) -> Result<Block, Unusual> {
        let mut entries = Vec::with_capacity(node.items().len());
        for item in node.items() {
            let mut above = Vec::new();
            while self.at < self.text.len()
                && let Some(bare) = self.bare()
            {
                add(&mut above, bare);
                self.next_line();
            }
            let rest = self.rest(self.at);
            let dash = rest.trim_start_matches(' ');
            let after = dash.strip_prefix('-').ok_or(SHAPE)?;
            let column = self.column(self.at + (rest.len() - dash.len()));
            self.at += rest.len() - after.len();
            let mut made = self.entry(item, order.item(), column)?;
            made.above = above;
            entries.push(made);
        }
        let tail = self.tail(holder);
        Ok(Block { entries, tail })
    }

    /// What stands behind a colon or a dash.
    fn entry(&mut self, node: Node<'_, '_>, order: Order, column: usize) -> Result<Entry, Unusual> {
        let mut entry = Entry {
            rank: 0,
            above: Vec::new(),
            key: None,
            marks: self.marks(),
            after_key: None,
            value: Value::Nothing,
            beside: None,
            column,
        };
        let span = node.span().range();
        let literal = !node.is_alias() && node.scalar().is_some_and(|scalar| scalar.style == Style::Block);
        let head = self.rest(self.at).trim_start();
        if literal {
            if !head.starts_with(['|', '>']) {
                return Err(PROPERTY);
            }
            entry.value = self.literal(column)?;
            return Ok(entry);
        }
        if span.is_empty() {
            entry.beside = self.beside()?;
            return Ok(entry);
        }
        let here = span.start < self.at + self.rest(self.at).len();
        let in_braces = if node.is_sequence() {
            // A list in the column of its key is said to begin behind its first dash.
            !self.dash_ahead()
        } else {
            self.text[span.start..].starts_with('{')
        };
        let collection = !node.is_alias() && node.scalar().is_none() && !in_braces;
        if !collection {
            if !here {
                // The value moves up to its key.
                if self.beside()?.is_some() || !self.above(span.start)?.is_empty() {
                    return Err("a comment stands between a key and its value");
                }
            }
            if !self.text.get(self.at..span.start).ok_or(SHAPE)?.trim().is_empty() {
                return Err(PROPERTY);
            }
            entry.value = match flow::line(self.text, node, order) {
                Some(line) => Value::Line(line),
                None => Value::Lines {
                    lines: self.text[span.clone()].lines().map(str::to_owned).collect(),
                    block: false,
                },
            };
            self.at = span.end;
            entry.beside = self.beside()?;
            return Ok(entry);
        }
        if span.start < self.at {
            return Err(PROPERTY);
        }
        if !here {
            entry.after_key = self.beside()?;
        }
        entry.value = if node.is_mapping() {
            let mut block = self.mapping(node, order, Some(column))?;
            block.entries.sort_by_key(|entry| entry.rank);
            Value::Mapping(block)
        } else {
            // Items may stand in the column of their key; a comment there belongs to what follows.
            Value::Sequence(self.sequence(node, order, Some(column))?)
        };
        Ok(entry)
    }

    /// A text in lines of its own, from its `|` or `>` on.
    fn literal(&mut self, column: usize) -> Result<Value, Unusual> {
        let head = self.rest(self.at).trim();
        let indicators = head.split([' ', '#']).next().unwrap_or_default();
        if indicators.contains(|c: char| c.is_ascii_digit()) {
            return Err("a text says its own indent");
        }
        let keep = indicators.contains('+');
        self.next_line();
        let mut lines = vec![head.to_owned()];
        let mut indent: Option<usize> = None;
        let mut end = self.at;
        let mut look = Reader {
            text: self.text,
            at: self.at,
        };
        let mut waiting = Vec::new();
        while look.at < look.text.len() {
            let line = look.rest(look.at);
            let blanks = line.bytes().take_while(|b| *b == b' ').count();
            let empty = blanks == line.len();
            if empty && indent.is_none_or(|indent| blanks <= indent) {
                waiting.push(String::new());
            } else {
                let least = *indent.get_or_insert(blanks);
                if blanks < least || least <= column {
                    break;
                }
                lines.append(&mut waiting);
                lines.push(line.to_owned());
            }
            look.next_line();
            if waiting.is_empty() || keep {
                lines.append(&mut waiting);
                end = look.at;
            }
        }
        self.at = end;
        Ok(Value::Lines { lines, block: true })
    }
}

/// Adds a line; an empty one only where there is none.
fn add(lines: &mut Vec<Bare>, line: Bare) {
    if line != Bare::Blank || lines.last() != Some(&Bare::Blank) {
        lines.push(line);
    }
}
