//! Answers as written: names and codes, ranges, lists in files.
//!
//! Promises: what cannot be resolved without guessing is an error on the exact answer, with the line where it stands in a
//! list; a code is never padded, cut or rounded to make it fit.

use super::list_file::{self, Line};
use super::ranges::range;
use crate::diag::code;
use crate::diag::suggest;
use crate::diag::text::short;
use crate::manifest::check::draft::show;
use crate::manifest::expand::scope::Scope;
use crate::model::Answers;
use crate::model::codebook::{Answer, AnswerSet, Codebook, Grouping, Kind, Question};
use crate::model::own::Books;
use crate::model::targeting::Range;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Most refused answers that are reported for one question; a list of the wrong things would fill the screen.
const MAX_REFUSALS: usize = 10;

/// What surrounds a mapping of criteria.
pub(crate) struct Context<'c> {
    pub(crate) vendor: &'static str,
    /// The vendor's key in manifests.
    pub(crate) key: &'static str,
    pub(crate) codebook: &'c Codebook,
    /// The project's own names, at all vendors.
    pub(crate) books: &'c Books,
    /// Whether other questions and answers may be in a library that is only read when a plan is made.
    pub(crate) library: bool,
    pub(crate) locale: Option<&'c str>,
    pub(crate) in_quota: bool,
}

/// An answer as it is written.
struct Item {
    pointer: String,
    value: Value,
    /// Its line, where it stands in a list.
    line: Option<Line>,
}

impl Item {
    /// Says where it stands in a list, of everything found since there were so many problems.
    fn names_line(&self, scope: &mut Scope<'_>, before: usize) {
        if let Some(line) = &self.line {
            line.names(scope, before);
        }
    }
}

/// Reads the answers to one question.
pub(crate) struct Reader<'c> {
    context: &'c Context<'c>,
    question: Option<&'static Question>,
    key: &'c str,
    /// Errors before the first answer; with a further one, the rest is not used either.
    before: usize,
}

impl<'c> Reader<'c> {
    /// A reader for a question, or for a raw code that the codebook does not have.
    pub(crate) fn new(
        scope: &Scope<'_>,
        context: &'c Context<'c>,
        question: Option<&'static Question>,
        key: &'c str,
    ) -> Self {
        Self {
            context,
            question,
            key,
            before: scope.errors(),
        }
    }

    /// All answers of the sets that are named; `None` if one of the names was refused.
    pub(crate) fn sets(
        &self,
        scope: &mut Scope<'_>,
        grouping: &Grouping,
        value: &Value,
        pointer: &str,
    ) -> Option<Answers> {
        let mut codes: BTreeSet<String> = BTreeSet::new();
        for item in self.items(scope, value, pointer)? {
            let before = scope.problems.len();
            let value = &item.value;
            let written = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let is = |set: &&AnswerSet| set.name == written || set.label.eq_ignore_ascii_case(written.trim());
            let Some(set) = grouping.sets.iter().find(is) else {
                let names: Vec<_> = grouping.sets.iter().map(|set| set.name).collect();
                let known = || format!("known answers: {}", suggest::list(names.iter().copied()));
                scope
                    .error(code::TARGETING_UNKNOWN_ANSWER)
                    .says(format!(
                        "`{}` has no answer `{}`",
                        short(self.key),
                        short(&written)
                    ))
                    .value(&item.pointer, "unknown answer")
                    .help(suggest::help(&written, names.iter().copied(), known));
                item.names_line(scope, before);
                continue;
            };
            codes.extend(set.codes.iter().map(|code| (*code).to_owned()));
        }
        (scope.errors() == self.before).then_some(Answers::Codes(codes))
    }

    /// The answers; `None` if one of them was refused.
    pub(crate) fn answers(&self, scope: &mut Scope<'_>, value: &Value, pointer: &str) -> Option<Answers> {
        let items = self.items(scope, value, pointer)?;
        let answers = match self.question.map(|question| question.kind) {
            Some(Kind::Number { .. }) => self.ranges(scope, &items),
            _ => self.codes(scope, &items),
        };
        (scope.errors() == self.before).then_some(answers)
    }

    /// Each answer with its place; `None` where there is none.
    fn items(&self, scope: &mut Scope<'_>, value: &Value, pointer: &str) -> Option<Vec<Item>> {
        let item = |pointer: String, value: Value| Item {
            pointer,
            value,
            line: None,
        };
        let mut items: Vec<Item> = Vec::new();
        match value {
            Value::Array(list) => {
                let each = list.iter().enumerate();
                items.extend(each.map(|(i, value)| item(format!("{pointer}/{i}"), value.clone())));
            }
            Value::Object(map) => {
                let place = format!("{pointer}/file");
                let path = map.get("file").and_then(Value::as_str)?;
                let lines = list_file::lines(scope, path, &place)?;
                items.extend(lines.into_iter().map(|(number, line)| Item {
                    line: Some(Line {
                        list: path.to_owned(),
                        number,
                    }),
                    ..item(place.clone(), Value::String(line))
                }));
            }
            other => items.push(item(pointer.to_owned(), other.clone())),
        }
        if items.is_empty() {
            scope
                .error(code::TARGETING_NO_ANSWERS)
                .says(format!(
                    "`{}` has no answers and would let nobody in",
                    short(self.key)
                ))
                .value(pointer, "empty")
                .help("list answers, or remove the question to ask nothing");
            return None;
        }
        Some(items)
    }

    fn ranges(&self, scope: &mut Scope<'_>, items: &[Item]) -> Answers {
        let mut ranges: Vec<(Range, &Item)> = Vec::new();
        for item in items {
            if scope.errors() >= self.before + MAX_REFUSALS {
                break;
            }
            let before = scope.problems.len();
            match range(self.question, &item.value) {
                Ok(range) => ranges.push((range, item)),
                Err((message, help)) => {
                    scope
                        .error(code::TARGETING_INVALID_RANGE)
                        .says(message)
                        .value(&item.pointer, "not a range")
                        .help(help);
                }
            }
            item.names_line(scope, before);
        }
        ranges.sort_by_key(|(range, _)| *range);
        for pair in ranges.windows(2) {
            let [(first, first_at), (second, second_at)] = pair else {
                continue;
            };
            if first.overlaps(second) {
                let before = scope.problems.len();
                let message = match &first_at.line {
                    Some(line) => format!(
                        "{} and {} of line {} overlap",
                        show(second),
                        show(first),
                        line.number
                    ),
                    None => format!("{} and {} overlap", show(first), show(second)),
                };
                let told = scope
                    .error(code::TARGETING_OVERLAPPING_RANGES)
                    .says(message)
                    .value(&second_at.pointer, "shares values")
                    .help("both ends belong to a range: the next one starts one higher");
                // In a list file both places are the same value.
                if first_at.pointer != second_at.pointer {
                    told.also_value(&first_at.pointer, "with this");
                }
                second_at.names_line(scope, before);
            }
        }
        Answers::ranges(ranges.into_iter().map(|(range, _)| range))
    }

    fn codes(&self, scope: &mut Scope<'_>, items: &[Item]) -> Answers {
        let mut codes: BTreeMap<String, &Item> = BTreeMap::new();
        for item in items {
            if scope.errors() >= self.before + MAX_REFUSALS {
                break;
            }
            let before = scope.problems.len();
            let code = self.code(scope, &item.value, &item.pointer);
            if let Some(code) = code {
                if let Some(first) = codes.get(&code) {
                    let shown = short(item.value.as_str().unwrap_or(&code));
                    let of = first.line.as_ref();
                    let of = of.map_or_else(String::new, |line| format!(" (line {})", line.number));
                    let told = scope
                        .warning(code::TARGETING_REPEATED_ANSWER)
                        .says(format!("`{shown}` is already among the answers{of}"))
                        .value(&item.pointer, "again")
                        .help("remove it");
                    // In a list file both places are the same value.
                    if first.pointer != item.pointer {
                        told.also_value(&first.pointer, "first");
                    }
                } else {
                    codes.insert(code, item);
                }
            }
            item.names_line(scope, before);
        }
        Answers::Codes(codes.into_keys().collect::<BTreeSet<_>>())
    }

    fn code(&self, scope: &mut Scope<'_>, item: &Value, pointer: &str) -> Option<String> {
        let Some(text) = item.as_str() else {
            return self.unquoted(scope, item, pointer);
        };
        let Some(question) = self.question else {
            let longest = if self.context.library { 500 } else { 64 };
            let plain = !text.is_empty()
                && text.len() <= longest
                && (self.context.library || !text.contains(','))
                && !text.contains('\n')
                && text.trim() == text;
            if !plain {
                scope
                    .error(code::TARGETING_CODE_SHAPE)
                    .says(format!("`{}` is not a code", short(text)))
                    .value(pointer, "not a code")
                    .help("write one code of the vendor, quoted");
                return None;
            }
            return Some(text.to_owned());
        };
        if let Kind::Open { shape, digits } = question.kind {
            return self.open_code(scope, text, pointer, shape, digits);
        }
        let stripped = text.trim_start_matches('0');
        let code = if question.raw.strip_zeros && !stripped.is_empty() {
            stripped
        } else {
            text
        };
        let exact =
            |answer: &&Answer| answer.code == code || (!answer.name.is_empty() && answer.name == text);
        // A library spells its answers in its own way: `Male` is `male`, and not another answer.
        let spelt = |answer: &&Answer| self.context.library && answer.name.eq_ignore_ascii_case(text.trim());
        let answers = question.answers.iter();
        let also = |answer: &&Answer| {
            let mut words = answer.also.iter();
            words.any(|word| word.eq_ignore_ascii_case(text.trim()))
        };
        let known = answers
            .clone()
            .find(exact)
            .or_else(|| answers.clone().find(spelt))
            .or_else(|| answers.clone().find(also));
        if let Some(answer) = known {
            if let Some(locale) = self
                .context
                .locale
                .filter(|locale| answer.not_in.contains(locale))
            {
                let here: Vec<_> = question
                    .answers
                    .iter()
                    .filter(|a| !a.name.is_empty() && !a.not_in.contains(&locale))
                    .map(|a| a.name)
                    .collect();
                scope
                    .error(code::TARGETING_ANSWER_LOCALE)
                    .says(format!(
                        "{} has no answer `{}` in {locale}",
                        self.context.vendor,
                        short(text)
                    ))
                    .value(pointer, "belongs to another country's list")
                    .help(format!(
                        "in {locale} there are {} ({})",
                        suggest::list(here),
                        question.source
                    ));
                return None;
            }
            return Some(answer.code.to_owned());
        }
        let digits = text
            .strip_prefix('-')
            .filter(|_| self.context.library)
            .unwrap_or(code);
        let raw = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        // Whether the library of the locale has such an answer shows when a plan is made.
        if self.context.library && !text.trim().is_empty() && (raw || !question.names_all_answers()) {
            return Some(text.to_owned());
        }
        if raw && !question.complete && code.len() <= question.raw.max_digits {
            // States are numbered by a public standard; other lists are the vendor's own.
            if !question.raw.strip_zeros && !question.answers.is_empty() {
                let key = short(self.key);
                let (message, help) = match question.own {
                    true => (
                        format!("the answer {code} of `{key}` has no name in infield.yaml"),
                        format!(
                            "check the code with the vendor; `answers` of `{key}` in infield.yaml can give it a name"
                        ),
                    ),
                    false => (
                        format!("the answer {code} of `{key}` is not in infield's codebook"),
                        "check the code with the vendor".to_owned(),
                    ),
                };
                scope
                    .warning(code::TARGETING_UNLISTED_ANSWER)
                    .says(message)
                    .value(pointer, "sent as it is")
                    .help(help);
            }
            return Some(code.to_owned());
        }
        self.unknown(scope, question, text, pointer);
        None
    }

    /// Says that a text is no answer, or that nobody has a name for what it means.
    fn unknown(&self, scope: &mut Scope<'_>, question: &Question, text: &str, pointer: &str) {
        let names: Vec<_> = question
            .answers
            .iter()
            .map(|answer| answer.name)
            .filter(|name| !name.is_empty())
            .collect();
        let key = short(self.key);
        let message = match question.complete {
            true => format!("`{key}` has no answer `{}`", short(text)),
            false => format!("there is no name `{}` for an answer of `{key}`", short(text)),
        };
        let in_numbers = question.own && text.bytes().all(|b| b.is_ascii_digit() || b"-+ ".contains(&b));
        let help = || {
            let known = suggest::list(names.iter().copied());
            let units = self.context.codebook.units.first();
            match (units, question.complete, question.own) {
                (Some((unit, of)), _, true) if names.is_empty() && in_numbers => format!(
                    "if it is answered by numbers, say its unit beside the question in infield.yaml, such as `unit: {unit}` for {of}"
                ),
                _ if names.is_empty() && question.note.is_empty() => {
                    "write the vendor's code, quoted".to_owned()
                }
                _ if names.is_empty() => {
                    format!("write the vendor's code, quoted; mind that {}", question.note)
                }
                (_, true, _) => format!("known answers: {known}"),
                (_, false, true) => format!(
                    "known answers: {known}; others get a name under `answers` of `{key}` in infield.yaml, or are written as the \
                     vendor's code, quoted"
                ),
                (_, false, false) => format!("known answers: {known}; or a code of the vendor, quoted"),
            }
        };
        scope
            .error(code::TARGETING_UNKNOWN_ANSWER)
            .says(message)
            .value(pointer, "unknown answer")
            .help(suggest::help(text, names.iter().copied(), help));
    }

    /// A number without quotes: fine where no zero can have been lost, refused where it can.
    fn unquoted(&self, scope: &mut Scope<'_>, item: &Value, pointer: &str) -> Option<String> {
        let place = scope.value(pointer);
        let digits = match self.question.map(|question| question.kind) {
            Some(Kind::Open { digits, .. }) => digits.unwrap_or(0),
            _ => 0,
        };
        let written = scope.written(place);
        let written = if written.bytes().all(|b| b.is_ascii_digit()) && !written.is_empty() {
            written.to_owned()
        } else {
            item.to_string()
        };
        scope
            .error(code::TARGETING_UNQUOTED_CODE)
            .says(format!("the code {written} is written as a number"))
            .at(place, "not quoted")
            .help(format!(
                "quote it: `\"{written:0>digits$}\"`; numbers lose their leading zeros"
            ));
        None
    }

    fn open_code(
        &self,
        scope: &mut Scope<'_>,
        text: &str,
        pointer: &str,
        shape: &str,
        digits: Option<usize>,
    ) -> Option<String> {
        let us = self.context.locale.is_none_or(|locale| locale.ends_with("-US"));
        let fits = match digits.filter(|_| us) {
            Some(digits) => text.len() == digits && text.bytes().all(|b| b.is_ascii_digit()),
            None => {
                !text.is_empty()
                    && text.len() <= 16
                    && text
                        .chars()
                        .all(|c| c.is_ascii_alphanumeric() || c == ' ' || c == '-')
            }
        };
        if fits {
            return Some(text.to_owned());
        }
        let padded = digits.filter(|digits| {
            us && !text.is_empty() && text.len() < *digits && text.bytes().all(|b| b.is_ascii_digit())
        });
        scope
            .error(code::TARGETING_CODE_SHAPE)
            .says(format!(
                "`{}` is not a code of `{}`",
                short(text),
                short(self.key)
            ))
            .value(pointer, format!("expected {shape}"))
            .help(match padded {
                Some(digits) => format!("if its leading zeros got lost, write `\"{text:0>digits$}\"`"),
                None => format!("a code here has {shape}"),
            });
        None
    }
}
