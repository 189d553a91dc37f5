//! Whether anybody falls through quotas.
//!
//! Promises: somebody who may take part and belongs to none of some quotas is found, whatever they are over; an answer that
//! nobody knows beforehand belongs to none that asks for one.

use crate::model::codebook::{Codebook, Kind};
use crate::model::{Answers, Criterion, LiveQuota, Range, Words};
use std::collections::{BTreeMap, BTreeSet};

/// Who may take part, by question.
pub(super) type Who = BTreeMap<String, Criterion>;

/// Somebody who may take part and belongs to none of these quotas, an answer for each question that tells; none where
/// there is no such person.
pub(super) fn gap(who: &Who, book: &Codebook, members: &[&LiveQuota]) -> Option<Vec<Cell>> {
    let questions: BTreeSet<&str> = members
        .iter()
        .flat_map(|quota| quota.criteria.iter().map(|one| one.question.as_str()))
        .collect();
    let questions: Vec<&str> = questions.into_iter().collect();
    gap_in(who, book, &questions, members)
}

fn gap_in(who: &Who, book: &Codebook, questions: &[&str], members: &[&LiveQuota]) -> Option<Vec<Cell>> {
    if members.is_empty() {
        return Some(Vec::new());
    }
    let (question, rest) = questions.split_first()?;
    // People whose answers are met by the same quotas are alike here.
    let mut looked_at: BTreeSet<Vec<usize>> = BTreeSet::new();
    for answer in cells(who, book, question, members) {
        let cell = Cell {
            question: (*question).to_owned(),
            answer,
        };
        let met: Vec<usize> = (0..members.len())
            .filter(|at| cell.is_met_by(members[*at]))
            .collect();
        if !looked_at.insert(met.clone()) {
            continue;
        }
        let inside: Vec<&LiveQuota> = met.iter().map(|at| members[*at]).collect();
        if let Some(mut gap) = gap_in(who, book, rest, &inside) {
            gap.insert(0, cell);
            return Some(gap);
        }
    }
    None
}

/// The answers to a question that let somebody in, as far as the quotas tell them apart.
fn cells(who: &Who, book: &Codebook, question: &str, members: &[&LiveQuota]) -> Vec<Said> {
    let asked = || {
        members
            .iter()
            .flat_map(|quota| &quota.criteria)
            .filter(|one| one.question == question)
    };
    let unit = asked().next().and_then(|one| one.unit.clone());
    let alike = asked().all(|one| one.unit == unit);
    match who
        .get(question)
        .filter(|who| alike && who.unit == unit)
        .map(|who| &who.answers)
    {
        Some(Answers::Codes(codes)) if !codes.is_empty() => {
            return codes.iter().cloned().map(Said::Code).collect();
        }
        Some(Answers::Ranges(ranges)) if !ranges.is_empty() => {
            let bounds = asked().flat_map(|one| match &one.answers {
                Answers::Ranges(ranges) => ranges.as_slice(),
                Answers::Codes(_) => &[],
            });
            let bounds: BTreeSet<i64> = bounds
                .flat_map(|range| [range.from, range.to.saturating_add(1)])
                .collect();
            return ranges
                .iter()
                .flat_map(|range| segments(*range, &bounds))
                .map(Said::Range)
                .collect();
        }
        _ => {}
    }
    // Nobody is kept out by the survey: everybody the vendor can ask comes, as far as that is known.
    let known = book
        .question(question)
        .filter(|known| known.complete && known.kind == Kind::Choice);
    match known {
        Some(known) if !who.contains_key(question) && !known.answers.is_empty() => known
            .answers
            .iter()
            .map(|answer| Said::Code(answer.code.to_owned()))
            .collect(),
        _ => vec![Said::Other],
    }
}

/// An answer, or several that no quota tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    question: String,
    answer: Said,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Code(String),
    Range(Range),
    /// An answer that is not known beforehand.
    Other,
}

impl Cell {
    fn is_met_by(&self, quota: &LiveQuota) -> bool {
        let meets = |one: &Criterion| match (&self.answer, &one.answers) {
            (Said::Code(code), Answers::Codes(codes)) => codes.contains(code),
            (Said::Range(cell), Answers::Ranges(ranges)) => ranges
                .iter()
                .any(|range| range.from <= cell.from && cell.to <= range.to),
            _ => false,
        };
        let mut asked = quota.criteria.iter().filter(|one| one.question == self.question);
        asked.all(meets)
    }

    /// The answer as a manifest would write it: `gender: male`.
    pub fn text(&self, words: &Words<'_>) -> String {
        let answers = match &self.answer {
            Said::Code(code) => Answers::codes([code.clone()]),
            Said::Range(range) => Answers::ranges([*range]),
            Said::Other => return format!("something else to {}", words.question(&self.question)),
        };
        let criterion = Criterion {
            question: self.question.clone(),
            unit: None,
            answers,
        };
        let (name, answers) = words.describe(&criterion);
        format!("{name}: {}", answers.join(", "))
    }
}

/// A range in pieces that begin where something begins inside it.
fn segments(whole: Range, bounds: &BTreeSet<i64>) -> Vec<Range> {
    if whole.from > whole.to {
        return Vec::new();
    }
    let mut starts = vec![whole.from];
    starts.extend(
        bounds
            .iter()
            .copied()
            .filter(|bound| whole.from < *bound && *bound <= whole.to),
    );
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([whole.to]);
    starts
        .iter()
        .zip(ends)
        .map(|(from, to)| Range { from: *from, to })
        .collect()
}
