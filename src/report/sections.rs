//! A plan by survey: what is done to each, and what is said about it, with what is said of many told once.

use super::words;
use crate::model::money::Purse;
use crate::model::{Address, Money};
use crate::plan::{Action, Guard, Note, NoteKind, Plan, Record, Step};
use std::collections::{BTreeMap, BTreeSet};

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

impl Section<'_> {
    /// What is done, one word each, with the mark in front where that is wanted.
    pub(super) fn actions(&self, marked: bool) -> Vec<String> {
        let word = |step: &&Step| match marked {
            true => format!("{} {}", words::symbol(step.action), step.action),
            false => step.action.to_string(),
        };
        let mut actions: Vec<String> = self.steps.iter().map(word).collect();
        actions.dedup();
        actions
    }

    /// What the steps add to the exposure, one amount per currency.
    pub(super) fn adds(&self) -> Vec<String> {
        let mut purse = Purse::default();
        for money in self.steps.iter().filter_map(|step| step.adds_exposure) {
            purse.add(money);
        }
        purse
            .currencies()
            .map(|currency| format!("{} {}", words::signed(&purse.of(currency)), currency.code()))
            .collect()
    }

    /// The guards that need an approval.
    pub(super) fn asked(&self, allowed: &BTreeSet<Guard>) -> BTreeSet<&'static str> {
        let guards = self.steps.iter().flat_map(|step| &step.guards);
        guards
            .filter(|guard| !allowed.contains(guard))
            .map(|guard| guard.key())
            .collect()
    }

    /// The price the survey has after the plan, with the one before where it changes; empty where none is known.
    pub(super) fn price(&self) -> String {
        let changed = self
            .steps
            .iter()
            .filter(|step| step.action == Action::Update)
            .flat_map(|step| &step.changes)
            .find(|change| change.path == "/cpi");
        if let Some(change) = changed {
            return words::transition(change, false, false);
        }
        let known = |step: &&Step| -> Option<Money> {
            match &step.record {
                Record::Survey { applied, .. } => applied.cpi.value().copied(),
                Record::Group(_) | Record::FormerClosed { .. } | Record::Forgotten | Record::Moved { .. } => {
                    None
                }
            }
        };
        let price = self.steps.iter().find_map(known);
        price.map_or_else(String::new, |cpi| cpi.to_string())
    }
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
