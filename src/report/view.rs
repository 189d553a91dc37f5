//! One view of a plan, behind all the ways of saying it to people: what is done survey by survey, what is said, the money
//! and the sums, each put into words once.
//!
//! Promises: pure; nothing of a plan is left out; names and values of fields have no control characters. Addresses,
//! reasons and messages are as they were written: the renderers free them, and free everything of what their format would
//! obey.

use super::Style;
use super::difference::{Inside, inside};
use super::words::{self, QuotaPart};
use crate::model::money::Purse;
use crate::model::{Address, Links, Money};
use crate::plan::step::MoneyReport;
use crate::plan::{Action, Change, Guard, Note, NoteKind, Plan, Reach, Record, Step, hash};
use serde_json::Value;
use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

/// A note that more surveys than this share is told once, with a count.
const CROWD: usize = 20;

/// A plan for people.
pub(super) struct View<'a> {
    /// What is done, held back and paid, in one line.
    pub(super) verdict: String,
    /// What a reader has to know of the picture it was made from.
    pub(super) picture: Option<String>,
    /// Guards that need an approval, each with how many surveys it stands before.
    pub(super) asked: Vec<(Guard, String)>,
    /// The exposure, a currency each.
    pub(super) exposure: Vec<MoneyReport>,
    /// What stands beside it, a line each.
    pub(super) beside: Vec<String>,
    /// What of it is above the limits on how many surveys a plan reaches, with the figures.
    pub(super) reach: Vec<String>,
    /// Surveys with steps in the order of their first step. Read one after the other they name the steps in the order of
    /// the plan, because planning keeps a survey's steps together.
    pub(super) acting: Vec<Section<'a>>,
    /// Surveys with notes only, by name.
    pub(super) silent: Vec<Section<'a>>,
    /// Notes taken out of the sections because many share them, the most pressing kind first.
    pub(super) crowds: Vec<Remark<'a>>,
    /// How many are as wanted.
    pub(super) unchanged: usize,
    /// The plan's name and how to apply it; `None` where nothing is done.
    pub(super) name: Option<Name>,
}

/// How exactly this plan is applied.
pub(super) struct Name {
    /// Its whole name.
    pub(super) hash: String,
    /// The calls, counted.
    pub(super) calls: String,
    /// How long it takes, in a sentence with a blank behind it; empty where that is not worth a word.
    pub(super) takes: String,
    /// What to type.
    pub(super) command: String,
}

/// One survey or group of a plan.
pub(super) struct Section<'a> {
    /// Its name.
    pub(super) address: &'a str,
    /// What is done, in the order in which it is done.
    pub(super) acts: Vec<Act<'a>>,
    /// What is said.
    pub(super) notes: Vec<&'a Note>,
    /// Where it is tried out, as the vendor shows it.
    pub(super) links: Option<&'a Links>,
}

/// One step.
pub(super) struct Act<'a> {
    /// The step itself.
    pub(super) step: &'a Step,
    /// Guards that need an approval.
    pub(super) asked: Vec<&'static str>,
    /// Guards that the environment allows without asking.
    pub(super) allowed: Vec<&'static str>,
    /// Whether all of the resource is new.
    pub(super) new: bool,
    /// The fields that change, once somebody has asked for them: of ten thousand surveys they are half of what a plan takes.
    fields: OnceCell<Vec<Field<'a>>>,
    /// Whether long lists are shown to the end.
    all: bool,
}

/// One field that changes, in words.
pub(super) struct Field<'a> {
    /// The change itself.
    pub(super) change: &'a Change,
    /// The field as people name it.
    pub(super) name: String,
    /// The quota and the part of it that this is about.
    pub(super) quota: Option<(Cow<'a, str>, QuotaPart)>,
    /// The value before; `None` where there is none.
    pub(super) before: Option<String>,
    /// The value after; `None` where it goes.
    pub(super) after: Option<String>,
    /// What changes inside the value, where two long values would hide it.
    pub(super) inside: Option<Inside>,
    /// What it means for completes already paid, and whether somebody else moved it.
    pub(super) aside: String,
}

/// What is said beside the steps.
#[derive(Clone)]
pub(super) struct Remark<'a> {
    /// What sort of remark it is.
    pub(super) kind: NoteKind,
    /// The survey or the field it is about, where that has to be told.
    pub(super) whom: Option<&'a str>,
    /// The surveys it is about, where they are many.
    pub(super) crowd: Vec<&'a str>,
    /// What is the matter.
    pub(super) message: &'a str,
    /// What to do about it.
    pub(super) help: Option<&'a str>,
}

/// A quota with all that changes of it.
pub(super) struct Quota<'v, 'a> {
    /// Its name.
    pub(super) name: Cow<'a, str>,
    /// Changes of how many.
    pub(super) completes: Vec<&'v Field<'a>>,
    /// Changes of who is counted.
    pub(super) who: Vec<&'v Field<'a>>,
    /// What is said about the changes, once each.
    pub(super) asides: Vec<&'v str>,
}

impl<'a> View<'a> {
    /// Puts a plan into words. Takes time in proportion to the plan, but for the sorting of names.
    pub(super) fn new(plan: &'a Plan, style: &Style) -> Self {
        let mut sections = Sections::default();
        for step in &plan.steps {
            let section = sections.at(&step.address);
            section.acts.push(Act::new(step, style));
            section.links = plan.links.get(&step.address);
        }
        let key = |note: &'a Note| (note.kind, note.message.as_str(), note.help.as_deref());
        let mut alike: BTreeMap<_, Vec<&str>> = BTreeMap::new();
        if !style.verbose {
            for note in &plan.notes {
                if note.kind != NoteKind::Done {
                    alike.entry(key(note)).or_default().push(note.address.as_str());
                }
            }
            alike.retain(|_, addresses| addresses.len() > CROWD);
        }
        // What is done is one line, whatever it got.
        let done = finished(&plan.notes, style);
        let folded = |note: &&Note| note.kind == NoteKind::Done && !done.is_empty();
        for note in plan
            .notes
            .iter()
            .filter(|note| !folded(note) && !alike.contains_key(&key(note)))
        {
            sections.at(&note.address).notes.push(note);
        }
        let crowds = alike.into_iter().map(|((kind, message, help), crowd)| Remark {
            kind,
            whom: None,
            crowd,
            message,
            help,
        });
        let crowds = crowds.chain(Remark::of_done(done));
        let all = sections.all.into_iter();
        let (acting, silent) = all.partition(|section| !section.acts.is_empty());
        let mut asked: BTreeMap<Guard, BTreeSet<&Address>> = BTreeMap::new();
        for step in &plan.steps {
            for guard in step.guards.iter().filter(|guard| !style.allowed.contains(guard)) {
                asked.entry(*guard).or_default().insert(&step.address);
            }
        }
        let asked = asked.into_iter();
        let asked = asked.map(|(guard, before)| (guard, words::count(before.len(), "survey", "surveys")));
        let summary = plan.summary();
        Self {
            verdict: words::verdict_line(plan),
            picture: style.picture.as_ref().map(super::PictureMark::sentence),
            asked: asked.collect(),
            exposure: plan.exposure.iter().map(Into::into).collect(),
            reach: plan.reach.iter().map(Reach::sentence).collect(),
            beside: words::beside(plan),
            acting,
            silent,
            crowds: crowds.collect(),
            unchanged: summary.unchanged,
            name: (!plan.is_empty()).then(|| {
                let hash = hash::hash(plan);
                Name {
                    calls: words::count(summary.calls, "call", "calls"),
                    takes: style.takes.as_ref().map_or_else(String::new, words::takes),
                    command: words::apply_command(&style.given, &hash),
                    hash,
                }
            }),
        }
    }

    /// What is said about surveys to which nothing is done, the most pressing kind first, and before it what is said about
    /// many.
    pub(super) fn remarks(&self) -> Vec<Remark<'a>> {
        let single = self.silent.iter().flat_map(|section| &section.notes);
        let mut single: Vec<Remark<'a>> = single
            .map(|note| Remark::of(note, Some(note.address.as_str())))
            .collect();
        single.sort_by_key(|note| note.kind);
        let mut all: Vec<Remark<'a>> = self.crowds.iter().cloned().chain(single).collect();
        all.sort_by_key(|remark| remark.kind == NoteKind::Done);
        all
    }
}

/// The surveys that are done, where they are said in one line: where there are several, and not everything is wanted.
pub(super) fn finished<'a>(notes: &'a [Note], style: &Style) -> Vec<&'a str> {
    let done = notes.iter().filter(|note| note.kind == NoteKind::Done);
    let done: Vec<&str> = done.map(|note| note.address.as_str()).collect();
    if style.verbose || done.len() < 2 {
        return Vec::new();
    }
    done
}

/// Sections in the order in which they were first named.
#[derive(Default)]
struct Sections<'a> {
    all: Vec<Section<'a>>,
    places: BTreeMap<&'a Address, usize>,
}

impl<'a> Sections<'a> {
    fn at(&mut self, address: &'a Address) -> &mut Section<'a> {
        let place = *self.places.entry(address).or_insert(self.all.len());
        if place == self.all.len() {
            self.all.push(Section {
                address: address.as_str(),
                acts: Vec::new(),
                notes: Vec::new(),
                links: None,
            });
        }
        &mut self.all[place]
    }
}

impl<'a> Section<'a> {
    /// What is done, one word each, with the mark in front where that is wanted.
    pub(super) fn actions(&self, marked: bool) -> String {
        let word = |act: &Act<'_>| match marked {
            true => act.title(),
            false => act.step.action.to_string(),
        };
        let mut actions: Vec<String> = self.acts.iter().map(word).collect();
        actions.dedup();
        actions.join(", ")
    }

    /// What the steps add to the exposure, one amount per currency.
    pub(super) fn adds(&self) -> String {
        let mut purse = Purse::default();
        for money in self.acts.iter().filter_map(|act| act.step.adds_exposure) {
            purse.add(money);
        }
        let amount = |currency| {
            format!(
                "{} {}",
                words::signed(&purse.of(currency).plain()),
                purse.of(currency).currency.code()
            )
        };
        purse.currencies().map(amount).collect::<Vec<_>>().join(", ")
    }

    /// The guards that need an approval, by name.
    pub(super) fn asked(&self) -> BTreeSet<&'static str> {
        self.acts
            .iter()
            .flat_map(|act| act.asked.iter().copied())
            .collect()
    }

    /// What is said, each with the field that it is about.
    pub(super) fn remarks(&self) -> impl Iterator<Item = Remark<'a>> {
        self.notes
            .iter()
            .map(|note| Remark::of(note, note.path.as_deref()))
    }

    /// The fields that change, over all steps.
    pub(super) fn fields(&self) -> impl Iterator<Item = &Field<'a>> {
        self.acts.iter().flat_map(Act::fields)
    }

    /// The price the survey has after the plan, with the one before where it changes; empty where none is known.
    pub(super) fn price(&self) -> String {
        let mut updates = self.acts.iter().filter(|act| act.step.action == Action::Update);
        if let Some(change) = updates.find_map(|act| act.field("/cpi")) {
            return change.turn(false);
        }
        let known = |act: &Act<'_>| -> Option<Money> {
            match &act.step.record {
                Record::Survey { applied, .. } => applied.cpi.value().copied(),
                Record::Group(_) | Record::FormerClosed { .. } | Record::Forgotten | Record::Moved { .. } => {
                    None
                }
            }
        };
        let price = self.acts.iter().find_map(known);
        price.map_or_else(String::new, |cpi| cpi.to_string())
    }
}

impl<'a> Act<'a> {
    fn new(step: &'a Step, style: &Style) -> Self {
        let (allowed, asked): (Vec<&Guard>, Vec<&Guard>) = step
            .guards
            .iter()
            .partition(|guard| style.allowed.contains(guard));
        let keys = |guards: Vec<&Guard>| guards.into_iter().map(|guard| guard.key()).collect();
        Self {
            step,
            asked: keys(asked),
            allowed: keys(allowed),
            new: matches!(step.action, Action::Create | Action::Replace),
            fields: OnceCell::new(),
            all: style.verbose,
        }
    }

    /// The fields that change.
    pub(super) fn fields(&self) -> &[Field<'a>] {
        self.fields.get_or_init(|| fields(&self.step.changes, self.all))
    }

    /// One of them by its path.
    pub(super) fn field(&self, path: &str) -> Option<Field<'a>> {
        let change = self.step.changes.iter().find(|change| change.path == path)?;
        Some(Field::new(change, self.all))
    }

    /// What is done, with its mark.
    pub(super) fn title(&self) -> String {
        format!("{} {}", words::symbol(self.step.action), self.step.action)
    }
}

/// Changes in words. `all` shows long lists to the end.
pub(super) fn fields(changes: &[Change], all: bool) -> Vec<Field<'_>> {
    changes.iter().map(|change| Field::new(change, all)).collect()
}

impl<'a> Field<'a> {
    fn new(change: &'a Change, all: bool) -> Self {
        let quota = words::quota_part(&change.path);
        let side = |value: &Value| match (value, &quota) {
            (Value::Null, _) => None,
            (value, Some((_, QuotaPart::Where))) => Some(words::who(value, all)),
            (value, _) => Some(words::value(value, all)),
        };
        let (was, will) = (change.before.value(), change.after.value());
        let (before, after) = (side(&was), side(&will));
        Self {
            change,
            name: words::field(&change.path),
            quota,
            before,
            after,
            inside: inside(&was, &will, all),
            aside: words::aside(change),
        }
    }

    /// What turns into what: `400 → 500`, or only `400` where the whole resource is `new`.
    pub(super) fn turn(&self, new: bool) -> String {
        if let Some(inside) = &self.inside {
            return inside.plain();
        }
        let (none, gone, whole) = match &self.quota {
            Some((_, QuotaPart::Completes)) => ("new", "none", new),
            // Nobody was counted before there was a quota.
            Some((_, QuotaPart::Where)) => ("", "nothing", true),
            // No price of ours is a price all the same, and one without a ceiling.
            // What was not approved before is not shown as something that was.
            None if self.change.path.starts_with("/stages/")
                || ["/windows", "/pace"].contains(&self.change.path.as_str()) =>
            {
                ("nothing", "taken out", true)
            }
            None if self.change.path == "/cpi" => ("market price", "market price", new),
            None => ("not set", "cleared", new),
        };
        match (self.before.as_deref(), self.after.as_deref()) {
            (None, after) if whole => after.unwrap_or("nothing").to_owned(),
            (before, after) => format!("{} → {}", before.unwrap_or(none), after.unwrap_or(gone)),
        }
    }
}

impl<'a> Remark<'a> {
    /// A note; `whom` is what of it has to be told.
    fn of(note: &'a Note, whom: Option<&'a str>) -> Self {
        Self {
            kind: note.kind,
            whom,
            crowd: Vec::new(),
            message: &note.message,
            help: note.help.as_deref(),
        }
    }

    /// What is done, in one line; none where it is not folded.
    pub(super) fn of_done(crowd: Vec<&'a str>) -> Option<Self> {
        (!crowd.is_empty()).then_some(Self {
            kind: NoteKind::Done,
            whom: None,
            crowd,
            message: "done",
            help: None,
        })
    }
}

impl<'a> Quota<'_, 'a> {
    /// A quota of which nothing changes.
    pub(super) fn unchanged(name: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: name.into(),
            completes: Vec::new(),
            who: Vec::new(),
            asides: Vec::new(),
        }
    }
}

/// Quotas with what changes of them, in the order in which they are first named.
pub(super) fn quotas<'v, 'a>(fields: impl Iterator<Item = &'v Field<'a>>) -> Vec<Quota<'v, 'a>> {
    let mut quotas: Vec<Quota<'v, 'a>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for field in fields {
        let Some((name, part)) = &field.quota else {
            continue;
        };
        let place = *places.entry(name).or_insert(quotas.len());
        if place == quotas.len() {
            quotas.push(Quota::unchanged(name.clone()));
        }
        let quota = &mut quotas[place];
        match part {
            QuotaPart::Completes => quota.completes.push(field),
            QuotaPart::Where => quota.who.push(field),
        }
        if !quota.asides.iter().any(|told| told.contains(&field.aside)) && !field.aside.is_empty() {
            quota.asides.push(&field.aside);
        }
    }
    quotas
}

#[cfg(test)]
mod tests;
