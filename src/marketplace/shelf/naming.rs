//! Naming questions and answers as manifests do, at vendors that keep them in a library: what all of them share.

use crate::diag::suggest;
use crate::model::lexicon::{LexiconOption, LexiconQuestion};
use crate::model::targeting::canonical;
use crate::model::{Answers, Criteria, Criterion, Field, Range, SurveySpec};
use crate::plan::Refusal;
use std::collections::BTreeSet;

/// The survey with every criterion looked up, or everything that was refused. `one` gets a criterion and the path of the
/// mapping it stands in.
pub fn resolved(
    wanted: &SurveySpec,
    one: impl Fn(&Criterion, &str) -> Result<Criterion, Vec<Refusal>>,
) -> Result<SurveySpec, Vec<Refusal>> {
    let mut resolved = wanted.clone();
    let mut refusals = Vec::new();
    let mut all = |criteria: &mut Criteria, base: &str| {
        let mut looked_up = criteria.to_vec();
        for criterion in &mut looked_up {
            match one(criterion, base) {
                Ok(found) => *criterion = found,
                Err(mut refused) => refusals.append(&mut refused),
            }
        }
        *criteria = canonical(looked_up);
    };
    if let Field::Set(criteria) = &mut resolved.qualifications {
        all(criteria, "/qualifications");
    }
    if let Field::Set(quotas) = &mut resolved.quotas {
        let mut looked_up = quotas.to_vec();
        for (index, quota) in looked_up.iter_mut().enumerate() {
            all(&mut quota.criteria, &format!("/quotas/{index}/where"));
        }
        *quotas = looked_up.into();
    }
    if refusals.is_empty() {
        Ok(resolved)
    } else {
        Err(refusals)
    }
}

/// The ranges of a question that is answered by a number.
pub fn ranges(criterion: &Criterion, path: &str) -> Result<Vec<Range>, Vec<Refusal>> {
    let codes = match &criterion.answers {
        Answers::Ranges(ranges) => return Ok(ranges.clone()),
        Answers::Codes(codes) => codes,
    };
    let read = |text: &String| {
        let (from, to) = text.split_once('-').unwrap_or((text, text));
        let (from, to) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        (from <= to).then_some(Range { from, to })
    };
    let wrong = |text: &String| {
        let refusal = Refusal::new(format!(
            "`{text}` is no range, and the question is answered by a number"
        ));
        vec![refusal.help("write whole numbers such as `18-34`").at(path)]
    };
    codes
        .iter()
        .map(|text| read(text).ok_or_else(|| wrong(text)))
        .collect()
}

/// The numbers of the answers of a question that is answered by some of a list: `find` looks one up, and `otherwise` says
/// what to write where nothing is near. `shown` is the question as its refusals name it.
pub fn options<'q>(
    criterion: &Criterion,
    question: &'q LexiconQuestion,
    (shown, path): (&str, &str),
    find: impl Fn(&str) -> Option<&'q LexiconOption>,
    otherwise: impl Fn(&[&str]) -> String,
) -> Result<BTreeSet<String>, Vec<Refusal>> {
    let written: Vec<String> = match &criterion.answers {
        Answers::Codes(codes) => codes.iter().cloned().collect(),
        Answers::Ranges(ranges) => ranges.iter().map(|r| format!("{}-{}", r.from, r.to)).collect(),
    };
    let texts: Vec<&str> = question
        .options
        .iter()
        .map(|option| option.text.as_str())
        .collect();
    let mut ids = BTreeSet::new();
    let mut refusals = Vec::new();
    for text in written {
        if let Some(option) = find(&text) {
            ids.insert(option.id.clone());
            continue;
        }
        let help = suggest::help(&text, texts.iter().copied(), || otherwise(&texts));
        let refusal = Refusal::new(format!("`{shown}` has no answer `{text}` in this locale"));
        refusals.push(refusal.help(help).at(path));
    }
    match refusals.is_empty() {
        true => Ok(ids),
        false => Err(refusals),
    }
}
