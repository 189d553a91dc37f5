//! Manifests in their canonical form: order of keys, indent and spacing, with every comment kept.
//!
//! Promises: what comes out means exactly what went in, has the same comments, and comes out unchanged when it is
//! formatted again; all three are checked on every text before it is handed out. A document that cannot be laid out
//! under these promises stays as it is, byte for byte, and is named with the reason. Texts that are no YAML are not
//! touched. What a canonical order is comes from the schemas; reading and writing files is left to the caller.

mod flow;
mod layout;
mod order;
mod print;
mod same;

use self::layout::Unusual;
use crate::diag::{Diagnostic, Severity};
use crate::manifest::schema::Kind;
use crate::yaml::{self, Options, Tree};

/// What became of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formatted {
    /// The text in its canonical form.
    pub text: String,
    /// Documents that stay as they are.
    pub kept: Vec<Kept>,
}

/// A document that was not laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The line it begins in, from 1.
    pub line: usize,
    /// Why, as the end of "it was left as it is: ...".
    pub why: &'static str,
}

/// The canonical form of a text.
///
/// # Errors
/// The problems of a text that is not YAML.
pub fn format(text: &str) -> Result<Formatted, Vec<Diagnostic>> {
    let (before, problems) = yaml::parse(text, Options { comments: true });
    if problems.iter().any(|problem| problem.severity == Severity::Error) {
        return Err(problems);
    }
    let mut why = "it would not mean the same";
    for reorder in [true, false] {
        let made = match arrange(text, reorder) {
            Ok(made) => made,
            Err(unusual) => {
                why = unusual;
                break;
            }
        };
        if faithful(text, &before, &made.text) && settled(&made.text, reorder) {
            return Ok(made);
        }
    }
    Ok(Formatted {
        text: text.to_owned(),
        kept: vec![Kept { line: 1, why }],
    })
}

/// Whether a text still has every value and every comment of another.
fn faithful(before: &str, tree: &Tree<'_>, after: &str) -> bool {
    let (other, problems) = yaml::parse(after, Options { comments: true });
    problems.is_empty() && same::values(tree, &other) && same::comments((before, tree), (after, &other))
}

/// Whether formatting a text again changes nothing.
fn settled(text: &str, reorder: bool) -> bool {
    arrange(text, reorder).is_ok_and(|again| again.text == text)
}

/// Lays out all documents of a text, without looking at what came out.
fn arrange(text: &str, reorder: bool) -> Result<Formatted, Unusual> {
    let (mark, text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("\u{feff}", rest),
        None => ("", text),
    };
    let windows = text
        .split_once('\n')
        .is_some_and(|(first, _)| first.ends_with('\r'));
    let text = text.replace("\r\n", "\n");
    if text.contains('\r') {
        return Err("its lines end in different ways");
    }
    let mut out = String::with_capacity(text.len() + 16);
    let mut kept = Vec::new();
    for part in parts(&text)? {
        if let Some(marker) = part.marker {
            out.push_str(marker.trim_end());
            out.push('\n');
        }
        match document(part.body, reorder) {
            Ok(Some(laid)) => out.push_str(&laid),
            Ok(None) => out.push_str(part.body),
            Err(why) => {
                kept.push(Kept { line: part.line, why });
                out.push_str(part.body);
            }
        }
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
    }
    if windows {
        out = out.replace('\n', "\r\n");
    }
    Ok(Formatted {
        text: format!("{mark}{out}"),
        kept,
    })
}

/// A document with the line that opens it.
struct Part<'a> {
    /// `---`, with a comment perhaps; none before the first document of most files.
    marker: Option<&'a str>,
    body: &'a str,
    /// The first line of the body, from 1.
    line: usize,
}

/// Cuts a text at its `---` lines. Lines of that form stand nowhere else in YAML.
fn parts(text: &str) -> Result<Vec<Part<'_>>, Unusual> {
    let mut parts = vec![Part {
        marker: None,
        body: "",
        line: 1,
    }];
    let (mut start, mut at) = (0, 0);
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let word = line.split([' ', '\t', '\n']).next().unwrap_or_default();
        if word == "..." || line.starts_with('%') {
            return Err("it has directives or `...`");
        }
        if word == "---" {
            let rest = line[3..].trim();
            if !rest.is_empty() && !rest.starts_with('#') {
                return Err("a document begins on the line of its `---`");
            }
            if let Some(open) = parts.last_mut() {
                open.body = &text[start..at];
            }
            parts.push(Part {
                marker: Some(line),
                body: "",
                line: index + 2,
            });
            start = at + line.len();
        }
        at += line.len();
    }
    if let Some(open) = parts.last_mut() {
        open.body = &text[start..];
    }
    if parts[0].body.is_empty() && parts.len() > 1 {
        parts.remove(0);
    }
    Ok(parts)
}

/// One document in its canonical form; `None` where it is no manifest, and none of our business.
fn document(body: &str, reorder: bool) -> Result<Option<String>, Unusual> {
    let (tree, _) = yaml::parse(body, Options { comments: true });
    let Some(root) = tree.documents().next() else {
        return Ok(None);
    };
    let kind = root
        .get("kind")
        .and_then(|(_, node)| Some(node.scalar()?.text.to_string()));
    let Some(kind) = kind.as_deref().and_then(Kind::from_word) else {
        return Ok(None);
    };
    if !root.is_mapping() || body[root.span().range()].starts_with('{') {
        return Err("it is written in braces as a whole");
    }
    let order = order::of(kind, reorder);
    let laid = layout::read(body, root, order)?;
    Ok(Some(print::write(laid)))
}
