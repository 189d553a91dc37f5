//! A vendor's questions and answers, as data: neutral names, the vendor's codes, and what is known of each.

use super::{Answers, Criterion, Range};

/// The source of what only the project says.
pub const OWN: &str = "infield.yaml";

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// By codes from a list.
    Choice,
    /// By whole numbers in ranges, with the vendor's code of the unit.
    Number {
        /// The vendor's unit code, sent with every range.
        unit: &'static str,
        /// The unit for people: `years`.
        unit_name: &'static str,
    },
    /// By codes that are not listed here because there are tens of thousands (zip codes).
    Open {
        /// Shape of a valid code for people: `5 digits`.
        shape: &'static str,
        /// Exact number of digits of a code in the United States, leading zeros included.
        digits: Option<usize>,
    },
}

/// A range as an example of the answers to a question of numbers in this unit.
pub fn example_range(unit_name: &str) -> &'static str {
    if unit_name.starts_with("USD") {
        "50000-74999"
    } else {
        "18-34"
    }
}

/// The same for a range without an upper end.
pub fn example_open_range(unit_name: &str) -> &'static str {
    if unit_name.starts_with("USD") {
        "100000+"
    } else {
        "65+"
    }
}

/// What people call questions, and what they are called here.
const SAID: [(&str, &[&str]); 15] = [
    ("income", &["household_income"]),
    ("hhi", &["household_income"]),
    ("ethnicity", &["race_ethnicity", "hispanic_origin", "race"]),
    ("race", &["race_ethnicity"]),
    ("sex", &["gender"]),
    ("state", &["us_state"]),
    ("states", &["us_state"]),
    ("county", &["us_county"]),
    ("zipcode", &["zip"]),
    ("zip_code", &["zip"]),
    ("postcode", &["zip", "postal_code"]),
    ("postal_code", &["zip"]),
    ("marital_status", &["relationship"]),
    ("occupation", &["employment"]),
    ("job", &["employment"]),
];

/// What raw answer codes look like where the list of answers is not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawCode {
    /// Most digits.
    pub max_digits: usize,
    /// Whether the vendor keeps codes without leading zeros, so that `06` has to become `6`.
    pub strip_zeros: bool,
}

impl RawCode {
    /// Three digits, kept as they are.
    pub const PLAIN: Self = Self {
        max_digits: 3,
        strip_zeros: false,
    };
}

/// One answer of a choice question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The vendor's code.
    pub code: &'static str,
    /// The neutral name; empty where the meaning is not certain enough for a name.
    pub name: &'static str,
    /// The vendor's label, for people.
    pub label: &'static str,
    /// What people write as well, in any case: `CA` for `california`.
    pub also: &'static [&'static str],
    /// Locales in which the vendor is known not to have this answer.
    pub not_in: &'static [&'static str],
}

/// A name for questions whose answers stand for several of another one: regions are sets of states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grouping {
    /// Its name in manifests.
    pub name: &'static str,
    /// What it is, for people.
    pub label: &'static str,
    /// The vendor's code of the question that is asked.
    pub question: &'static str,
    /// Its answers.
    pub sets: &'static [AnswerSet],
    /// Who says which answers belong together.
    pub source: &'static str,
}

/// Answers under one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnswerSet {
    /// The name.
    pub name: &'static str,
    /// What it is, for people.
    pub label: &'static str,
    /// The vendor's codes of its answers.
    pub codes: &'static [&'static str],
}

/// One question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// The vendor's code.
    pub code: &'static str,
    /// The neutral name; empty where only the raw code may be used.
    pub name: &'static str,
    /// The vendor's label, for people.
    pub label: &'static str,
    /// How it is answered.
    pub kind: Kind,
    /// Known answers of a choice question.
    pub answers: &'static [Answer],
    /// Whether `answers` is everything the vendor has; if not, unknown raw codes are let through.
    pub complete: bool,
    /// What raw codes look like where they are let through.
    pub raw: RawCode,
    /// The highest number that the vendor takes, which is the end of a range such as `65+`; `None` where nobody knows it.
    pub most: Option<i64>,
    /// Whether the question may only stand in quotas (PureSpectrum 220, 230).
    pub quota_only: bool,
    /// Whether the project gave it its name, so that others are written as its `questions:` name them.
    pub own: bool,
    /// A trap worth telling the user about; empty for none.
    pub note: &'static str,
    /// Where the facts come from.
    pub source: &'static str,
}

impl Answer {
    /// An answer that every locale has.
    pub const fn new(code: &'static str, name: &'static str, label: &'static str) -> Self {
        Self {
            code,
            name,
            label,
            also: &[],
            not_in: &[],
        }
    }

    /// The same with what people write as well.
    pub const fn also(self, words: &'static [&'static str]) -> Self {
        Self { also: words, ..self }
    }

    /// The same, missing in these locales.
    pub const fn not_in(self, locales: &'static [&'static str]) -> Self {
        Self {
            not_in: locales,
            ..self
        }
    }
}

impl Question {
    /// A question with answers from a list that may be longer than what is known of it.
    pub const fn new(
        code: &'static str,
        name: &'static str,
        label: &'static str,
        source: &'static str,
    ) -> Self {
        Self {
            code,
            name,
            label,
            kind: Kind::Choice,
            answers: &[],
            complete: false,
            raw: RawCode::PLAIN,
            most: None,
            quota_only: false,
            own: false,
            note: "",
            source,
        }
    }

    /// The answers that the project names.
    pub fn own_answers(&self) -> impl Iterator<Item = &'static Answer> {
        let named = self.answers.iter().filter(|answer| !answer.name.is_empty());
        named.filter(|_| self.own)
    }

    /// Whether every answer that is no code of the vendor has its name from the project.
    pub fn names_all_answers(&self) -> bool {
        self.own && self.source == OWN && !self.answers.is_empty()
    }

    /// The same with these known answers.
    pub const fn answers(self, answers: &'static [Answer]) -> Self {
        Self { answers, ..self }
    }

    /// The same, answered by numbers: the vendor's code of the unit, and the unit for people.
    pub const fn numbers(self, unit: &'static str, unit_name: &'static str) -> Self {
        Self {
            kind: Kind::Number { unit, unit_name },
            ..self
        }
    }

    /// The same, with the highest number that the vendor takes.
    pub const fn up_to(self, most: i64) -> Self {
        Self {
            most: Some(most),
            ..self
        }
    }

    /// The same, answered by codes of this shape that nobody lists, with this number of digits.
    pub const fn open(self, shape: &'static str, digits: usize) -> Self {
        Self {
            kind: Kind::Open {
                shape,
                digits: Some(digits),
            },
            ..self
        }
    }

    /// The same, with all answers known.
    pub const fn complete(self) -> Self {
        Self {
            complete: true,
            ..self
        }
    }

    /// The same, only for quotas.
    pub const fn quota_only(self) -> Self {
        Self {
            quota_only: true,
            ..self
        }
    }

    /// The same with a trap worth telling.
    pub const fn note(self, note: &'static str) -> Self {
        Self { note, ..self }
    }

    /// The same with another source of the facts.
    pub const fn source(self, source: &'static str) -> Self {
        Self { source, ..self }
    }
}

/// A vendor's table of questions.
#[derive(Debug, Clone, Copy)]
pub struct Codebook {
    /// All questions, in the order in which they are shown.
    pub questions: &'static [Question],
    /// Names for several answers of theirs at once.
    pub groupings: &'static [Grouping],
    /// The vendor's codes of units in which numbers are asked for, with the units for people; none where it has no units.
    pub units: &'static [(&'static str, &'static str)],
}

impl Codebook {
    /// The question that people mean by another word for it.
    pub fn meant(&self, word: &str) -> Option<&'static str> {
        let word = word.trim().to_lowercase().replace(['-', ' '], "_");
        let (_, names) = SAID.iter().find(|(said, _)| *said == word)?;
        let has = |name: &&&str| self.questions.iter().any(|question| question.name == **name);
        names.iter().find(has).copied()
    }

    /// The grouping of this name.
    pub fn grouping(&self, name: &str) -> Option<&'static Grouping> {
        self.groupings.iter().find(|grouping| grouping.name == name)
    }

    /// The question with this neutral name or vendor code.
    pub fn question(&self, name_or_code: &str) -> Option<&'static Question> {
        self.questions
            .iter()
            .find(|q| q.code == name_or_code || (!q.name.is_empty() && q.name == name_or_code))
    }

    /// A range as a manifest writes it: `65+` where it ends at the highest number that the vendor takes.
    pub fn range(&self, question: &str, range: &Range) -> String {
        let most = self.question(question).and_then(|question| question.most);
        match range {
            Range { from, to } if most == Some(*to) && from < to => format!("{from}+"),
            Range { from, to } => format!("{from}-{to}"),
        }
    }

    /// The name under which a question is shown: neutral where there is one, otherwise the vendor's code.
    pub fn question_name<'a>(&self, code: &'a str) -> &'a str {
        match self.question(code) {
            Some(question) if !question.name.is_empty() => question.name,
            _ => code,
        }
    }

    /// A criterion as a manifest would write it: the question's name and its answers as texts.
    pub fn describe<'a>(&self, criterion: &'a Criterion) -> (&'a str, Vec<String>) {
        let name = self.question_name(&criterion.question);
        let answers = match &criterion.answers {
            Answers::Ranges(ranges) => {
                // No manifest can ask for another unit, and without it two different ranges would look the same.
                let other = self.other_unit(criterion);
                let other = other.map_or_else(String::new, |unit| format!(" (in the vendor's unit {unit})"));
                ranges
                    .iter()
                    .map(|r| format!("{}-{}{other}", r.from, r.to))
                    .collect()
            }
            Answers::Codes(codes) => codes
                .iter()
                .map(|code| {
                    self.question(&criterion.question)
                        .and_then(|q| q.answers.iter().find(|a| a.code == code && !a.name.is_empty()))
                        .map_or_else(|| code.clone(), |a| a.name.to_owned())
                })
                .collect(),
        };
        (name, answers)
    }

    /// The unit of a criterion, where it is not the one in which its question is asked here.
    fn other_unit<'a>(&self, criterion: &'a Criterion) -> Option<&'a str> {
        let Kind::Number { unit: usual, .. } = self.question(&criterion.question)?.kind else {
            return None;
        };
        criterion.unit.as_deref().filter(|unit| *unit != usual)
    }
}
