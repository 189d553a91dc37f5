//! `questions:` of a project: its own names for questions and answers of vendors.
//!
//! Promises: a name means one thing at a marketplace and hides no other one; what is wrong is left out of the names and said with
//! its place.

use crate::diag::text::short;
use crate::manifest::read::kind::Kind as DocumentKind;
use crate::manifest::read::text;
use crate::manifest::read::walk::{Found, PROJECT_FILE};
use crate::marketplace::registry;
use crate::model::VendorId;
use crate::model::codebook::{Codebook, Kind, Question};
use crate::model::own::{Books, OwnQuestion};
use crate::text::pointer::below;
use crate::yaml::{self, Budget};
use serde_json::{Map, Value};

/// Texts that YAML takes for something else where they are not quoted.
const TRAPS: [&str; 3] = ["true", "false", "null"];
/// Longest text of an answer in a library.
const LONGEST_TEXT: usize = 500;
/// Most digits of a code.
const MAX_DIGITS: usize = 9;

/// What is wrong with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    pub(crate) pointer: String,
    /// Whether the key at the pointer is at fault, and not its value.
    pub(crate) key: bool,
    pub(crate) message: String,
    pub(crate) label: &'static str,
    pub(crate) help: String,
}

/// The names of the project among the files, as far as they can be used. What cannot be read, or used, is reported when the
/// project is read as a manifest.
pub(crate) fn find(files: &[Found]) -> Books {
    let named = |found: &&Found| found.real.file_name().is_some_and(|name| name == PROJECT_FILE);
    let Some(Ok(text)) = files.iter().find(named).map(text::read) else {
        return Books::default();
    };
    let (tree, _) = yaml::parse(&text, yaml::Options::default());
    let mut budget = Budget::default();
    let mut documents = tree.documents();
    let project = documents.find_map(|root| {
        let value = yaml::to_json(root, &mut budget).0?;
        let kind = value.get("kind").and_then(Value::as_str);
        (kind == Some(DocumentKind::Project.word())).then_some(value)
    });
    let written = project.as_ref().and_then(|project| project.get("questions"));
    written
        .and_then(Value::as_object)
        .map(|written| read(written).0)
        .unwrap_or_default()
}

/// What is written, as far as it can be used, and everything that is wrong with the rest.
pub(crate) fn read(written: &Map<String, Value>) -> (Books, Vec<Wrong>) {
    let mut wrong = Vec::new();
    let all = VendorId::all().iter().map(|vendor| {
        let market = registry::of(*vendor);
        let mut at = At {
            vendor: *vendor,
            book: market.codebook(),
            taken: Vec::new(),
            wrong: &mut wrong,
        };
        let mut own = Vec::new();
        for (name, vendors) in written {
            if let Some(said) = vendors.get(vendor.key()).and_then(Value::as_object) {
                own.extend(at.question(name, said));
            }
        }
        (*vendor, market.codebook(), own)
    });
    let books = Books::new(all.collect::<Vec<_>>());
    (books, wrong)
}

/// A code as it is written: a number, or a text.
fn code(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The code of a question as a number.
pub(super) fn is_number(code: &str) -> bool {
    (1..=MAX_DIGITS).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_digit())
}

/// The key of a question in a library: in capitals.
pub(super) fn is_key(code: &str) -> bool {
    let legal = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    code.len() <= 100 && code.starts_with(|c: char| c.is_ascii_uppercase()) && code.bytes().all(legal)
}

/// Reading names for one marketplace.
struct At<'w> {
    vendor: VendorId,
    book: &'static Codebook,
    /// Codes that have a name.
    taken: Vec<(String, String)>,
    wrong: &'w mut Vec<Wrong>,
}

impl At<'_> {
    fn says(
        &mut self,
        pointer: &str,
        message: String,
        label: &'static str,
        help: impl Into<String>,
    ) -> Option<OwnQuestion> {
        let (pointer, help) = (pointer.to_owned(), help.into());
        self.wrong.push(Wrong {
            pointer,
            key: false,
            message,
            label,
            help,
        });
        None
    }

    /// The same of a key.
    fn says_of_key(
        &mut self,
        pointer: &str,
        message: String,
        label: &'static str,
        help: impl Into<String>,
    ) -> Option<OwnQuestion> {
        self.says(pointer, message, label, help);
        if let Some(last) = self.wrong.last_mut() {
            last.key = true;
        }
        None
    }

    fn question(&mut self, name: &str, said: &Map<String, Value>) -> Option<OwnQuestion> {
        let vendor = self.vendor.name();
        let base = below(&below("/questions", name), self.vendor.key());
        let place = format!("{base}/question");
        let code = code(said.get("question"))?;
        let fits = match self.vendor.has_library() {
            true => is_number(&code) || is_key(&code),
            false => is_number(&code) && !code.starts_with('0'),
        };
        if !fits {
            let help = match self.vendor.has_library() {
                true => "write its number, or its key in capitals; `infield lookup questions` lists them",
                false => "write its number, without leading zeros",
            };
            let message = format!("`{}` is no code of a question of {vendor}", short(&code));
            return self.says(&place, message, "not a code", help);
        }
        let known = self.book.question(&code);
        let grouping = self.book.grouping(name).map(|grouping| grouping.question);
        let own = self.book.question(name).map(|question| question.code);
        if let Some(other) = grouping.or(own.filter(|own| *own != code)) {
            let message = format!("`{name}` is infield's own name for the question {other} of {vendor}");
            let help = "choose another name; a name of infield's means the same in every project";
            return self.says_of_key(&below("/questions", name), message, "taken", help);
        }
        if let Some((_, first)) = self.taken.iter().find(|(taken, _)| *taken == code) {
            let message = format!("the question {code} of {vendor} is named twice: `{first}` and `{name}`");
            return self.says(&place, message, "named already", "keep one of the names");
        }
        self.taken.push((code.clone(), name.to_owned()));
        let unit = self.unit(said, known, &base)?;
        let answers = self.answers(name, said, known, &base)?;
        Some(OwnQuestion {
            name: name.to_owned(),
            code,
            unit,
            answers,
        })
    }

    /// The unit of a question of numbers; `None` where it cannot be used.
    #[expect(clippy::option_option, reason = "no unit is not a wrong one")]
    fn unit(
        &mut self,
        said: &Map<String, Value>,
        known: Option<&Question>,
        base: &str,
    ) -> Option<Option<(String, String)>> {
        let Some(code) = code(said.get("unit")) else {
            return Some(None);
        };
        let vendor = self.vendor.name();
        let place = format!("{base}/unit");
        let none = |told: Option<OwnQuestion>| {
            drop(told);
            None
        };
        if self.book.units.is_empty() || known.is_some() {
            let message = match known {
                Some(known) => format!("infield knows how {vendor}'s question {} is answered", known.code),
                None => format!("questions of {vendor} are asked without a unit"),
            };
            return none(self.says(&place, message, "not needed", "leave it out"));
        }
        let Some((_, unit_name)) = self.book.units.iter().find(|(unit, _)| *unit == code) else {
            let units = self.book.units.iter();
            let units: Vec<String> = units.map(|(unit, name)| format!("{unit} for {name}")).collect();
            let message = format!("{vendor} has no unit `{}`", short(&code));
            let help = format!("there are {}", units.join(", "));
            return none(self.says(&place, message, "unknown unit", help));
        };
        if said.get("answers").is_some() {
            let message =
                "a question has a unit where it is answered by numbers, and those have no names".to_owned();
            let help = "leave out `unit`, or `answers`";
            return none(self.says(&place, message, "beside `answers`", help));
        }
        Some(Some((code, (*unit_name).to_owned())))
    }

    /// Its answers; `None` where one of them cannot be used.
    fn answers(
        &mut self,
        name: &str,
        said: &Map<String, Value>,
        known: Option<&Question>,
        base: &str,
    ) -> Option<Vec<(String, String)>> {
        let vendor = self.vendor.name();
        let Some(written) = said.get("answers").and_then(Value::as_object) else {
            return Some(Vec::new());
        };
        let base = format!("{base}/answers");
        if known.is_some_and(|known| known.kind != Kind::Choice) {
            let message = format!("`{name}` is answered by numbers or codes that have no names");
            self.says(&base, message, "not here", "leave out `answers`");
            return None;
        }
        let before = self.wrong.len();
        let mut answers: Vec<(String, String)> = Vec::new();
        for (answer, value) in written {
            let place = below(&base, answer);
            let Some(code) = code(Some(value)) else { continue };
            let fits = match self.vendor.has_library() {
                true => !code.is_empty() && code.len() <= LONGEST_TEXT,
                false => is_number(&code),
            };
            if !fits {
                let message = format!("`{}` is no code of an answer of {vendor}", short(&code));
                self.says(
                    &place,
                    message,
                    "not a code",
                    "write the vendor's number of the answer",
                );
                continue;
            }
            if TRAPS.contains(&answer.to_ascii_lowercase().as_str()) {
                let message = format!("`{answer}` is no text to YAML without quotes");
                let help = "choose a name that says what is answered, such as `has-children`";
                self.says_of_key(&place, message, "not as a name", help);
                continue;
            }
            let means = known.and_then(|known| {
                let is = |word: &str| word.eq_ignore_ascii_case(answer);
                let mut all = known.answers.iter();
                all.find(|one| (is(one.name) || one.also.iter().any(|word| is(word))) && one.code != code)
            });
            if let Some(other) = means {
                let message = format!(
                    "`{answer}` is infield's own name for the answer {} of `{name}`",
                    other.code
                );
                self.says_of_key(&place, message, "taken", "choose another name");
                continue;
            }
            if let Some((first, _)) = answers.iter().find(|(_, taken)| *taken == code) {
                let message =
                    format!("the answer {code} of `{name}` is named twice: `{first}` and `{answer}`");
                self.says(&place, message, "named already", "keep one of the names");
                continue;
            }
            answers.push((answer.clone(), code));
        }
        (self.wrong.len() == before).then_some(answers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::{CINT, INNOVATEMR, PURESPECTRUM};
    use serde_json::json;

    fn told(written: &Value) -> Vec<String> {
        let (_, wrong) = read(written.as_object().unwrap());
        let place = |one: &Wrong| format!("{}: {}", one.pointer, one.message);
        wrong.iter().map(place).collect()
    }

    #[test]
    fn a_name_stands_for_the_code_of_each_vendor() {
        let written = json!({
            "job_title": {
                "purespectrum": {"question": 644, "answers": {"ceo": 4, "cto": "5"}},
                "cint": {"question": "5001", "answers": {"ceo": -3105}},
                "innovatemr": {"question": "JOB_TITLE", "answers": {"ceo": "Chief executive"}},
            },
            "hours_online": {"purespectrum": {"question": 700, "unit": 311}},
            // Infield's own name, where it has none for the question, and with an answer more where it has.
            "education": {"cint": {"question": 48101}},
            "relationship": {"purespectrum": {"question": 217, "answers": {"married": 113}}},
        });
        assert_eq!(told(&written), Vec::<String>::new());
        let (books, _) = read(written.as_object().unwrap());
        let question = |vendor, name: &str| books.of(vendor).unwrap().question(name).unwrap();
        assert_eq!(question(PURESPECTRUM, "job_title").code, "644");
        assert_eq!(question(CINT, "job_title").answers[0].code, "-3105");
        assert_eq!(question(INNOVATEMR, "job_title").code, "JOB_TITLE");
        let hours = question(PURESPECTRUM, "hours_online").kind;
        assert_eq!(
            hours,
            Kind::Number {
                unit: "311",
                unit_name: "years"
            }
        );
        assert_eq!(question(PURESPECTRUM, "relationship").answers.len(), 8);
    }

    #[test]
    fn what_hides_or_means_nothing_is_refused_at_its_place() {
        let at = |said: Value| json!({"purespectrum": said});
        let one = |name: &str, said: Value| told(&json!({name: said}));
        assert_eq!(
            one("gender", at(json!({"question": 644}))),
            ["/questions/gender: `gender` is infield's own name for the question 211 of PureSpectrum"]
        );
        assert_eq!(
            one("us_region", at(json!({"question": 225}))),
            ["/questions/us_region: `us_region` is infield's own name for the question 225 of PureSpectrum"]
        );
        assert_eq!(
            one("job", at(json!({"question": "0644"}))),
            ["/questions/job/purespectrum/question: `0644` is no code of a question of PureSpectrum"]
        );
        assert_eq!(
            one("job", json!({"cint": {"question": "Job title"}})),
            ["/questions/job/cint/question: `Job title` is no code of a question of Cint"]
        );
        let twice = json!({"a": at(json!({"question": 644})), "b": at(json!({"question": 644}))});
        assert_eq!(
            told(&twice),
            [
                "/questions/b/purespectrum/question: the question 644 of PureSpectrum is named twice: `a` and `b`"
            ]
        );
        let answers = |answers: Value| one("job", at(json!({"question": 644, "answers": answers})));
        let place = "/questions/job/purespectrum/answers";
        assert_eq!(
            answers(json!({"ceo": "chief"})),
            [format!(
                "{place}/ceo: `chief` is no code of an answer of PureSpectrum"
            )]
        );
        assert_eq!(
            answers(json!({"true": 4})),
            [format!("{place}/true: `true` is no text to YAML without quotes")]
        );
        assert_eq!(
            answers(json!({"ceo": 4, "boss": 4})),
            [format!(
                "{place}/boss: the answer 4 of `job` is named twice: `ceo` and `boss`"
            )]
        );
        let base = "/questions/sex/purespectrum";
        assert_eq!(
            one("sex", at(json!({"question": 211, "answers": {"Female": 111}}))),
            [format!(
                "{base}/answers/Female: `Female` is infield's own name for the answer 112 of `sex`"
            )]
        );
        assert_eq!(
            one("sex", at(json!({"question": 212, "answers": {"old": 4}}))),
            [format!(
                "{base}/answers: `sex` is answered by numbers or codes that have no names"
            )]
        );
        assert_eq!(
            one("sex", at(json!({"question": 644, "unit": 12}))),
            [format!("{base}/unit: PureSpectrum has no unit `12`")]
        );
        assert_eq!(
            one("sex", at(json!({"question": 212, "unit": 311}))),
            [format!(
                "{base}/unit: infield knows how PureSpectrum's question 212 is answered"
            )]
        );
        assert_eq!(
            one(
                "sex",
                at(json!({"question": 644, "unit": 311, "answers": {"a": 1}}))
            )
            .len(),
            1
        );
        assert_eq!(
            one("sex", json!({"cint": {"question": 644, "unit": 311}})),
            ["/questions/sex/cint/unit: questions of Cint are asked without a unit"]
        );
    }
}
