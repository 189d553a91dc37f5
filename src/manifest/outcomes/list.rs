//! Lists of outcomes as CSV: from a spreadsheet's export to rows, each with its exact place.
//!
//! A byte-order mark, CRLF, quoted fields, blanks around values, semicolons or tabs for commas, and a
//! first line `sep=;` are normal. Promises:
//! a list without a header is not guessed at; a file of a hundred thousand rows is read in one go and kept as rows, not
//! as text.

use super::rows::{Defaults, Listed, Rows, Written};
use crate::diag::suggest;
use crate::diag::text::short;
use crate::diag::{Diagnostic, SourceFile, Span, code};
use csv::{ReaderBuilder, StringRecord};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// Largest list that is read: 64 MiB, about a million rows.
const MAX_LIST_BYTES: u64 = 64 * 1024 * 1024;

/// The columns a list may have.
const COLUMNS: [&str; 5] = ["transaction_id", "outcome", "reason", "survey", "quota_ids"];

/// The keys of quotas in one field. Where nothing else separates them, blanks do.
fn quota_names(text: &str) -> Vec<String> {
    let separator = |c: char| matches!(c, ';' | ',' | '|');
    let parts: Vec<&str> = match text.contains(separator) {
        true => text.split(separator).map(str::trim).collect(),
        false => text.split_whitespace().collect(),
    };
    let named = parts.into_iter().filter(|part| !part.is_empty());
    named.map(str::to_owned).collect()
}

/// The text of a list again, for showing a place in it.
pub fn source(path: &Path, name: &Arc<str>) -> Option<SourceFile> {
    let text = crate::yaml::read_text(path, MAX_LIST_BYTES).ok()?;
    Some(SourceFile::new(Arc::clone(name), text.into()))
}

/// Reads a list from a file.
///
/// # Errors
/// When it gives no text at all.
pub fn read(path: &Path, name: &Arc<str>, defaults: Defaults) -> Result<Listed, crate::yaml::ReadError> {
    let text = crate::yaml::read_text(path, MAX_LIST_BYTES)?;
    let mut listed = parse(&text, path, name, defaults);
    if !listed.problems.is_empty() {
        listed.source = Some(SourceFile::new(Arc::clone(name), text.into()));
    }
    Ok(listed)
}

/// Reads a list.
pub fn parse(text: &str, path: &Path, name: &Arc<str>, defaults: Defaults) -> Listed {
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let (named, told) = separator(&text[mark..]);
    let mark = mark + told;
    let body = &text[mark..];
    let first = body.lines().next().unwrap_or_default();
    let delimiter = named.unwrap_or_else(|| delimiter(first));
    let has_default = defaults.outcome.is_some();
    let mut rows = Rows::new(name, path, defaults);
    let head = Span::new(mark, mark + first.len());
    if let Some((start, wrong)) = wrong_quote(body, delimiter) {
        let line = body[start..].lines().next().unwrap_or_default().len();
        let (message, label, help) = wrong.told();
        let problem = Diagnostic::error(code::OUTCOME_LIST, message);
        let problem = problem.at(Span::new(start + mark, start + mark + line), label);
        rows.push(problem.help(help));
        return rows.finish(head);
    }
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(body.as_bytes());
    let mut record = StringRecord::new();
    let mut columns: Option<Vec<Option<&'static str>>> = None;
    loop {
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let problem = Diagnostic::error(code::OUTCOME_LIST, format!("this is not CSV: {error}"));
                rows.push(problem.at(head, "in this file"));
                break;
            }
        }
        let start = record
            .position()
            .map_or(0, |place| usize::try_from(place.byte()).unwrap_or(usize::MAX));
        let place = |index: usize| {
            let field = field_span(body, start, delimiter, index);
            Span::new(field.start as usize + mark, field.end as usize + mark)
        };
        match &columns {
            None => match header(&mut rows, &record, &place, head, has_default) {
                Some(found) => columns = Some(found),
                None => break,
            },
            Some(columns) => add(&mut rows, &record, columns, &place),
        }
    }
    rows.finish(head)
}

/// What is wrong with a quoted field: each of these takes in rows that nobody would miss.
#[derive(Clone, Copy)]
enum WrongQuote {
    /// Nothing ends it.
    Open,
    /// Something stands behind its end: what ended it was to begin another one.
    Followed,
    /// It goes on over what looks like rows.
    Rows,
}

impl WrongQuote {
    /// The problem, what is said at the quote, and the help.
    fn told(self) -> (&'static str, &'static str, &'static str) {
        let end = "end it with a second double quote, or leave the first one out";
        match self {
            Self::Open => (
                "the list ends inside of a quoted field",
                "the quote begins here, and takes in every row below",
                end,
            ),
            Self::Followed => (
                "a quoted field does not end where its quotes do",
                "the quote begins here, and text follows the one that ends it",
                "end it with a second double quote, or leave the first one out; write a quote inside of it twice",
            ),
            Self::Rows => (
                "a quoted field takes in what looks like rows",
                "the quote begins here, and ends in another line",
                "end it in its own line; write a text without line breaks",
            ),
        }
    }
}

/// Where a quoted field begins that cannot be meant, read as CSV is: a quote counts where a field begins, and two in a row
/// inside of one are a character.
fn wrong_quote(text: &str, delimiter: u8) -> Option<(usize, WrongQuote)> {
    let ends = |byte: u8| byte == delimiter || matches!(byte, b'\r' | b'\n');
    let (mut begins, mut at) = (true, 0);
    let bytes = text.as_bytes();
    while let Some(byte) = bytes.get(at) {
        if !(begins && *byte == b'"') {
            begins = ends(*byte);
            at += 1;
            continue;
        }
        let start = at;
        let (mut lines, mut rows) = (false, false);
        at += 1;
        loop {
            match bytes.get(at) {
                None => return Some((start, WrongQuote::Open)),
                Some(b'"') if bytes.get(at + 1) == Some(&b'"') => at += 1,
                Some(b'"') => break,
                Some(byte) => {
                    rows |= lines && *byte == delimiter;
                    lines |= matches!(byte, b'\r' | b'\n');
                }
            }
            at += 1;
        }
        at += 1;
        let behind = bytes[at..].iter().find(|byte| **byte != b' ');
        if !behind.is_none_or(|byte| ends(*byte)) {
            return Some((start, WrongQuote::Followed));
        }
        if rows {
            return Some((start, WrongQuote::Rows));
        }
        begins = false;
    }
    None
}

/// What a first line `sep=;` says that separates the columns, as Excel writes and reads it, and the length of that line.
fn separator(text: &str) -> (Option<u8>, usize) {
    let first = text.split_inclusive('\n').next().unwrap_or_default();
    let bare = first.trim_end_matches(['\r', '\n']).trim_matches('"');
    let said = bare.get(..4).filter(|word| word.eq_ignore_ascii_case("sep="));
    match (said, bare.as_bytes().get(4..)) {
        (Some(_), Some([one])) if one.is_ascii() => (Some(*one), first.len()),
        _ => (None, 0),
    }
}

/// What separates the columns: whatever the first line has most of.
fn delimiter(first: &str) -> u8 {
    let count = |c: char| first.matches(c).count();
    match (count(','), count(';'), count('\t')) {
        (commas, semicolons, tabs) if semicolons > commas && semicolons >= tabs => b';',
        (commas, _, tabs) if tabs > commas => b'\t',
        _ => b',',
    }
}

/// The meaning of each column. A list without a header is not guessed at.
fn header(
    rows: &mut Rows,
    record: &StringRecord,
    place: &dyn Fn(usize) -> Span,
    head: Span,
    has_default: bool,
) -> Option<Vec<Option<&'static str>>> {
    let normal = |name: &str| name.trim().to_ascii_lowercase().replace([' ', '-'], "_");
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut columns = Vec::new();
    for (index, name) in record.iter().enumerate() {
        let known = COLUMNS.into_iter().find(|column| *column == normal(name));
        if let Some(column) = known
            && !seen.insert(column)
        {
            let message = format!("the column `{column}` is there twice");
            rows.error(
                code::OUTCOME_COLUMN,
                message,
                (place(index), "again"),
                "remove one of them",
            );
        }
        columns.push(known);
    }
    let needed = ["transaction_id", "outcome"].into_iter();
    let mut needed = needed.filter(|column| *column != "outcome" || !has_default);
    if let Some(column) = needed.find(|column| !seen.contains(column)) {
        let message = format!("the list has no column `{column}`");
        let help = "begin with a line `transaction_id,outcome,reason`";
        let place = (head, "the first line names the columns");
        rows.error(code::OUTCOME_LIST, message, place, help);
        return None;
    }
    for (index, name) in record.iter().enumerate() {
        if columns.get(index) == Some(&None) && !name.trim().is_empty() {
            let message = format!("the column `{}` means nothing here", short(name.trim()));
            let known = || format!("known columns: {}", suggest::list(COLUMNS));
            let help = suggest::help(&normal(name), COLUMNS, known);
            let problem = Diagnostic::warning(code::OUTCOME_COLUMN, message);
            rows.push(problem.at(place(index), "passed over").help(help));
        }
    }
    Some(columns)
}

fn add(
    rows: &mut Rows,
    record: &StringRecord,
    columns: &[Option<&'static str>],
    place: &dyn Fn(usize) -> Span,
) {
    if record.iter().all(|field| field.trim().is_empty()) {
        return; // what a spreadsheet leaves below its last row
    }
    let (values, count) = (record.len(), columns.len());
    if record.iter().skip(count).any(|field| !field.trim().is_empty()) {
        let message = format!("this row has {values} values for {count} columns");
        let help = "put values with commas into double quotes";
        return rows.error(code::OUTCOME_LIST, message, (place(count), "one too many"), help);
    }
    let field = |column: &str| {
        let index = columns.iter().position(|name| *name == Some(column))?;
        Some((record.get(index).unwrap_or_default().trim(), index))
    };
    let (id, index) = field("transaction_id").unwrap_or_default();
    let placed = |column: &str| field(column).map(|(text, index)| (text, place(index)));
    rows.add(Written {
        id: (id, place(index)),
        outcome: placed("outcome"),
        reason: placed("reason"),
        survey: placed("survey"),
        quotas: placed("quota_ids").map(|(text, place)| (quota_names(text), place)),
    });
}

/// Where a field of the record stands that begins at `start`, without quotes and blanks around it.
fn field_span(text: &str, start: usize, delimiter: u8, wanted: usize) -> Span {
    let bytes = text.as_bytes();
    let mut at = start.min(bytes.len());
    while bytes.get(at).is_some_and(|b| matches!(b, b'\r' | b'\n')) {
        at += 1;
    }
    let mut index = 0;
    loop {
        let begin = at;
        let mut quoted = false;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'"' => quoted = !quoted,
                b'\r' | b'\n' if !quoted => break,
                byte if *byte == delimiter && !quoted => break,
                _ => {}
            }
            at += 1;
        }
        let last = bytes.get(at).is_none_or(|byte| *byte != delimiter);
        if index == wanted || last {
            let field = text.get(begin..at).unwrap_or_default();
            let trim = |c: char| c.is_whitespace() || c == '"';
            let inner = field.trim_matches(trim);
            if index != wanted || inner.is_empty() {
                return Span::new(begin, at);
            }
            let begin = begin + (field.len() - field.trim_start_matches(trim).len());
            return Span::new(begin, begin + inner.len());
        }
        index += 1;
        at += 1;
    }
}
