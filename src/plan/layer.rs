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

/// The answers of those who may take part, by the questions of some quotas, as far as these tell them apart. What a quota
/// asks for is among them, also where nobody can list all answers.
pub(super) fn answers(who: &Who, book: &Codebook, quotas: &[&LiveQuota]) -> BTreeMap<String, Vec<Said>> {
    let asked = quotas.iter().flat_map(|quota| &quota.criteria);
    let questions: BTreeSet<&str> = asked.clone().map(|one| one.question.as_str()).collect();
    let of = |question: &str| {
        let mut said = cells(who, book, question, quotas);
        if said == [Said::Other] {
            let own = asked.clone().filter(|one| one.question == question);
            said.splice(0..0, listed(own));
        }
        (question.to_owned(), said)
    };
    questions.into_iter().map(of).collect()
}

/// What criteria on one question ask for, each answer once.
fn listed<'a>(criteria: impl Iterator<Item = &'a Criterion>) -> Vec<Said> {
    let (mut codes, mut ranges) = (BTreeSet::new(), Vec::new());
    for one in criteria {
        match &one.answers {
            Answers::Codes(more) => codes.extend(more.iter().cloned()),
            Answers::Ranges(more) => ranges.extend(more.iter().copied()),
        }
    }
    let bounds = ranges
        .iter()
        .flat_map(|range| [range.from, range.to.saturating_add(1)]);
    let bounds: BTreeSet<i64> = bounds.collect();
    let pieces: BTreeSet<Range> = ranges
        .iter()
        .flat_map(|range| segments(*range, &bounds))
        .collect();
    let codes = codes.into_iter().map(Said::Code);
    codes.chain(pieces.into_iter().map(Said::Range)).collect()
}

/// Answers to one question that the same quotas ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    question: String,
    answers: Vec<Said>,
}

/// People who may take part and belong to the same of some quotas.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alike {
    /// The quotas, by their places in the list.
    pub(super) members: Vec<usize>,
    /// Who they are: any of these, each with an answer of every part; questions without a part do not matter.
    pub(super) people: Vec<Vec<Part>>,
}

/// Everybody who may take part, by the quotas to which they belong; `None` where they are of more than `most` kinds.
pub(super) fn alike(
    answers: &BTreeMap<String, Vec<Said>>,
    quotas: &[&LiveQuota],
    most: usize,
) -> Option<Vec<Alike>> {
    let mut found = Sorted {
        answers,
        quotas,
        most,
        kinds: 0,
        places: BTreeMap::new(),
        alike: Vec::new(),
    };
    let questions: Vec<&str> = answers.keys().map(String::as_str).collect();
    found.sort(&questions, (0..quotas.len()).collect(), &mut Vec::new());
    (found.kinds <= most).then_some(found.alike)
}

struct Sorted<'a> {
    answers: &'a BTreeMap<String, Vec<Said>>,
    quotas: &'a [&'a LiveQuota],
    most: usize,
    kinds: usize,
    places: BTreeMap<Vec<usize>, usize>,
    alike: Vec<Alike>,
}

impl Sorted<'_> {
    fn sort(&mut self, questions: &[&str], inside: Vec<usize>, parts: &mut Vec<Part>) {
        if self.kinds > self.most {
            return;
        }
        let asks = |question: &&str| {
            let mut criteria = inside.iter().flat_map(|at| &self.quotas[*at].criteria);
            criteria.any(|one| one.question == **question)
        };
        let Some(next) = questions.iter().position(asks) else {
            self.kinds += 1;
            let place = *self.places.entry(inside.clone()).or_insert(self.alike.len());
            if place == self.alike.len() {
                let (members, people) = (inside, Vec::new());
                self.alike.push(Alike { members, people });
            }
            self.alike[place].people.push(parts.clone());
            return;
        };
        let question = questions[next];
        let mut by_members: Vec<(Vec<usize>, Vec<Said>)> = Vec::new();
        for said in &self.answers[question] {
            let met = |at: &usize| said.is_met_by(question, self.quotas[*at]);
            let members: Vec<usize> = inside.iter().copied().filter(met).collect();
            match by_members.iter_mut().find(|(others, _)| *others == members) {
                Some((_, answers)) => answers.push(said.clone()),
                None => by_members.push((members, vec![said.clone()])),
            }
        }
        for (members, answers) in by_members {
            let question = question.to_owned();
            parts.push(Part { question, answers });
            self.sort(&questions[next + 1..], members, parts);
            parts.pop();
        }
    }
}

/// Whether some of these people belong to a quota. `answers` are all that there are.
pub(super) fn may_meet(
    people: &[Vec<Part>],
    answers: &BTreeMap<String, Vec<Said>>,
    quota: &LiveQuota,
) -> bool {
    people.iter().any(|parts| {
        quota.criteria.iter().all(|one| {
            let part = parts.iter().find(|part| part.question == one.question);
            let said = part
                .map(|part| &part.answers)
                .or_else(|| answers.get(&one.question));
            let mut said = said.into_iter().flatten();
            said.any(|said| said.is_met_by(&one.question, quota))
        })
    })
}

/// Who may take part, of these people only, as far as answers can be listed.
pub(super) fn narrowed(who: &Who, quotas: &[&LiveQuota], people: &[Vec<Part>]) -> Who {
    let mut narrowed = who.clone();
    let parts = people.iter().flatten();
    let questions: BTreeSet<&str> = parts.clone().map(|part| part.question.as_str()).collect();
    for question in questions {
        let of = |parts: &Vec<Part>| parts.iter().any(|part| part.question == question);
        let said = parts.clone().filter(|part| part.question == question);
        let said: Vec<&Said> = said.flat_map(|part| &part.answers).collect();
        if !people.iter().all(of) || said.contains(&&Said::Other) {
            continue;
        }
        let mut asked = quotas.iter().flat_map(|quota| &quota.criteria);
        let unit = asked.find(|one| one.question == question);
        let criterion = Criterion {
            question: question.to_owned(),
            unit: unit.and_then(|one| one.unit.clone()),
            answers: gathered(&said),
        };
        narrowed.insert(question.to_owned(), criterion);
    }
    narrowed
}

/// Answers of one sort as a criterion has them; ranges that follow each other are one.
fn gathered(said: &[&Said]) -> Answers {
    let (mut codes, mut ranges) = (Vec::new(), Vec::<Range>::new());
    for said in said {
        match said {
            Said::Code(code) => codes.push(code.clone()),
            Said::Range(range) => ranges.push(*range),
            Said::Other => {}
        }
    }
    ranges.sort_unstable();
    ranges.dedup();
    let mut merged: Vec<Range> = Vec::new();
    for range in ranges {
        match merged.last_mut() {
            Some(last) if last.to.saturating_add(1) == range.from => last.to = range.to,
            _ => merged.push(range),
        }
    }
    match merged.is_empty() {
        true => Answers::codes(codes),
        false => Answers::ranges(merged),
    }
}

impl Part {
    /// The question and its answers as a manifest would write them.
    pub fn describe(&self, words: &Words<'_>) -> (String, Vec<String>) {
        let said: Vec<&Said> = self.answers.iter().collect();
        let criterion = Criterion {
            question: self.question.clone(),
            unit: None,
            answers: gathered(&said),
        };
        let (name, mut answers) = words.describe(&criterion);
        if said.contains(&&Said::Other) {
            answers.push("something else".to_owned());
        }
        (name.to_owned(), answers)
    }
}

/// An answer, or several that no quota tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    question: String,
    answer: Said,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Said {
    Code(String),
    Range(Range),
    /// An answer that is not known beforehand.
    Other,
}

impl Said {
    fn is_met_by(&self, question: &str, quota: &LiveQuota) -> bool {
        let meets = |one: &Criterion| match (self, &one.answers) {
            (Said::Code(code), Answers::Codes(codes)) => codes.contains(code),
            (Said::Range(cell), Answers::Ranges(ranges)) => ranges
                .iter()
                .any(|range| range.from <= cell.from && cell.to <= range.to),
            _ => false,
        };
        let mut asked = quota.criteria.iter().filter(|one| one.question == question);
        asked.all(meets)
    }
}

impl Cell {
    fn is_met_by(&self, quota: &LiveQuota) -> bool {
        self.answer.is_met_by(&self.question, quota)
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
