//! What is being typed in a text that cannot be read yet: by its indent, its dashes and its brackets.

/// What is being typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Typing {
    /// Keys from the root to where the cursor is; `-` for an item of a list.
    pub(super) path: Vec<String>,
    /// Whether a value is typed; otherwise a key, or the item of a list.
    pub(super) value: bool,
    /// What was typed of it so far.
    pub(super) typed: String,
    /// Whether it stands between quotes.
    pub(super) quoted: bool,
    /// Whether it stands in brackets or braces.
    pub(super) flow: bool,
    /// The column in which keys stand here.
    pub(super) column: usize,
    /// Keys that stand beside what is typed.
    pub(super) siblings: Vec<String>,
    /// How many bytes behind the cursor belong to the same word.
    pub(super) behind: usize,
    /// Whether a colon follows the word.
    pub(super) colon: bool,
    /// The lines of the document up to the cursor's, and those behind.
    pub(super) document: String,
}

/// Most lines between an open bracket and the cursor.
const MOST_LINES: usize = 500;

/// What is being typed at a byte. The text need not be YAML: only indents, dashes, colons and brackets are looked at.
pub(super) fn typing(text: &str, offset: usize) -> Option<Typing> {
    let before = text.get(..offset)?;
    let lines: Vec<&str> = before.split('\n').collect();
    let (current, above) = lines.split_last()?;
    let opens = |line: &str| line.starts_with("---");
    let first = above.iter().rposition(|line| opens(line)).map_or(0, |at| at + 1);
    let mut above = &above[first..];
    let behind: Vec<&str> = text
        .get(offset..)?
        .split('\n')
        .take_while(|line| !line.starts_with("---"))
        .collect();
    let document = format!("{}\n{current}{}", above.join("\n"), behind.join("\n"));
    let (same_line, below) = behind.split_first()?;
    // What stands in brackets is read as one line, however many it takes.
    let mut joined = None;
    if let Some((at, begun)) = unclosed(above) {
        above = &above[..at];
        joined = Some(format!("{begun} {}", current.trim_start()));
    }
    let current = joined.as_deref().unwrap_or(current);
    let line = Line::read(current);
    let mut path: Vec<String> = Vec::new();
    let inner = line.inner();
    // From the cursor outwards: first what the line says itself, then the lines above with a smaller indent.
    let mut limit = line.start;
    let mut after_item = false;
    for at in line.dashes.iter().rev() {
        path.push("-".to_owned());
        limit = *at;
        after_item = true;
    }
    for text in above.iter().rev() {
        if says_nothing(text) {
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
    path.extend(inner.path);
    let word: usize = same_line
        .chars()
        .take_while(|c| c.is_alphanumeric() || "_-".contains(*c))
        .map(char::len_utf8)
        .sum();
    let siblings = if inner.flow {
        let mut keys = inner.keys;
        keys.extend(keys_behind(&same_line[word..]));
        keys
    } else {
        beside(&line, above, below)
    };
    Some(Typing {
        path,
        value: inner.value,
        typed: inner.typed,
        quoted: inner.quoted,
        flow: inner.flow,
        column: line.start,
        siblings,
        behind: word,
        colon: same_line[word..].trim_start().starts_with(':'),
        document,
    })
}

fn says_nothing(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// The line on which brackets were opened that are still open behind the last line, and everything from there in one line.
fn unclosed(lines: &[&str]) -> Option<(usize, String)> {
    let mut open: Option<(usize, String)> = None;
    for (at, line) in lines.iter().enumerate() {
        let (begun, all) = match open.take() {
            Some((begun, _)) if at - begun > MOST_LINES => return None,
            Some((begun, all)) => (begun, format!("{all} {}", without_comment(line.trim()))),
            None => (at, without_comment(line).to_owned()),
        };
        if Line::read(&all).inner().flow {
            open = Some((begun, all));
        }
    }
    open
}

fn without_comment(line: &str) -> &str {
    if line.starts_with('#') {
        return "";
    }
    line.split(" #").next().unwrap_or_default().trim_end()
}

/// The keys in the same mapping of a block, on lines above and below.
fn beside(line: &Line<'_>, above: &[&str], below: &[&str]) -> Vec<String> {
    let mut keys = Vec::new();
    let column = line.start;
    if line.dashes.is_empty() {
        for text in above.iter().rev().filter(|text| !says_nothing(text)) {
            let other = Line::read(text);
            let outer = other.dashes.first().copied().unwrap_or(other.start);
            if other.start == column {
                keys.extend(other.key.clone());
            }
            if outer < column {
                break;
            }
        }
    }
    for text in below.iter().filter(|text| !says_nothing(text)) {
        let other = Line::read(text);
        let outer = other.dashes.first().copied().unwrap_or(other.start);
        if outer < column || (outer == column && !other.dashes.is_empty()) {
            break;
        }
        if other.start == column {
            keys.extend(other.key);
        }
    }
    keys
}

/// The keys of a mapping in braces that stand behind the cursor, up to its brace.
fn keys_behind(text: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut depth = 0_usize;
    let mut word = String::new();
    for c in text.chars() {
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' if depth == 0 => break,
            '}' | ']' => depth -= 1,
            ',' => word.clear(),
            ':' if depth == 0 => keys.push(std::mem::take(&mut word).trim().to_owned()),
            c if depth == 0 => word.push(c),
            _ => {}
        }
    }
    keys.retain(|key| !key.is_empty());
    keys
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

/// What the end of a line is in.
struct Inner {
    /// Keys on the way.
    path: Vec<String>,
    /// Whether a value stands there.
    value: bool,
    /// What of it.
    typed: String,
    quoted: bool,
    /// Whether brackets are open.
    flow: bool,
    /// Keys of the innermost mapping before it.
    keys: Vec<String>,
}

/// Brackets that are open.
struct Open {
    bracket: char,
    /// The key that is being given a value.
    key: Option<String>,
    /// The keys so far.
    keys: Vec<String>,
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

    /// What the cursor is in at the end of the line.
    fn inner(&self) -> Inner {
        let mut path: Vec<String> = self.key.iter().cloned().collect();
        let rest = self.rest.trim_start();
        if !rest.starts_with(['{', '[']) {
            let typed = rest.trim_start_matches(['"', '\'']).to_owned();
            return Inner {
                path,
                value: self.key.is_some(),
                quoted: typed.len() < rest.len(),
                typed,
                flow: false,
                keys: Vec::new(),
            };
        }
        let mut open: Vec<Open> = Vec::new();
        let mut word = String::new();
        let mut quote: Option<char> = None;
        let mut letters = rest.chars().peekable();
        while let Some(c) = letters.next() {
            match (quote, c) {
                (Some(end), c) if c == end => quote = None,
                (None, '"' | '\'') => quote = Some(c),
                (None, '{' | '[') => {
                    open.push(Open {
                        bracket: c,
                        key: None,
                        keys: Vec::new(),
                    });
                    word.clear();
                }
                (None, '}' | ']') => {
                    open.pop();
                    word.clear();
                }
                (None, ',') => {
                    if let Some(open) = open.last_mut() {
                        open.key = None;
                    }
                    word.clear();
                }
                (None, ':') if letters.peek().is_none_or(|next| *next == ' ') => {
                    if let Some(open) = open.last_mut() {
                        let key = word.trim().to_owned();
                        open.keys.push(key.clone());
                        open.key = Some(key);
                    }
                    word.clear();
                }
                (_, c) => word.push(c),
            }
        }
        let flow = !open.is_empty();
        let mut value = flow;
        let mut keys = Vec::new();
        for open in open {
            value = open.bracket == '[' || open.key.is_some();
            if open.bracket == '[' {
                path.push("-".to_owned());
            }
            path.extend(open.key);
            keys = open.keys;
        }
        Inner {
            path,
            value,
            typed: word.trim_start().to_owned(),
            quoted: quote.is_some(),
            flow,
            keys,
        }
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
                "quotas:\n  - {name: a,  # first\n     where: {gender: [male,\n       fe‸",
                "quotas/-/where/gender/-",
                true,
                "fe",
            ),
            ("field: {\n  start: x,\n  e‸\n}", "field", false, "e"),
            ("field: {start: x}\nst‸", "", false, "st"),
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
    fn keys_beside_what_is_typed_are_those_of_its_mapping() {
        for (text, keys) in [
            (
                "kind: Survey\nna‸\nlocale: en-US\nfield:\n  end: x\n---\ntitle: b",
                "kind locale field",
            ),
            (
                "a: 1\nquotas:\n  - name: a\n    ‸\n    where: {}\n  - id: b\nz: 1",
                "name where",
            ),
            ("quotas:\n  - ‸\n    where: {}\n  - id: b", "where"),
            ("quotas:\n  - name: a\n  - ‸\n", ""),
            ("field: {start: x, ‸, end: {y: 1}, z: 2}\na: 1", "start end z"),
            ("field: {start: x,\n  ‸", "start"),
            ("a:\n  b: 1\n‸", "a"),
        ] {
            let at = text.find('‸').unwrap();
            let typing = typing(&text.replace('‸', ""), at).unwrap();
            let mut found: Vec<&str> = typing.siblings.iter().map(String::as_str).collect();
            found.sort_by_key(|key| text.find(&format!("{key}:")));
            assert_eq!(found.join(" "), keys, "{text}");
        }
        let inside = typing("status: li", 9).unwrap();
        assert_eq!((inside.behind, inside.colon), (1, false));
        let key = typing("stat: x", 2).unwrap();
        assert_eq!((key.behind, key.colon), (2, true));
        assert!(typing("a: \"b", 5).unwrap().quoted);
    }

    #[test]
    fn any_text_and_any_place_is_looked_at_without_a_fault() {
        let text = "é: - \"x\n\t-\n  - - ü: [{a: 'b\n---\r\n- {\n:::\n? a\n";
        for offset in 0..=text.len() {
            typing(text, offset);
        }
    }
}
