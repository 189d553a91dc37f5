//! What the vendor's profiles make of a targeting: which questions quotas ask, what is equal, and what does not fit.

use super::codebook::{CODEBOOK, ZIP};
use crate::model::targeting::canonical;
use crate::model::{Answers, Criterion, Field, Quota, Range, SurveySpec};
use std::collections::{BTreeMap, BTreeSet};

/// Marks a criterion on a question that is answered by any text, so that its answers are values and not options.
pub(super) const OPEN: &str = "open";

/// Most questions of a blended profile (error 023).
const MAX_BLENDED: usize = 3;
/// What the vendor's profiles cannot hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Conflict {
    pub(super) message: String,
    pub(super) help: &'static str,
    /// The quota it is about, and the question; `None` for a qualification.
    pub(super) quota: Option<usize>,
    pub(super) question: String,
    pub(super) rule: &'static str,
}

/// Who is asked, and who is counted.
pub(super) fn targeting(spec: &SurveySpec) -> (&[Criterion], &[Quota]) {
    let qualifications = spec.qualifications.value().map(|all| all.as_slice());
    let quotas = spec.quotas.value().map(|all| all.as_slice());
    (qualifications.unwrap_or_default(), quotas.unwrap_or_default())
}

/// Ranges without gaps of nothing between them: 18-34 and 35-64 is 18-64.
fn merged(mut ranges: Vec<Range>) -> Vec<Range> {
    ranges.sort_unstable();
    let mut out: Vec<Range> = Vec::new();
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.from <= last.to.saturating_add(1) => last.to = last.to.max(range.to),
            _ => out.push(range),
        }
    }
    out
}

/// A criterion in the form in which two with the same meaning are equal.
fn settled(criterion: &Criterion) -> Criterion {
    union(criterion, &[])
}

fn union(first: &Criterion, others: &[&Criterion]) -> Criterion {
    let mut codes = BTreeSet::new();
    let mut ranges = Vec::new();
    for criterion in [&first].into_iter().chain(others) {
        match &criterion.answers {
            Answers::Codes(more) => codes.extend(more.iter().cloned()),
            Answers::Ranges(more) => ranges.extend(more.iter().copied()),
        }
    }
    Criterion {
        answers: match first.answers {
            Answers::Codes(_) if ranges.is_empty() => Answers::Codes(codes),
            _ => Answers::Ranges(merged(ranges)),
        },
        ..first.clone()
    }
}

/// Criteria by their questions; those about one question are alternatives.
pub(super) fn by_question<'a>(
    criteria: impl IntoIterator<Item = &'a Criterion>,
) -> BTreeMap<&'a str, Criterion> {
    let mut all: BTreeMap<&str, Vec<&Criterion>> = BTreeMap::new();
    for criterion in criteria {
        all.entry(&criterion.question).or_default().push(criterion);
    }
    let united = |(question, all): (_, Vec<&Criterion>)| (question, union(all[0], &all[1..]));
    all.into_iter().map(united).collect()
}

/// Who quotas let in, by question.
fn let_in(quotas: &[Quota]) -> BTreeMap<&str, Criterion> {
    by_question(quotas.iter().flat_map(|quota| &quota.criteria))
}

/// The targeting with what the quotas imply: a question that is counted is also asked to let respondents in.
pub(super) fn completed(spec: &SurveySpec) -> SurveySpec {
    let mut spec = spec.clone();
    if let Field::Set(quotas) = &mut spec.quotas {
        for quota in quotas.iter_mut() {
            quota.criteria = canonical(quota.criteria.iter().map(settled).collect());
        }
    }
    let implied = let_in(targeting(&spec).1);
    if spec.qualifications.is_absent() && implied.is_empty() {
        return spec;
    }
    let mut all = implied;
    for criterion in targeting(&spec).0 {
        all.insert(&criterion.question, settled(criterion));
    }
    if !(spec.qualifications == Field::Null && all.is_empty()) {
        let all = canonical(all.into_values().collect());
        spec.qualifications = Field::Set(all);
    }
    spec
}

pub(super) fn name(question: &str) -> &str {
    CODEBOOK.question_name(question)
}

/// The names of questions in one text.
pub(super) fn names(questions: &[&str], between: &str) -> String {
    let names: Vec<&str> = questions.iter().map(|question| name(question)).collect();
    names.join(between)
}

/// Everything about qualifications and quotas that profiles cannot hold.
pub(super) fn conflicts(qualifications: &[Criterion], quotas: &[Quota]) -> Vec<Conflict> {
    let mut out = Vec::new();
    let mut home: BTreeMap<&str, (Vec<&str>, &str)> = BTreeMap::new();
    let mut blended: Option<Vec<&str>> = None;
    for (index, quota) in quotas.iter().enumerate() {
        let own = quota.name.as_str();
        let questions: Vec<&str> = quota.criteria.iter().map(|c| c.question.as_str()).collect();
        let Some(first) = questions.first() else { continue };
        let mut conflict = |message: String, help: &'static str, rule: &'static str| {
            out.push(Conflict {
                message,
                help,
                quota: Some(index),
                question: (*first).to_owned(),
                rule,
            });
        };
        if questions.len() > MAX_BLENDED {
            conflict(
                format!("the quota `{own}` crosses {} questions", questions.len()),
                "cross three questions at most",
                "a blended profile has two or three questions (profile_validation_error_023)",
            );
        }
        let crosses = questions.len() > 1;
        for criterion in quota.criteria.iter().filter(|_| crosses) {
            if criterion.unit.as_deref() == Some(OPEN) || criterion.question == ZIP {
                let question = name(&criterion.question);
                conflict(
                    format!("the quota `{own}` crosses `{question}` with another question"),
                    "count it by itself",
                    "open answers such as postal codes cannot be blended (profile_validation_error_021)",
                );
            }
        }
        if crosses {
            let others = blended.get_or_insert_with(|| questions.clone());
            if *others != questions {
                let (these, others) = (names(&questions, " and "), names(others, " and "));
                conflict(
                    format!("the quota `{own}` crosses {these}, and another one crosses {others}"),
                    "let all crossed quotas cross the same questions",
                    "there is one interlocked profile (profile_validation_error_034)",
                );
            }
        }
        for question in &questions {
            let (others, before) = home.entry(question).or_insert_with(|| (questions.clone(), own));
            if *others != questions && (others.len() == 1 || !crosses) {
                let (alone, crossed) = if others.len() == 1 {
                    (*before, own)
                } else {
                    (own, *before)
                };
                let question = name(question);
                conflict(
                    format!("`{question}` is counted by itself in `{alone}` and crossed in `{crossed}`"),
                    "count a question by itself or crossed with others, not both",
                    "a question stands in one profile only (create_target_group)",
                );
            }
        }
    }
    let counted = let_in(quotas);
    for criterion in qualifications {
        let wanted = settled(criterion);
        if let Some(counted) = counted.get(criterion.question.as_str())
            && counted.answers != wanted.answers
        {
            out.push(Conflict {
                message: format!(
                    "the qualification `{}` and the quotas that count it do not let in the same respondents",
                    name(&criterion.question)
                ),
                help: "let the quotas cover all answers of the qualification and no others; a quota of 0 keeps somebody out",
                quota: None,
                question: criterion.question.clone(),
                rule: "a question stands in one profile, which lets in whom its quotas count (create_target_group)",
            });
        }
    }
    out
}
