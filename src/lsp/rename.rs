//! Another name for a survey, a group of it, or any other document: everywhere it is said, with `moved_from` beside it, so that
//! what exists is renamed and nothing is made.
//!
//! Promises: the surveys of a document are told apart by reading it with the new name, so those of a matrix follow; a name that is
//! taken, or is none, is refused with the reason.

use super::place;
use super::project::{Projects, View};
use super::references::{self, Target};
use crate::diag::Span;
use crate::manifest::Meant;
use crate::manifest::schema::Kind;
use crate::model::{Address, MovedFrom};
use crate::yaml::{self, Node};
use lsp_types::{Position, PrepareRenameResponse, TextEdit, Uri, WorkspaceEdit};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// The key that says the name before.
const MOVED: &str = "moved_from";

/// The name at a position, if it can be another one.
pub(super) fn prepare(projects: &Projects, uri: &Uri, position: Position) -> Option<PrepareRenameResponse> {
    let view = projects.view(uri)?;
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options::default());
    let (spot, path) = place::find(&tree, view.text.offset(position))?;
    references::target(&view, spot, &path)?;
    if spot.on_key {
        return None;
    }
    let written = &view.text.as_str()[spot.span.range()];
    let inner = inner(written, spot.span);
    let placeholder = view.text.as_str()[inner.clone()].split('@').next()?.to_owned();
    let end = inner.start + placeholder.len();
    Some(PrepareRenameResponse::RangeWithPlaceholder {
        range: view.text.range(Span::new(inner.start, end)),
        placeholder,
    })
}

/// A value without its quotes.
fn inner(written: &str, span: Span) -> Range<usize> {
    let quoted = written.len() >= 2 && written.starts_with(['"', '\'']);
    let span = span.range();
    if quoted {
        span.start + 1..span.end - 1
    } else {
        span
    }
}

/// Edits of one file: parts of its text, and what stands there instead.
type Edits = Vec<(Range<usize>, String)>;

/// The edits that give the name at a position another one.
///
/// # Errors
/// With the reason for which it cannot have that name.
pub(super) fn at(
    projects: &Projects,
    uri: &Uri,
    position: Position,
    new: &str,
) -> Result<Option<WorkspaceEdit>, String> {
    let Some(view) = projects.view(uri) else {
        return Ok(None);
    };
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options::default());
    let Some((spot, path)) = place::find(&tree, view.text.offset(position)) else {
        return Ok(None);
    };
    let Some(target) = references::target(&view, spot, &path) else {
        return Err("there is no name of a survey or group here".to_owned());
    };
    let edits = match &target {
        Target::Group { document, place } => group(&view, &tree, *document, *place, new)?,
        Target::Document { file, document, .. } => self::document(&view, file, *document, new)?,
    };
    #[expect(
        clippy::mutable_key_type,
        reason = "the protocol wants this map, and nobody changes the key"
    )]
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for (file, edits) in edits {
        let Some((path, text)) = references::text_of(&view, &file) else {
            return Err(format!("{file} cannot be read"));
        };
        let edits = edits.into_iter();
        let edits = edits.map(|(part, put)| TextEdit::new(text.range(Span::new(part.start, part.end)), put));
        if let Some(uri) = projects.uri(&path) {
            changes.entry(uri).or_default().extend(edits);
        }
    }
    Ok(Some(WorkspaceEdit::new(changes)))
}

fn no_name(new: &str) -> String {
    format!(
        "`{new}` is no name: use lower-case letters, digits and dashes between them, at most 64 characters"
    )
}

/// The value of a name in the quotes that it has.
fn put(text: &str, span: Span, new: &str, flow: bool) -> (Range<usize>, String) {
    let written = &text[span.range()];
    match written.chars().next() {
        Some(quote @ ('"' | '\'')) => (span.range(), format!("{quote}{new}{quote}")),
        _ => (span.range(), yaml::text(new, flow).into_owned()),
    }
}

/// A group of a survey gets another name.
fn group(
    view: &View<'_>,
    tree: &yaml::Tree<'_>,
    document: usize,
    at: usize,
    new: &str,
) -> Result<BTreeMap<Arc<str>, Edits>, String> {
    let text = view.text.as_str();
    let missing = || "the group cannot be read".to_owned();
    let root = tree.documents().nth(document).ok_or_else(missing)?;
    let groups = root.get("groups").ok_or_else(missing)?.1;
    let named = |item: Node<'_, '_>| Some(item.get("name")?.1.scalar()?.text.to_string());
    let item = groups.items().nth(at).ok_or_else(missing)?;
    let old = named(item).ok_or_else(missing)?;
    if !Address::is_valid_name(new) && !new.contains("${") {
        return Err(no_name(new));
    }
    if groups
        .items()
        .enumerate()
        .any(|(other, item)| other != at && named(item).as_deref() == Some(new))
    {
        return Err(format!("the survey has a group `{new}` already"));
    }
    let survey = named(root).unwrap_or_default();
    let known = view.editing.known();
    let is_known = |name: &str| {
        let known = known?;
        let all = known.resources.keys();
        let same = |address: &Address| address.manifest() == survey && address.group_name() == Some(name);
        Some(all.into_iter().any(same))
    };
    let edits = renamed(text, item, &old, new, &is_known).ok_or_else(missing)?;
    let file = view.editing.name(view.path).ok_or_else(missing)?;
    Ok(BTreeMap::from([(Arc::clone(file), edits)]))
}

/// A document gets another name, everywhere.
fn document(
    view: &View<'_>,
    file: &Arc<str>,
    document: usize,
    new: &str,
) -> Result<BTreeMap<Arc<str>, Edits>, String> {
    let missing = || format!("{file} cannot be read");
    let (path, text) = references::text_of(view, file).ok_or_else(missing)?;
    let (tree, _) = yaml::parse(text.as_str(), yaml::Options::default());
    let root = tree.documents().nth(document).ok_or_else(missing)?;
    let old = root
        .get("name")
        .and_then(|(_, node)| node.scalar())
        .ok_or_else(missing)?;
    let old = old.text.to_string();
    let own = |named: &crate::manifest::Named<'_>| *named.file == *file && named.document == document;
    let before: BTreeSet<&str> = view.editing.named().filter(own).map(|named| named.name).collect();
    let known = view.editing.known();
    let is_known = |name: &str| {
        let known = known?;
        let names: BTreeSet<&str> = match name == old {
            true => before.clone(),
            false => BTreeSet::from([name]),
        };
        let all = known.resources.keys();
        Some(all.into_iter().any(|address| names.contains(address.manifest())))
    };
    let edits = renamed(text.as_str(), root, &old, new, &is_known).ok_or_else(missing)?;
    // What the names become is found by reading the document with its new name.
    let names = match place::kind(root) == Some(Kind::Survey) {
        true => {
            let of = |all: Vec<Meant>| -> Vec<String> {
                let own = all.into_iter().filter(|one| one.document == document);
                own.filter_map(|one| one.name).collect()
            };
            let (olds, news) = (
                of(view.editing.meant(&path)),
                of(view.editing.meant_by(&path, &edited(text.as_str(), &edits))),
            );
            if olds.len() != news.len() || news.is_empty() {
                return Err(format!("with the name `{new}` the document cannot be read"));
            }
            olds.into_iter().zip(news).collect()
        }
        false => vec![(old.clone(), new.to_owned())],
    };
    if let Some((_, wrong)) = names.iter().find(|(_, new)| !Address::is_valid_name(new)) {
        return Err(no_name(wrong));
    }
    let distinct: BTreeSet<&String> = names.iter().map(|(_, new)| new).collect();
    if distinct.len() < names.len() {
        return Err(format!(
            "with the name `{new}` several surveys of the document would have one name"
        ));
    }
    let taken =
        |named: &crate::manifest::Named<'_>| !own(named) && names.iter().any(|(_, new)| new == named.name);
    if let Some(taken) = view.editing.named().find(taken) {
        return Err(format!("`{}` is taken by {}", taken.name, taken.file));
    }
    let mut all = BTreeMap::from([(Arc::clone(file), edits)]);
    let olds = names.iter().map(|(old, _)| old.clone()).collect();
    for said in references::said(view.editing, &olds) {
        let (survey, rest) = match said.written.split_once('@') {
            Some((survey, vendor)) => (survey, format!("@{vendor}")),
            None => (said.written.as_str(), String::new()),
        };
        let Some((_, new)) = names.iter().find(|(old, _)| old == survey) else {
            continue;
        };
        let Some((_, text)) = references::text_of(view, &said.file) else {
            return Err(format!("{} cannot be read", said.file));
        };
        let edit = put(text.as_str(), said.span, &format!("{new}{rest}"), true);
        all.entry(said.file).or_default().push(edit);
    }
    Ok(all)
}

fn edited(text: &str, edits: &Edits) -> String {
    let mut edits = edits.clone();
    edits.sort_by_key(|(part, _)| std::cmp::Reverse(part.start));
    let mut text = text.to_owned();
    for (part, put) in edits {
        text.replace_range(part, &put);
    }
    text
}

/// The edits of a mapping whose name changes: the name, and what it says of the name before. `is_known` says whether something
/// is remembered under a name; nothing where nothing is remembered at all.
fn renamed(
    text: &str,
    node: Node<'_, '_>,
    old: &str,
    new: &str,
    is_known: &dyn Fn(&str) -> Option<bool>,
) -> Option<Edits> {
    let entry = node.entries().iter().find(|entry| entry.key == "name")?;
    let value = node.of(entry);
    if value.is_alias() {
        return None;
    }
    let flow = text[node.span().range()].starts_with('{');
    let mut edits = vec![put(text, value.span(), new, flow)];
    let moved = node.entries().iter().find(|entry| entry.key == MOVED);
    let Some(moved) = moved else {
        let before = format!("{MOVED}: {}", yaml::text(old, flow));
        let (end, line) = if flow {
            (value.span().range().end, format!(", {before}"))
        } else {
            let key = entry.key_span.range().start;
            let column = key - text[..key].rfind('\n').map_or(0, |at| at + 1);
            let end = value.span().range().end;
            let end = end + text[end..].find('\n').unwrap_or(text.len() - end);
            let cut = text[..end].ends_with('\r');
            let (end, newline) = if cut { (end - 1, "\r\n") } else { (end, "\n") };
            (end, format!("{newline}{}{before}", " ".repeat(column)))
        };
        edits.push((end..end, line));
        return Some(edits);
    };
    let said = node.of(moved);
    let written = said.scalar()?.text.to_string();
    if written == new {
        // It has the name again that it had.
        let (start, end) = (moved.key_span.range().start, said.span().range().end);
        let part = match flow {
            true => place::flow_entry(text, start, end),
            false => place::block_entry(text, start, end),
        };
        edits.push((part, String::new()));
        return Some(edits);
    }
    let waits =
        is_known(old) == Some(false) && (written == MovedFrom::NONE || is_known(&written) == Some(true));
    if !waits {
        edits.push(put(text, said.span(), old, flow));
    }
    Some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applied(text: &str, new: &str, known: &[&str]) -> String {
        let (tree, _) = yaml::parse(text, yaml::Options::default());
        let root = tree.documents().next().unwrap();
        let old = root.get("name").unwrap().1.scalar().unwrap().text.to_string();
        let is_known = |name: &str| (!known.is_empty()).then(|| known.contains(&name));
        edited(text, &renamed(text, root, &old, new, &is_known).unwrap())
    }

    #[test]
    fn the_name_before_is_said_once_and_the_one_that_is_remembered() {
        for (before, new, known, after) in [
            (
                "kind: Survey\nname: a # mine\ntitle: x\n",
                "b",
                &[] as &[&str],
                "kind: Survey\nname: b # mine\nmoved_from: a\ntitle: x\n",
            ),
            ("name: a", "b", &[], "name: b\nmoved_from: a"),
            (
                "name: a\r\nx: 1\r\n",
                "b",
                &[],
                "name: b\r\nmoved_from: a\r\nx: 1\r\n",
            ),
            ("{name: 'a', x: 1}", "b", &[], "{name: 'b', moved_from: a, x: 1}"),
            // It was applied as `a`, so the line was an old one.
            (
                "name: a\nmoved_from: z\n",
                "b",
                &["a"],
                "name: b\nmoved_from: a\n",
            ),
            // It was not applied as `a` yet: `z` is still what is remembered.
            (
                "name: a\nmoved_from: z\n",
                "b",
                &["z"],
                "name: b\nmoved_from: z\n",
            ),
            (
                "name: a\nmoved_from: none\n",
                "b",
                &["z"],
                "name: b\nmoved_from: none\n",
            ),
            ("name: a\nmoved_from: z\nx: 1\n", "z", &["z"], "name: z\nx: 1\n"),
            ("{name: a, moved_from: z}", "z", &["z"], "{name: z}"),
            (
                "name: a-${x}\n",
                "b-${x}",
                &[],
                "name: b-${x}\nmoved_from: a-${x}\n",
            ),
        ] {
            assert_eq!(applied(before, new, known), after, "{before}");
        }
    }
}
