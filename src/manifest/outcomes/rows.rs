//! Outcomes as written, in a manifest or a list: from texts with places to rows.
//!
//! Promises: a row that is not understood is never skipped, it makes the whole list unusable; every problem has a line
//! and a column; equal reasons and quotas are kept once. Reading CSV is `list`'s; which transactions exist is left to
//! the vendor.

use crate::diag::suggest;
use crate::diag::text::short;
use crate::diag::{Code, Diagnostic, SourceFile, Span, code};
use crate::model::reconciliation::{Bytes, Named, Outcome, Reconciliation, Row, SurveyRef, folded};
use crate::model::{Address, VendorId};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Problems told per list; nobody reads more before mending the first ones.
const MAX_PROBLEMS: usize = 50;
/// Longest transaction id.
const MAX_ID: usize = 64;
/// Longest reason.
const MAX_REASON: usize = 500;

/// What a row has if it does not say it itself.
#[derive(Debug, Clone, Default)]
pub struct Defaults {
    /// The outcome.
    pub outcome: Option<Outcome>,
    /// The reason.
    pub reason: Option<Arc<str>>,
    /// The quotas of a complete.
    pub quotas: Option<Arc<[String]>>,
    /// The survey.
    pub survey: Option<Named>,
}

/// What a list gave.
#[derive(Debug, Default)]
pub struct Listed {
    /// The rows in the order of the list.
    pub rows: Vec<Row>,
    /// The surveys they point to.
    pub surveys: Vec<Named>,
    /// What is wrong with the list, with its file.
    pub problems: Vec<Diagnostic>,
    /// The text, where a problem has to show it.
    pub source: Option<SourceFile>,
}

/// Collects rows, whatever they are written in, and finds what only all of them together show.
pub(super) struct Rows {
    defaults: Defaults,
    file: Arc<str>,
    path: PathBuf,
    rows: Vec<Row>,
    surveys: Vec<Named>,
    by_survey: BTreeMap<SurveyRef, u32>,
    reasons: BTreeMap<String, Arc<str>>,
    quota_lists: BTreeMap<Vec<String>, Arc<[String]>>,
    problems: Vec<Diagnostic>,
    left_out: usize,
}

/// One row as written, with the places of its values.
pub(super) struct Written<'a> {
    pub(super) id: (&'a str, Span),
    pub(super) outcome: Option<(&'a str, Span)>,
    pub(super) reason: Option<(&'a str, Span)>,
    pub(super) survey: Option<(&'a str, Span)>,
    pub(super) quotas: Option<(Vec<String>, Span)>,
}

impl Rows {
    pub(super) fn new(file: &Arc<str>, path: &Path, defaults: Defaults) -> Self {
        Self {
            defaults,
            file: Arc::clone(file),
            path: path.to_owned(),
            rows: Vec::new(),
            surveys: Vec::new(),
            by_survey: BTreeMap::new(),
            reasons: BTreeMap::new(),
            quota_lists: BTreeMap::new(),
            problems: Vec::new(),
            left_out: 0,
        }
    }

    pub(super) fn push(&mut self, problem: Diagnostic) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem.in_file(&self.file));
        } else {
            self.left_out += 1;
        }
    }

    /// Adds an error at a place of the list, with what to do.
    pub(super) fn error(
        &mut self,
        code: Code,
        message: impl Into<String>,
        (place, label): (Span, &str),
        help: impl Into<String>,
    ) {
        self.push(Diagnostic::error(code, message).at(place, label).help(help));
    }

    /// Takes a row. What is wrong with it is a problem; such a list is never used.
    pub(super) fn add(&mut self, written: Written<'_>) {
        let (id, place) = written.id;
        if !is_id(id) {
            let code = code::OUTCOME_TRANSACTION;
            if id.is_empty() {
                let (message, help) = (
                    "this row has no transaction id",
                    "remove the row, or write the id",
                );
                return self.error(code, message, (place, "nothing here"), help);
            }
            let message = format!("`{}` cannot be a transaction id", short(id));
            let help = "ids are letters, digits, dashes and underscores; a spreadsheet may have turned one into a number \
                        or a formula";
            return self.error(code, message, (place, "not an id"), help);
        }
        let Some(outcome) = self.outcome(written.outcome, place) else {
            return;
        };
        let Some(survey) = self.survey(written.survey, place) else {
            return;
        };
        let reason = match written.reason.filter(|(text, _)| !text.is_empty()) {
            None => self.defaults.reason.clone(),
            Some((text, _)) if self.reasons.contains_key(text) => self.reasons.get(text).cloned(),
            Some((text, place))
                if text.chars().count() > MAX_REASON || text.chars().any(char::is_control) =>
            {
                let message = format!("a reason is one line of at most {MAX_REASON} characters");
                let problem = Diagnostic::error(code::OUTCOME_LIST, message);
                return self.push(problem.at(place, "cannot be sent"));
            }
            Some((text, _)) => {
                let shared: Arc<str> = text.into();
                self.reasons.insert(text.to_owned(), Arc::clone(&shared));
                Some(shared)
            }
        };
        let quotas = match written.quotas.filter(|(names, _)| !names.is_empty()) {
            None => self
                .defaults
                .quotas
                .clone()
                .filter(|_| outcome == Outcome::Complete),
            Some((_, place)) if outcome != Outcome::Complete => {
                let message = format!("only a complete counts for quotas, and this is `{outcome}`");
                let place = (place, "counts for nothing");
                return self.error(code::OUTCOME_QUOTAS, message, place, "leave it empty");
            }
            Some((names, place)) => {
                if let Some(bad) = names.iter().find(|name| !is_quota(name)) {
                    let message = format!("`{}` cannot be the id of a quota", short(bad));
                    let help = "ids are letters, digits, dots, dashes and underscores; separate several by blanks or `;`";
                    return self.error(code::OUTCOME_QUOTAS, message, (place, "not an id"), help);
                }
                let shared = self
                    .quota_lists
                    .entry(names.clone())
                    .or_insert_with(|| names.into());
                Some(Arc::clone(shared))
            }
        };
        self.rows.push(Row {
            id: id.into(),
            outcome,
            reason,
            quotas,
            survey,
            place: bytes(place),
        });
    }

    fn outcome(&mut self, written: Option<(&str, Span)>, row: Span) -> Option<Outcome> {
        let words = || suggest::list(Outcome::ALL.map(Outcome::word));
        let Some((word, place)) = written.filter(|(word, _)| !word.is_empty()) else {
            if self.defaults.outcome.is_none() {
                let place = written.map_or(row, |(_, place)| place);
                let (message, help) = ("this transaction has no outcome", format!("write {}", words()));
                self.error(code::OUTCOME_UNKNOWN, message, (place, "which?"), help);
            }
            return self.defaults.outcome;
        };
        let known = Outcome::from_word(word);
        if known.is_none() {
            let help = suggest::help(word, Outcome::ALL.map(Outcome::word), || {
                format!("write {}", words())
            });
            let message = format!("there is no outcome `{}`", short(word));
            self.error(code::OUTCOME_UNKNOWN, message, (place, "unknown outcome"), help);
        }
        known
    }

    fn survey(&mut self, written: Option<(&str, Span)>, row: Span) -> Option<u32> {
        let named = match written.filter(|(text, _)| !text.is_empty()) {
            None => self.defaults.survey.clone(),
            Some((text, place)) => match survey_ref(text) {
                Some(survey) => Some(Named {
                    survey,
                    file: Arc::clone(&self.file),
                    path: self.path.clone(),
                    place: bytes(place),
                }),
                None => {
                    let message = format!("`{}` is no survey", short(text));
                    let help = "write the `name` of a survey, or the vendor's id";
                    self.error(code::OUTCOME_SURVEY, message, (place, "unknown"), help);
                    return None;
                }
            },
        };
        let Some(named) = named else {
            let message = "this transaction belongs to no survey";
            let help =
                "say `survey:` in the manifest, `--survey` on the command line, or add a column `survey`";
            self.error(code::OUTCOME_SURVEY, message, (row, "of which survey?"), help);
            return None;
        };
        if let Some(index) = self.by_survey.get(&named.survey) {
            return Some(*index);
        }
        let index = u32::try_from(self.surveys.len()).unwrap_or(u32::MAX);
        self.by_survey.insert(named.survey.clone(), index);
        self.surveys.push(named);
        Some(index)
    }

    /// Everything together. `whole` is where a list without rows is shown.
    pub(super) fn finish(mut self, whole: Span) -> Listed {
        if self.rows.is_empty() && self.problems.is_empty() {
            let (message, help) = (
                "there is no transaction in this list",
                "nothing would be changed; remove it",
            );
            self.error(code::OUTCOME_EMPTY, message, (whole, "nothing below"), help);
        }
        let mut seen: HashMap<Cow<'_, str>, usize> = HashMap::with_capacity(self.rows.len());
        let mut doubles = Vec::new();
        for (index, row) in self.rows.iter().enumerate() {
            let id = folded(&row.id);
            match seen.get(&id) {
                Some(first) => doubles.push((*first, index)),
                None => {
                    seen.insert(id, index);
                }
            }
        }
        drop(seen);
        for (first, again) in doubles {
            let (one, other) = (&self.rows[first], &self.rows[again]);
            let (id, wanted, again) = (&other.id, one.outcome, other.outcome);
            let problem = if wanted == again && one.survey == other.survey {
                let message = format!("the transaction {id} is listed twice");
                Diagnostic::error(code::OUTCOME_DUPLICATE, message).help("remove one of the rows")
            } else {
                let message = format!("the transaction {id} is to be `{wanted}` and `{again}`");
                Diagnostic::error(code::OUTCOME_CONTRADICTION, message).help("keep the row that is meant")
            };
            let problem = problem.at(span(other.place), "again");
            self.push(problem.also(span(one.place), "first"));
        }
        if self.left_out > 0 {
            let message = format!("{} more problems are in this list", self.left_out);
            let problem = Diagnostic::error(code::OUTCOME_LIST, message).in_file(&self.file);
            self.problems.push(problem);
        }
        Listed {
            rows: self.rows,
            surveys: self.surveys,
            problems: self.problems,
            source: None,
        }
    }
}

pub(super) fn bytes(span: Span) -> Bytes {
    Bytes {
        start: span.start,
        end: span.end,
    }
}

/// A place as diagnostics have it.
pub fn span(place: Bytes) -> Span {
    Span {
        start: place.start,
        end: place.end,
    }
}

/// Whether a text may be the id of a transaction. Documented ids are 22 letters and digits (PureSpectrum) or UUIDs.
pub fn is_id(text: &str) -> bool {
    is_word(text, b"-_")
}

fn is_quota(text: &str) -> bool {
    is_word(text, b"._-")
}

fn is_word(text: &str, signs: &[u8]) -> bool {
    let fits = |b: u8| b.is_ascii_alphanumeric() || signs.contains(&b);
    (1..=MAX_ID).contains(&text.len()) && text.bytes().all(fits)
}

/// A survey as people write it: digits are an id of the vendor, other names are the project's.
pub fn survey_ref(text: &str) -> Option<SurveyRef> {
    if !text.is_empty() && text.len() <= 20 && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(SurveyRef::Id(text.to_owned()));
    }
    // Ids of Cint are ULIDs, in capitals.
    let has_capital = text.bytes().any(|b| b.is_ascii_uppercase());
    if has_capital && text.len() <= 40 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Some(SurveyRef::Id(text.to_owned()));
    }
    // Where several marketplaces field a survey, `name@vendor` is one of them.
    let (survey, group) = text
        .split_once('/')
        .map_or((text, None), |(survey, group)| (survey, Some(group)));
    let (name, vendor) = survey
        .split_once('@')
        .map_or((survey, None), |(name, key)| (name, Some(key)));
    let named = Address::is_valid_name(name)
        && group.is_none_or(Address::is_valid_name)
        && vendor.is_none_or(|key| VendorId::from_key(key).is_some());
    named.then(|| SurveyRef::Name(Address::survey(text)))
}

/// Lists of one project that want different outcomes of the same transaction: each would undo what the other did. Gives
/// the files that the problems point into.
pub(in crate::manifest) fn contradictions(
    lists: &BTreeMap<&str, &Reconciliation>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<Arc<str>, PathBuf> {
    let mut involved = BTreeMap::new();
    if lists.len() < 2 {
        return involved;
    }
    let mut seen: HashMap<Cow<'_, str>, (&Reconciliation, &Row)> = HashMap::new();
    let mut told = 0;
    for list in lists.values().copied() {
        for row in &list.rows {
            let id = folded(&row.id);
            let Some((other, first)) = seen.get(&id) else {
                seen.insert(id, (list, row));
                continue;
            };
            if first.outcome == row.outcome || told == MAX_PROBLEMS {
                continue;
            }
            told += 1;
            let message = format!(
                "the transaction {} is to be `{}` in `{}` and `{}` in `{}`",
                row.id, first.outcome, other.name, row.outcome, list.name
            );
            let problem = Diagnostic::error(code::OUTCOME_CONTRADICTION, message)
                .in_file(&list.file)
                .at(span(row.place), "here")
                .also_in(&other.file, span(first.place), "and here")
                .help("keep the row that is meant; a list that was done may be removed");
            diagnostics.push(problem);
            for list in [list, other] {
                involved.insert(Arc::clone(&list.file), list.path.clone());
            }
        }
    }
    involved
}

#[cfg(test)]
mod tests;
