//! What the vendor's profiles make of a targeting: which questions quotas ask, what is equal, and what does not fit.

use super::codebook::{CODEBOOK, ZIP};
use super::profiling::OPEN;
use crate::model::targeting::canonical;
use crate::model::{Answers, Criterion, Field, Quota, Range, SurveySpec};
use std::collections::{BTreeMap, BTreeSet};

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

/// Ranges without gaps of nothing between them: 18-34 and 35-64 is 18-64.
pub(super) fn merged(ranges: &[Range]) -> Vec<Range> {
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let mut out: Vec<Range> = Vec::new();
    for range in sorted {
        match out.last_mut() {
            Some(last) if range.from <= last.to.saturating_add(1) => last.to = last.to.max(range.to),
            _ => out.push(range),
        }
    }
    out
}

/// A criterion in the form in which two with the same meaning are equal.
pub(super) fn settled(criterion: &Criterion) -> Criterion {
    let answers = match &criterion.answers {
        Answers::Ranges(ranges) => Answers::Ranges(merged(ranges)),
        Answers::Codes(codes) => Answers::Codes(codes.clone()),
    };
    Criterion {
        answers,
        ..criterion.clone()
    }
}

pub(super) fn union(criteria: &[&Criterion]) -> Option<Criterion> {
    let first = criteria.first()?;
    let mut codes = BTreeSet::new();
    let mut ranges = Vec::new();
    for criterion in criteria {
        match &criterion.answers {
            Answers::Codes(more) => codes.extend(more.iter().cloned()),
            Answers::Ranges(more) => ranges.extend(more.iter().copied()),
        }
    }
    let answers = if ranges.is_empty() {
        Answers::Codes(codes)
    } else {
        Answers::Ranges(merged(&ranges))
    };
    Some(Criterion {
        question: first.question.clone(),
        unit: first.unit.clone(),
        answers,
    })
}

/// Who quotas let in, by question.
fn let_in(quotas: &[Quota]) -> BTreeMap<&str, Criterion> {
    let mut by_question: BTreeMap<&str, Vec<&Criterion>> = BTreeMap::new();
    for criterion in quotas.iter().flat_map(|quota| &quota.criteria) {
        by_question
            .entry(&criterion.question)
            .or_default()
            .push(criterion);
    }
    by_question
        .into_iter()
        .filter_map(|(question, criteria)| Some((question, union(&criteria)?)))
        .collect()
}

/// The targeting with what the quotas imply: a question that is counted is also asked to let respondents in.
pub(super) fn completed(spec: &SurveySpec) -> SurveySpec {
    let mut spec = spec.clone();
    if let Field::Set(quotas) = &mut spec.quotas {
        for quota in quotas.iter_mut() {
            quota.criteria = canonical(quota.criteria.iter().map(settled).collect());
        }
    }
    let quotas = spec.quotas.value().map_or(&[] as &[Quota], Vec::as_slice);
    let implied = let_in(quotas);
    if spec.qualifications.is_absent() && implied.is_empty() {
        return spec;
    }
    let mut all: BTreeMap<String, Criterion> = implied
        .into_iter()
        .map(|(question, criterion)| (question.to_owned(), criterion))
        .collect();
    for criterion in spec.qualifications.value().into_iter().flatten() {
        all.insert(criterion.question.clone(), settled(criterion));
    }
    if !(spec.qualifications == Field::Null && all.is_empty()) {
        spec.qualifications = Field::Set(canonical(all.into_values().collect()));
    }
    spec
}

pub(super) fn name(question: &str) -> &str {
    CODEBOOK.question_name(question)
}

/// Everything about qualifications and quotas that profiles cannot hold.
pub(super) fn conflicts(qualifications: &[Criterion], quotas: &[Quota]) -> Vec<Conflict> {
    let mut out = Vec::new();
    let mut home: BTreeMap<&str, (Vec<&str>, usize)> = BTreeMap::new();
    let mut blended: Option<(Vec<&str>, usize)> = None;
    for (index, quota) in quotas.iter().enumerate() {
        let questions: Vec<&str> = quota.criteria.iter().map(|c| c.question.as_str()).collect();
        let Some(first) = questions.first() else { continue };
        let conflict = |message: String, help: &'static str, rule: &'static str| Conflict {
            message,
            help,
            quota: Some(index),
            question: (*first).to_owned(),
            rule,
        };
        if questions.len() > MAX_BLENDED {
            out.push(conflict(
                format!("the quota `{}` crosses {} questions", quota.name, questions.len()),
                "cross three questions at most",
                "a blended profile has two or three questions (profile_validation_error_023)",
            ));
        }
        if questions.len() > 1 {
            for criterion in &quota.criteria {
                if criterion.unit.as_deref() == Some(OPEN) || criterion.question == ZIP {
                    out.push(conflict(
                        format!(
                            "the quota `{}` crosses `{}` with another question",
                            quota.name,
                            name(&criterion.question)
                        ),
                        "count it by itself",
                        "open answers such as postal codes cannot be blended (profile_validation_error_021)",
                    ));
                }
            }
            match &blended {
                Some((others, _)) if *others != questions => out.push(conflict(
                    format!(
                        "the quota `{}` crosses {}, and another one crosses {}",
                        quota.name,
                        questions
                            .iter()
                            .map(|q| name(q))
                            .collect::<Vec<_>>()
                            .join(" and "),
                        others.iter().map(|q| name(q)).collect::<Vec<_>>().join(" and "),
                    ),
                    "let all crossed quotas cross the same questions",
                    "there is one interlocked profile (profile_validation_error_034)",
                )),
                Some(_) => {}
                None => blended = Some((questions.clone(), index)),
            }
        }
        for question in &questions {
            match home.get(question) {
                Some((others, first))
                    if *others != questions && (others.len() == 1 || questions.len() == 1) =>
                {
                    out.push(conflict(
                        format!(
                            "`{}` is counted by itself in `{}` and crossed in `{}`",
                            name(question),
                            quotas[if others.len() == 1 { *first } else { index }].name,
                            quotas[if others.len() == 1 { index } else { *first }].name,
                        ),
                        "count a question by itself or crossed with others, not both",
                        "a question stands in one profile only (create_target_group)",
                    ));
                }
                Some(_) => {}
                None => drop(home.insert(question, (questions.clone(), index))),
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
