//! Answers as written: names and codes, ranges, lists in files.
//!
//! Promises: what cannot be resolved without guessing is an error on the exact answer; a code is never padded, cut or
//! rounded to make it fit.

use crate::diag::code;
use crate::diag::suggest;
use crate::diag::text::short;
use crate::manifest::check::draft::show;
use crate::manifest::expand::scope::Scope;
use crate::model::Answers;
use crate::model::codebook::{Answer, AnswerSet, Codebook, Grouping, Kind, Question, example_range};
use crate::model::targeting::Range;
use crate::yaml::read_text;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Largest list file: 4 MiB, room for every zip code there is.
const MAX_LIST_BYTES: u64 = 4 * 1024 * 1024;
/// Most refused answers that are reported for one question; a list of the wrong things would fill the screen.
const MAX_REFUSALS: usize = 10;
/// Largest number in a range; beyond lies a typing error.
const MAX_NUMBER: i64 = 999_999_999;

/// What surrounds a mapping of criteria.
pub(crate) struct Context<'c> {
    pub(crate) vendor: &'static str,
    pub(crate) codebook: &'c Codebook,
    /// Whether other questions and answers may be in a library that is only read when a plan is made.
    pub(crate) library: bool,
    pub(crate) locale: Option<&'c str>,
    pub(crate) in_quota: bool,
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
        for (pointer, item) in self.items(scope, value, pointer)? {
            let written = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
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
                    .value(&pointer, "unknown answer")
                    .help(suggest::help(&written, names.iter().copied(), known));
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
    fn items(&self, scope: &mut Scope<'_>, value: &Value, pointer: &str) -> Option<Vec<(String, Value)>> {
        let mut items: Vec<(String, Value)> = Vec::new();
        match value {
            Value::Array(list) => items.extend(
                list.iter()
                    .enumerate()
                    .map(|(i, item)| (format!("{pointer}/{i}"), item.clone())),
            ),
            Value::Object(map) => {
                let place = format!("{pointer}/file");
                let path = map.get("file").and_then(Value::as_str)?;
                let lines = self.list_file(scope, path, &place)?;
                items.extend(lines.into_iter().map(|line| (place.clone(), Value::String(line))));
            }
            other => items.push((pointer.to_owned(), other.clone())),
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

    fn ranges(&self, scope: &mut Scope<'_>, items: &[(String, Value)]) -> Answers {
        let mut ranges: Vec<(Range, &str)> = Vec::new();
        for (pointer, item) in items {
            match self.range(item) {
                Ok(range) => ranges.push((range, pointer)),
                Err((message, help)) => {
                    scope
                        .error(code::TARGETING_INVALID_RANGE)
                        .says(message)
                        .value(pointer, "not a range")
                        .help(help);
                }
            }
        }
        ranges.sort_by_key(|(range, _)| *range);
        for pair in ranges.windows(2) {
            let [(first, first_at), (second, second_at)] = pair else {
                continue;
            };
            if first.overlaps(second) {
                scope
                    .error(code::TARGETING_OVERLAPPING_RANGES)
                    .says(format!("{} and {} overlap", show(first), show(second)))
                    .value(second_at, "shares values")
                    .also_value(first_at, "with this")
                    .help("both ends belong to a range: the next one starts one higher");
            }
        }
        Answers::ranges(ranges.into_iter().map(|(range, _)| range))
    }

    fn range(&self, item: &Value) -> Result<Range, (String, String)> {
        let written = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
        let what = short(&written);
        let example = match self.question.map(|question| question.kind) {
            Some(Kind::Number { unit_name, .. }) => {
                let range = example_range(unit_name);
                format!("write whole {unit_name} such as `{range}`, or one number")
            }
            _ => "write a range such as `18-34`".to_owned(),
        };
        let number = |text: &str| -> Result<i64, (String, String)> {
            let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            match text.parse::<i64>() {
                Ok(number) if plain && number <= MAX_NUMBER => Ok(number),
                Ok(number) if plain => Err((
                    format!("{number} is too big"),
                    format!("numbers go up to {MAX_NUMBER}"),
                )),
                Ok(number) if number < 0 => Err((format!("`{what}` is below zero"), example.clone())),
                _ => Err((
                    format!("`{what}` is not a range of whole numbers"),
                    example.clone(),
                )),
            }
        };
        let text = written.trim();
        if let Some(from) = text.strip_suffix('+') {
            let from = from.trim();
            let message = format!("`{what}` does not say where the range ends");
            let help = match (self.question.map(|question| question.kind), number(from)) {
                // Ages and the like; what an income ends at, nobody can know.
                (Some(Kind::Number { unit_name, .. }), Ok(low)) if unit_name == "years" && low < 99 => {
                    format!("write `{low}-99`")
                }
                (_, Ok(low)) => format!("write both ends, such as `{low}-{MAX_NUMBER}`"),
                _ => example.clone(),
            };
            return Err((message, help));
        }
        if text.starts_with('-') || !text.contains('-') {
            if text.contains(['–', '—', '−']) || text.contains("..") {
                let fixed = text
                    .replace(['–', '—', '−'], "-")
                    .replace("...", "-")
                    .replace("..", "-");
                return Err((
                    format!("`{what}` is not a range of whole numbers"),
                    format!("write `{}` with a plain dash", short(&fixed)),
                ));
            }
            let number = number(text)?;
            return Ok(Range {
                from: number,
                to: number,
            });
        }
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let (from, to) = (number(from.trim())?, number(to.trim())?);
        if from > to {
            return Err((
                format!("the range {from}-{to} ends before it starts"),
                format!("write `{to}-{from}`"),
            ));
        }
        Ok(Range { from, to })
    }

    fn codes(&self, scope: &mut Scope<'_>, items: &[(String, Value)]) -> Answers {
        let mut codes: BTreeMap<String, &str> = BTreeMap::new();
        for (pointer, item) in items {
            if scope.errors() >= self.before + MAX_REFUSALS {
                break;
            }
            let Some(code) = self.code(scope, item, pointer) else {
                continue;
            };
            if let Some(first) = codes.get(&code) {
                let shown = short(item.as_str().unwrap_or(&code));
                let told = scope
                    .warning(code::TARGETING_REPEATED_ANSWER)
                    .says(format!("`{shown}` is already among the answers"))
                    .value(pointer, "again")
                    .help("remove it");
                // In a list file both places are the same value.
                if *first != pointer {
                    told.also_value(first, "first");
                }
            } else {
                codes.insert(code, pointer);
            }
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
        // Whether the library of the locale has such an answer shows when a plan is made.
        if self.context.library && !text.trim().is_empty() {
            return Some(text.to_owned());
        }
        let raw = !code.is_empty() && code.bytes().all(|b| b.is_ascii_digit());
        if raw && !question.complete && code.len() <= question.raw.max_digits {
            // States are numbered by a public standard; other lists are the vendor's own.
            if !question.raw.strip_zeros && !question.answers.is_empty() {
                scope
                    .warning(code::TARGETING_UNLISTED_ANSWER)
                    .says(format!(
                        "the answer {code} of `{}` is not in infield's codebook",
                        short(self.key)
                    ))
                    .value(pointer, "sent as it is")
                    .help("check the code with the vendor");
            }
            return Some(code.to_owned());
        }
        let names: Vec<_> = question
            .answers
            .iter()
            .map(|answer| answer.name)
            .filter(|name| !name.is_empty())
            .collect();
        scope
            .error(code::TARGETING_UNKNOWN_ANSWER)
            .says(format!("`{}` has no answer `{}`", short(self.key), short(text)))
            .value(pointer, "unknown answer")
            .help(suggest::help(text, names.iter().copied(), || {
                let known = suggest::list(names.iter().copied());
                match question.complete {
                    _ if names.is_empty() => {
                        format!("write the vendor's code, quoted; mind that {}", question.note)
                    }
                    true => format!("known answers: {known}"),
                    false => format!("known answers: {known}; or a code of the vendor, quoted"),
                }
            }));
        None
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

    /// The lines of a list file without comments and blanks.
    fn list_file(&self, scope: &mut Scope<'_>, path: &str, pointer: &str) -> Option<Vec<String>> {
        let Some(full) = scope.file(path) else {
            scope
                .error(code::TARGETING_LIST_FILE)
                .says(format!("the list `{}` lies outside of the project", short(path)))
                .value(pointer, "outside")
                .help("move it into the project's folder; the path is relative to this manifest");
            return None;
        };
        let text = match read_text(&full, MAX_LIST_BYTES) {
            Ok(text) => text,
            Err(error) => {
                scope
                    .error(code::TARGETING_LIST_FILE)
                    .says(format!("the list `{}` {error}", short(path)))
                    .value(pointer, "cannot be used")
                    .help("the path is relative to this manifest");
                return None;
            }
        };
        scope.lists.push(Sha256::digest(text.as_bytes()).into());
        let lines: Vec<String> = text
            .trim_start_matches('\u{feff}')
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().trim())
            .filter(|line| !line.is_empty())
            .map(str::to_owned)
            .collect();
        if lines.is_empty() {
            scope
                .error(code::TARGETING_LIST_FILE)
                .says(format!("the list `{}` holds no codes", short(path)))
                .value(pointer, "empty list")
                .help("write one code a line; lines after `#` are comments");
            return None;
        }
        Some(lines)
    }
}
