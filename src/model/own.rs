//! Names that a project gives to questions and answers of vendors, laid over the vendors' codebooks.
//!
//! Promises: a name never changes what is sent or what it may cost; what a codebook has keeps its own name beside it. Whether
//! a name may be given is left to the manifests that give it.

use super::VendorId;
use super::codebook::{Answer, Codebook, Kind, OWN, Question, RawCode};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Digits of the longest code.
const LONGEST: usize = 9;

/// A question of a vendor under a project's name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OwnQuestion {
    /// The name.
    pub name: String,
    /// The vendor's code, or its key in the vendor's library.
    pub code: String,
    /// The vendor's code of the unit and the unit for people, where it is answered by numbers that have one.
    pub unit: Option<(String, String)>,
    /// Names of its answers, and their codes.
    pub answers: Vec<(String, String)>,
}

/// Everything that makes a codebook with names: that of the vendor, and the names.
type Key = (&'static str, Vec<OwnQuestion>);

/// What was made in this process. Words of codebooks live as long as it does; the same names make the same codebook, so that an
/// editor makes one for every text that it has seen, and every other command one for a vendor.
static MADE: LazyLock<Mutex<HashMap<Key, &'static Codebook>>> = LazyLock::new(Mutex::default);

fn keep(text: &str) -> &'static str {
    Box::leak(text.to_owned().into_boxed_str())
}

/// A codebook with names of a project. These come first, so that what they name is shown by them.
fn named(vendor: VendorId, base: &'static Codebook, own: &[OwnQuestion]) -> &'static Codebook {
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    made.entry((vendor.key(), own.to_vec())).or_insert_with(|| {
        let mut questions: Vec<Question> = own.iter().map(|own| question(base, own)).collect();
        questions.extend_from_slice(base.questions);
        Box::leak(Box::new(Codebook {
            questions: Box::leak(questions.into_boxed_slice()),
            groupings: base.groupings,
            units: base.units,
        }))
    })
}

/// A question under a project's name; what the codebook knows of it stays known.
fn question(base: &Codebook, own: &OwnQuestion) -> Question {
    let known = base.question(&own.code);
    let mut answers: Vec<Answer> = own
        .answers
        .iter()
        .map(|(name, code)| {
            let (name, code) = (keep(name), keep(code));
            let known = known.and_then(|known| known.answers.iter().find(|answer| answer.code == code));
            let label = known.map_or(name, |known| known.label);
            Answer {
                not_in: known.map_or(&[], |known| known.not_in),
                ..Answer::new(code, name, label)
            }
        })
        .collect();
    answers.extend(known.into_iter().flat_map(|known| known.answers));
    let name = keep(&own.name);
    let fresh = Question {
        raw: RawCode {
            max_digits: LONGEST,
            strip_zeros: false,
        },
        ..Question::new(keep(&own.code), name, name, OWN)
    };
    Question {
        name,
        answers: Box::leak(answers.into_boxed_slice()),
        kind: match (&own.unit, known) {
            (_, Some(known)) => known.kind,
            (Some((unit, unit_name)), None) => Kind::Number {
                unit: keep(unit),
                unit_name: keep(unit_name),
            },
            (None, None) => Kind::Choice,
        },
        own: true,
        ..known.copied().unwrap_or(fresh)
    }
}

/// The codebooks of a project: those of vendors for which it names anything.
#[derive(Debug, Clone, Default)]
pub struct Books(Arc<BTreeMap<VendorId, &'static Codebook>>);

impl Books {
    /// The codebooks of vendors, with these names laid over them.
    pub fn new(all: impl IntoIterator<Item = (VendorId, &'static Codebook, Vec<OwnQuestion>)>) -> Self {
        let all = all.into_iter().filter(|(_, _, own)| !own.is_empty());
        let all = all.map(|(vendor, base, own)| (vendor, named(vendor, base, &own)));
        Self(Arc::new(all.collect()))
    }

    /// That of a vendor; `None` where the project names nothing for it.
    pub fn of(&self, vendor: VendorId) -> Option<&'static Codebook> {
        self.0.get(&vendor).copied()
    }

    /// The vendors for which the project gives this name to a question.
    pub fn that_name(&self, name: &str) -> Vec<VendorId> {
        let names = |book: &Codebook| book.questions.iter().any(|one| one.own && one.name == name);
        let those = self.0.iter().filter(|(_, book)| names(book));
        those.map(|(vendor, _)| *vendor).collect()
    }

    /// Every name that the project gives to a question of some vendor.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let own = self.0.values().flat_map(|book| book.questions);
        own.filter(|question| question.own).map(|question| question.name)
    }
}

/// The same names make the same codebook, so that its place says it all.
impl PartialEq for Books {
    fn eq(&self, other: &Self) -> bool {
        let same = |(one, other): ((&VendorId, &&'static Codebook), (&VendorId, &&'static Codebook))| {
            one.0 == other.0 && std::ptr::eq(*one.1, *other.1)
        };
        self.0.len() == other.0.len() && self.0.iter().zip(other.0.iter()).all(same)
    }
}

impl Eq for Books {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::marketplace::PURESPECTRUM;
    use crate::marketplace::purespectrum::codebook::CODEBOOK;
    use crate::model::{Answers, Criterion};

    fn own(name: &str, code: &str, answers: &[(&str, &str)]) -> OwnQuestion {
        OwnQuestion {
            name: name.to_owned(),
            code: code.to_owned(),
            unit: None,
            answers: answers
                .iter()
                .map(|(name, code)| ((*name).to_owned(), (*code).to_owned()))
                .collect(),
        }
    }

    fn books(all: Vec<OwnQuestion>) -> Books {
        Books::new([(PURESPECTRUM, &CODEBOOK, all)])
    }

    fn described(books: &Books, question: &str, codes: &[&str]) -> (String, Vec<String>) {
        let criterion = Criterion {
            question: question.to_owned(),
            unit: None,
            answers: Answers::codes(codes.iter().copied()),
        };
        let (name, answers) = books.of(PURESPECTRUM).unwrap().describe(&criterion);
        (name.to_owned(), answers)
    }

    #[test]
    fn names_are_laid_over_codes_and_what_the_codebook_knows_stays() {
        let books = books(vec![
            own("job_title", "644", &[("ceo", "4"), ("cto", "5")]),
            own("sex", "211", &[("man", "111")]),
        ]);
        let shown = |name: &str, answers: &[&str]| {
            let answers = answers.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
            (name.to_owned(), answers)
        };
        assert_eq!(
            described(&books, "644", &["4", "6"]),
            shown("job_title", &["ceo", "6"])
        );
        assert_eq!(
            described(&books, "211", &["111", "112"]),
            shown("sex", &["man", "female"])
        );
        let book = books.of(PURESPECTRUM).unwrap();
        let builtin = book.question("gender").unwrap();
        assert_eq!(
            (builtin.code, builtin.own),
            ("211", false),
            "the codebook's own name goes on"
        );
        assert!(book.question("sex").unwrap().complete);
        assert_eq!(books.that_name("job_title"), [PURESPECTRUM]);
        assert_eq!(books.that_name("gender"), []);
        assert_eq!(books.names().collect::<Vec<_>>(), ["job_title", "sex"]);
    }

    #[test]
    fn the_same_names_are_one_codebook() {
        let one = books(vec![own("a_name", "644", &[])]);
        assert_eq!(one, books(vec![own("a_name", "644", &[])]));
        assert_ne!(one, books(vec![own("b_name", "644", &[])]));
        assert_ne!(one, Books::default());
        assert_eq!(Books::default(), books(Vec::new()));
        assert!(Books::default().of(PURESPECTRUM).is_none());
    }
}
