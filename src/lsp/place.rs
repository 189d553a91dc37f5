//! Where in a manifest a byte stands: in the tree of a text that can be read, or by its indent in one that is being
//! typed.

use crate::diag::Span;
use crate::model::VendorId;
use crate::yaml::{Node, Tree};

/// A key or a value under the cursor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'t, 's> {
    /// The document.
    pub(super) root: Node<'t, 's>,
    /// The key or value itself.
    pub(super) span: Span,
    /// Whether it is a key.
    pub(super) on_key: bool,
}

/// The key or value at a byte, and the way to it from the root of its document.
pub(super) fn find<'t, 's>(tree: &'t Tree<'s>, offset: usize) -> Option<(Spot<'t, 's>, Vec<String>)> {
    let root = tree.documents().find(|root| holds(root.span(), offset))?;
    let spot = |span, on_key| Spot { root, span, on_key };
    let mut path = Vec::new();
    let mut node = root;
    'down: loop {
        if node.is_alias() {
            return Some((spot(node.span(), false), path));
        }
        for entry in node.entries() {
            let value = node.of(entry);
            if holds(entry.key_span, offset) {
                path.push(entry.key.to_string());
                return Some((spot(entry.key_span, true), path));
            }
            if holds(value.span(), offset) {
                path.push(entry.key.to_string());
                node = value;
                continue 'down;
            }
        }
        for (index, item) in node.items().enumerate() {
            if holds(item.span(), offset) {
                path.push(index.to_string());
                node = item;
                continue 'down;
            }
        }
        return node.scalar().map(|_| (spot(node.span(), false), path));
    }
}

fn holds(span: Span, offset: usize) -> bool {
    !span.is_empty() && span.range().start <= offset && offset <= span.range().end
}

/// The marketplace of a document.
pub(super) fn vendor(root: Node<'_, '_>) -> Option<VendorId> {
    VendorId::all()
        .iter()
        .copied()
        .find(|vendor| root.get(vendor.key()).is_some())
}

/// What is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typing {
    /// Keys from the root to where the cursor is; `-` for an item of a list.
    pub(super) path: Vec<String>,
    /// Whether a value is typed; otherwise a key, or the item of a list.
    pub(super) value: bool,
    /// What was typed of it so far.
    pub(super) typed: String,
    /// The lines of the document up to the cursor's, and those behind.
    pub(super) document: String,
}

/// What is being typed at a byte. The text need not be YAML: only indents, dashes, colons and brackets of the line are
/// looked at.
pub(super) fn typing(text: &str, offset: usize) -> Option<Typing> {
    let before = text.get(..offset)?;
    let lines: Vec<&str> = before.split('\n').collect();
    let (current, above) = lines.split_last()?;
    let opens = |line: &str| line.starts_with("---");
    let first = above.iter().rposition(|line| opens(line)).map_or(0, |at| at + 1);
    let above = &above[first..];
    let behind: Vec<&str> = text
        .get(offset..)?
        .split('\n')
        .take_while(|line| !line.starts_with("---"))
        .collect();
    let document = format!("{}\n{current}{}", above.join("\n"), behind.join("\n"));
    let line = Line::read(current);
    let mut path: Vec<String> = Vec::new();
    let (inner, value, typed) = line.rest();
    // From the cursor outwards: first what the line says itself, then the lines above with a smaller indent.
    let mut limit = line.start;
    let mut after_item = false;
    for at in line.dashes.iter().rev() {
        path.push("-".to_owned());
        limit = *at;
        after_item = true;
    }
    for text in above.iter().rev() {
        if text.trim().is_empty() || text.trim_start().starts_with('#') {
            continue;
        }
        let line = Line::read(text);
        if line.key.is_some() && line.opens && (line.start < limit || (after_item && line.start == limit)) {
            path.extend(line.key.clone());
            limit = line.start;
            after_item = false;
        }
        for at in line.dashes.iter().rev() {
            if *at < limit {
                path.push("-".to_owned());
                limit = *at;
                after_item = true;
            }
        }
    }
    path.reverse();
    path.extend(inner);
    Some(Typing {
        path,
        value,
        typed,
        document,
    })
}

/// A line of a block: its dashes, its key, and what stands behind.
struct Line<'a> {
    /// Columns of dashes.
    dashes: Vec<usize>,
    /// Column of what follows the dashes.
    start: usize,
    key: Option<String>,
    /// What follows the colon, or all that follows the dashes where there is none.
    rest: &'a str,
    /// Whether the key's value begins on another line.
    opens: bool,
}

impl<'a> Line<'a> {
    fn read(line: &'a str) -> Self {
        let line = line.trim_end_matches('\r');
        let mut dashes = Vec::new();
        let mut start = line.len() - line.trim_start_matches(' ').len();
        while line[start..].starts_with("- ") || &line[start..] == "-" {
            dashes.push(start);
            let rest = &line[start + 1..];
            start += 1 + (rest.len() - rest.trim_start_matches(' ').len());
        }
        let body = &line[start..];
        let quoted = body.starts_with(['"', '\'']);
        let colon = body
            .match_indices(':')
            .map(|(at, _)| at)
            .find(|at| body[at + 1..].is_empty() || body[at + 1..].starts_with(' '))
            .filter(|at| quoted || !body[..*at].contains(['{', '[', '"', '\'', '#']));
        let key = colon.map(|at| body[..at].trim().trim_matches(['"', '\'']).to_owned());
        let rest = colon.map_or(body, |at| &body[at + 1..]);
        let value = rest.split(" #").next().unwrap_or_default().trim();
        let opens = key.is_some() && (value.is_empty() || value.starts_with(['&', '!', '#']));
        Self {
            dashes,
            start,
            key,
            rest,
            opens,
        }
    }

    /// What the cursor is in at the end of the line: keys on the way, whether a value is typed, and what of it.
    fn rest(&self) -> (Vec<String>, bool, String) {
        let mut path: Vec<String> = self.key.iter().cloned().collect();
        let rest = self.rest.trim_start();
        if !rest.starts_with(['{', '[']) {
            let typed = rest.trim_start_matches(['"', '\'']).to_owned();
            return (path, self.key.is_some(), typed);
        }
        // Open brackets, each with the key that is being given a value.
        let mut open: Vec<(char, Option<String>)> = Vec::new();
        let mut word = String::new();
        let mut quote: Option<char> = None;
        let mut letters = rest.chars().peekable();
        while let Some(c) = letters.next() {
            match (quote, c) {
                (Some(end), c) if c == end => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, '{' | '[') => {
                    open.push((c, None));
                    word.clear();
                }
                (None, '}' | ']') => {
                    open.pop();
                    word.clear();
                }
                (None, ',') => {
                    if let Some((_, key)) = open.last_mut() {
                        *key = None;
                    }
                    word.clear();
                }
                (None, ':') if letters.peek().is_none_or(|next| *next == ' ') => {
                    if let Some((_, key)) = open.last_mut() {
                        *key = Some(word.trim().to_owned());
                    }
                    word.clear();
                }
                (_, c) => word.push(c),
            }
        }
        let mut value = !open.is_empty();
        for (bracket, key) in open {
            value = bracket == '[' || key.is_some();
            if bracket == '[' {
                path.push("-".to_owned());
            }
            path.extend(key);
        }
        (path, value, word.trim_start().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> (String, bool, String) {
        let at = text.find('‸').unwrap();
        let typing = typing(&text.replace('‸', ""), at).unwrap();
        (typing.path.join("/"), typing.value, typing.typed)
    }

    #[test]
    fn the_cursor_is_found_by_indent_and_brackets() {
        for (text, path, value, word) in [
            ("kind: ‸", "kind", true, ""),
            ("a: 1\nstat‸", "", false, "stat"),
            ("qualifications:\n  gen‸\n", "qualifications", false, "gen"),
            (
                "qualifications:\n  gender: ma‸\n",
                "qualifications/gender",
                true,
                "ma",
            ),
            (
                "qualifications:\n  gender:\n    - ma‸\n",
                "qualifications/gender/-",
                false,
                "ma",
            ),
            (
                "qualifications:\n  gender: [male, fe‸]\n",
                "qualifications/gender/-",
                true,
                "fe",
            ),
            (
                "qualifications: {age: 18-34, gender: [male, \"f‸",
                "qualifications/gender/-",
                true,
                "f",
            ),
            ("qualifications: {age: 18-34, g‸}\n", "qualifications", false, "g"),
            (
                "quotas:\n  - name: a\n    where:\n      ‸",
                "quotas/-/where",
                false,
                "",
            ),
            (
                "quotas:\n- name: a\n  where: {gender: ‸",
                "quotas/-/where/gender",
                true,
                "",
            ),
            ("quotas:\n  - {name: a, where: {‸", "quotas/-/where", false, ""),
            (
                "groups:\n  - name: a\n    quotas:\n      - where:\n          # x\n\n          a‸",
                "groups/-/quotas/-/where",
                false,
                "a",
            ),
            ("kind: Survey\n---\nsurveys: [a, ‸", "surveys/-", true, ""),
            ("surveys:\n- a\n- b‸", "surveys/-", false, "b"),
            (
                "qualifications:\n  zip: {file: lists/b‸}",
                "qualifications/zip/file",
                true,
                "lists/b",
            ),
            (
                "title: x\nqualifications:\n  \"219\": [‸",
                "qualifications/219/-",
                true,
                "",
            ),
        ] {
            let found = typed(text);
            assert_eq!(
                (found.0.as_str(), found.1, found.2.as_str()),
                (path, value, word),
                "{text}"
            );
        }
    }

    #[test]
    fn any_text_and_any_place_is_looked_at_without_a_fault() {
        let text = "é: - \"x\n\t-\n  - - ü: [{a: 'b\n---\r\n- {\n:::\n? a\n";
        for offset in 0..=text.len() {
            typing(text, offset);
        }
    }
}
