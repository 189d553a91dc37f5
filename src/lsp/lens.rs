//! A line over each survey and group: what is remembered of it, what was counted at the last look, and what it can cost.
//!
//! Promises: from the state and the history of this machine alone; what is not known is left out.

use super::project::Projects;
use super::remembered::{Counted, Remembered};
use crate::diag::Span;
use crate::manifest::Part;
use crate::marketplace::registry;
use crate::model::money::Purse;
use crate::model::{Address, Known, KnownSurvey, Level, Status};
use crate::plan::exposure;
use crate::yaml;
use jiff::Timestamp;
use lsp_types::{CodeLens, Command, Uri};
use std::collections::BTreeMap;

/// Most lines over one text.
const MOST: usize = 500;

/// The lines over a text.
pub(super) fn of(projects: &Projects, remembered: &dyn Remembered, uri: &Uri) -> Option<Vec<CodeLens>> {
    let view = projects.view(uri)?;
    let counted = remembered.counted(view.base, view.editing.project());
    let told = Told {
        known: view.editing.known(),
        counted: &counted,
    };
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options::default());
    let mut places: BTreeMap<(usize, u32), Vec<Part>> = BTreeMap::new();
    let mut spans: BTreeMap<(usize, u32), Span> = BTreeMap::new();
    for meant in view.editing.meant(view.path) {
        let own = (meant.document, 0);
        spans.insert(own, meant.span);
        for part in meant.parts {
            let level = Level::of(part.survey.vendor, &part.address);
            let group = (level == Level::Group && !part.place.is_empty())
                .then(|| {
                    let root = tree.documents().nth(meant.document)?;
                    let (located, found) = root.locate(&format!("{}/name", part.place));
                    found.then_some(located.value)
                })
                .flatten();
            if let Some(span) = group {
                let place = (meant.document, span.start);
                spans.insert(place, span);
                places.entry(place).or_default().push(part.clone());
            }
            places.entry(own).or_default().push(part);
        }
    }
    let lenses = places.into_iter().filter_map(|(place, parts)| {
        let title = told.line(&parts)?;
        let command = Command {
            title,
            command: String::new(),
            arguments: None,
        };
        Some(CodeLens {
            range: view.text.range(*spans.get(&place)?),
            command: Some(command),
            data: None,
        })
    });
    Some(lenses.take(MOST).collect())
}

/// What there is to tell from.
struct Told<'a> {
    known: Option<&'a Known>,
    counted: &'a BTreeMap<Address, Counted>,
}

impl Told<'_> {
    /// What all of these come to.
    fn line(&self, parts: &[Part]) -> Option<String> {
        let fielded: Vec<&Part> = parts
            .iter()
            .filter(|part| Level::of(part.survey.vendor, &part.address) != Level::Container)
            .collect();
        if fielded.is_empty() {
            return None;
        }
        let mut said = vec![self.state(&fielded)];
        said.extend(self.collected(&fielded));
        said.extend(exposed(&fielded));
        Some(said.join(" · "))
    }

    fn survey(&self, part: &Part) -> Option<&KnownSurvey> {
        self.known?.survey(&part.address)
    }

    /// `in field`, or how many of several are.
    fn state(&self, parts: &[&Part]) -> String {
        let mut words: Vec<(&'static str, usize)> = Vec::new();
        for part in parts {
            let word = self.survey(part).map_or("not made", state_of);
            match words.iter_mut().find(|(known, _)| *known == word) {
                Some((_, count)) => *count += 1,
                None => words.push((word, 1)),
            }
        }
        match words.as_slice() {
            [(word, 1)] => (*word).to_owned(),
            [(word, count)] => format!("{count} {word}"),
            several => {
                let each = several.iter().map(|(word, count)| format!("{count} {word}"));
                each.collect::<Vec<_>>().join(", ")
            }
        }
    }

    fn collected(&self, parts: &[&Part]) -> Option<String> {
        let seen = parts
            .iter()
            .filter(|part| self.survey(part).is_some())
            .filter_map(|part| self.counted.get(&part.address));
        let mut completes = 0;
        let mut last: Option<Timestamp> = None;
        for counted in seen {
            completes += counted.completes?;
            last = last.max(Some(counted.at));
        }
        let at = last?.strftime("%Y-%m-%d %H:%M UTC");
        let goals = parts
            .iter()
            .map(|part| part.survey.spec.completes.value().copied());
        Some(match goals.sum::<Option<u64>>() {
            Some(goal) => format!("{completes} of {goal} collected, {at}"),
            None => format!("{completes} collected, {at}"),
        })
    }
}

/// What is remembered of a survey, in a word or two.
fn state_of(known: &KnownSurvey) -> &'static str {
    if known.applied.status.value() == Some(&Status::Closed) {
        "closed"
    } else if known.finished.is_some() {
        "finished"
    } else if known.in_field {
        "in field"
    } else if known.paused_by.is_some() {
        "paused"
    } else {
        "made, not in field"
    }
}

/// The most that they can cost in field.
fn exposed(parts: &[&Part]) -> Option<String> {
    let mut sum = Purse::default();
    for part in parts {
        let survey = &part.survey;
        sum.add(exposure::wanted(registry::of(survey.vendor), &survey.spec)?.most);
    }
    let amounts: Vec<String> = sum.sums().map(|sum| sum.to_string()).collect();
    (!amounts.is_empty()).then(|| format!("up to {}", amounts.join(" and ")))
}
