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

/// The ranges of a question that is answered by a number, of which this is the highest, where anybody knows it.
pub fn ranges(criterion: &Criterion, most: Option<i64>, path: &str) -> Result<Vec<Range>, Vec<Refusal>> {
    let codes = match &criterion.answers {
        Answers::Ranges(ranges) => return Ok(ranges.clone()),
        Answers::Codes(codes) => codes,
    };
    let read = |text: &String| {
        let (from, to) = match (text.strip_suffix('+'), most) {
            (Some(from), Some(most)) => (from.trim().parse().ok()?, most),
            (Some(_), None) => return None,
            (None, _) => {
                let (from, to) = text.split_once('-').unwrap_or((text, text));
                (from.trim().parse().ok()?, to.trim().parse().ok()?)
            }
        };
        (from <= to).then_some(Range { from, to })
    };
    let wrong = |text: &String| {
        let open = text.ends_with('+');
        let message = match most.filter(|_| open) {
            Some(most) => format!("`{text}` is no range that ends at {most}, the highest number here"),
            None if open => {
                format!(
                    "`{text}` does not say where the range ends, and infield does not know the highest number here"
                )
            }
            None => format!("`{text}` is no range, and the question is answered by a number"),
        };
        let example = match most {
            Some(_) => "write whole numbers such as `18-34` or `65+`",
            None => "write whole numbers such as `18-34`",
        };
        vec![Refusal::new(message).help(example).at(path)]
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_without_an_upper_end_needs_a_highest_number() {
        let asked = |text: &str| Criterion {
            question: "HOURS".to_owned(),
            unit: None,
            answers: Answers::codes([text]),
        };
        let read = |text: &str, most| ranges(&asked(text), most, "/qualifications/HOURS");
        assert_eq!(read("65+", Some(99)).unwrap(), [Range { from: 65, to: 99 }]);
        assert_eq!(read("18-34", None).unwrap(), [Range { from: 18, to: 34 }]);
        let told = |text: &str, most| read(text, most).unwrap_err().remove(0).message;
        assert_eq!(
            told("120+", Some(99)),
            "`120+` is no range that ends at 99, the highest number here"
        );
        assert!(told("65+", None).starts_with("`65+` does not say where the range ends"));
        assert!(told("old", Some(99)).starts_with("`old` is no range"));
    }
}
