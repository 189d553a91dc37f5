//! A plan by survey: what is done to each, and what is said about it, with what is said of many told once.

use crate::model::Address;
use crate::plan::{Note, NoteKind, Plan, Step};
use std::collections::BTreeMap;

/// A note that more surveys than this share is told once, with a count.
pub(super) const CROWD: usize = 20;

/// One survey or group of a plan.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// Its name.
    pub(super) address: &'a Address,
    /// What is done, in the order in which it is done.
    pub(super) steps: Vec<&'a Step>,
    /// What is said.
    pub(super) notes: Vec<&'a Note>,
}

/// The same note about many.
#[derive(Debug)]
pub(super) struct Crowd<'a> {
    /// What sort of remark it is.
    pub(super) kind: NoteKind,
    /// What is the matter.
    pub(super) message: &'a str,
    /// What to do about it.
    pub(super) help: Option<&'a str>,
    /// Whom it is about.
    pub(super) addresses: Vec<&'a Address>,
}

/// A plan by survey.
#[derive(Debug)]
pub(super) struct Sections<'a> {
    /// Surveys with steps in the order of their first step, then those with notes only, by name. Read one after the
    /// other the sections name the steps in the order of the plan, because planning keeps a survey's steps together.
    pub(super) surveys: Vec<Section<'a>>,
    /// Notes taken out of the sections, the most pressing kind first.
    pub(super) crowds: Vec<Crowd<'a>>,
}

/// Sorts a plan into sections. Takes time in proportion to the plan, but for the sorting of names.
pub(super) fn sections(plan: &Plan, every_note: bool) -> Sections<'_> {
    let mut places: BTreeMap<&Address, usize> = BTreeMap::new();
    let mut surveys: Vec<Section<'_>> = Vec::new();
    for step in &plan.steps {
        let index = place(&step.address, &mut places, &mut surveys);
        surveys[index].steps.push(step);
    }
    let mut alike: BTreeMap<(NoteKind, &str, Option<&str>), Vec<&Address>> = BTreeMap::new();
    if !every_note {
        for note in &plan.notes {
            alike
                .entry((note.kind, &note.message, note.help.as_deref()))
                .or_default()
                .push(&note.address);
        }
        alike.retain(|_, addresses| addresses.len() > CROWD);
    }
    for note in &plan.notes {
        if !alike.contains_key(&(note.kind, note.message.as_str(), note.help.as_deref())) {
            let index = place(&note.address, &mut places, &mut surveys);
            surveys[index].notes.push(note);
        }
    }
    let crowds = alike
        .into_iter()
        .map(|((kind, message, help), addresses)| Crowd {
            kind,
            message,
            help,
            addresses,
        })
        .collect();
    Sections { surveys, crowds }
}

/// The section of an address, made where there is none yet.
fn place<'a>(
    address: &'a Address,
    places: &mut BTreeMap<&'a Address, usize>,
    surveys: &mut Vec<Section<'a>>,
) -> usize {
    *places.entry(address).or_insert_with(|| {
        surveys.push(Section {
            address,
            steps: Vec::new(),
            notes: Vec::new(),
        });
        surveys.len() - 1
    })
}
