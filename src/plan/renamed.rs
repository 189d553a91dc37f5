//! What may only have another name: something that is gone from the manifests, and something new that means the same at
//! the vendor. Neither is touched until a manifest says which it is.

use super::drift::in_codes;
use super::finished::is_over;
use super::inputs::Inputs;
use super::moves::{names, remembered};
use super::note::Note;
use crate::model::{
    Address, DesiredGroup, DesiredSurvey, Field, FieldName, Level, MovedFrom, Quotas, Resource, ResourceKind,
    SurveySpec,
};
use crate::text::{normal, suggest};
use std::collections::{BTreeMap, BTreeSet};

/// What is left alone, and why.
#[derive(Default)]
pub(super) struct Held {
    addresses: BTreeSet<Address>,
    pub(super) notes: Vec<Note>,
}

impl Held {
    /// Whether nothing is done about an address.
    pub(super) fn holds(&self, address: &Address) -> bool {
        self.addresses.contains(address)
    }

    fn hold<'a>(&mut self, addresses: impl IntoIterator<Item = &'a Address>) {
        self.addresses.extend(addresses.into_iter().cloned());
    }
}

/// Whatever has to be said by a manifest first.
pub(super) fn held(inputs: &Inputs<'_>) -> Held {
    let mut held = Held::default();
    let there = names(inputs.known);
    let mut names = Names::of(inputs);
    for (name, addresses) in &names.new {
        if let Some(note) = names.unresolved(inputs, &there, name) {
            held.hold(addresses.iter().copied());
            held.notes.push(note);
        }
    }
    names
        .new
        .retain(|name, _| !held.notes.iter().any(|note| note.address == *name));
    held.pairs(inputs, &names.new, &names.gone);
    for (new, gone) in names.groups(inputs).values() {
        held.pairs(inputs, new, gone);
    }
    held
}

/// Whether a manifest says that something never had another name.
fn says_new(inputs: &Inputs<'_>, name: &Address) -> bool {
    let written = match name.is_group() {
        true => name.alone(),
        false => Address::survey(name.manifest()),
    };
    inputs.desired.renames.written.get(&written) == Some(&MovedFrom::Nothing)
}

impl Held {
    /// Leaves alone what is new and may be something that is gone, and all that it may be.
    fn pairs(&mut self, inputs: &Inputs<'_>, new: &Parts<'_>, gone: &Parts<'_>) {
        let pairs = paired(inputs, new, gone);
        for (now, old) in &pairs.nearest {
            self.hold(new[now].iter().chain(&gone[old]).copied());
            self.pair(inputs, now, old);
        }
        for (now, old) in &pairs.further {
            self.hold(gone[old].iter().copied());
            self.as_well(now, old);
        }
    }

    /// The notes on two that may be one.
    fn pair(&mut self, inputs: &Inputs<'_>, new: &Address, old: &Address) {
        let part = is_part(new, old);
        let (now, before) = match part {
            true => (new.as_str(), old.as_str()),
            false => (new.own_name(), old.own_name()),
        };
        let known = inputs.known.resources.iter();
        let vendor = known
            .filter(|(address, _)| address.alone() == old.alone())
            .map(|(_, resource)| resource.vendor.name())
            .next()
            .unwrap_or_default();
        let message = format!(
            "it is new, and `{before}`, which no manifest has any more, means the same at {vendor}: {UNTIL}"
        );
        let same = match part {
            true => {
                format!("`infield state mv {before} {now}` if it is the same under another name, or write")
            }
            false => format!("write `moved_from: {before}` if it is the same under another name, or"),
        };
        let help = format!("{same} `moved_from: none` if it is new");
        self.notes
            .push(Note::blocked(new, message).help(help).at("/name"));
        self.as_well(new, old);
    }

    /// The note on something that is gone and may be what is new.
    fn as_well(&mut self, new: &Address, old: &Address) {
        let now = match is_part(new, old) {
            true => new.as_str(),
            false => new.own_name(),
        };
        let message =
            format!("no manifest has it any more, and `{now}`, which is new, means the same: {UNTIL}");
        self.notes
            .push(Note::blocked(old, message).help(format!("look at the notes of {new}")));
    }
}

/// What is done about two that may be one.
const UNTIL: &str = "until a manifest says which it is, nothing is made and nothing is taken out of field";

/// Whether one of two is what a marketplace has of a survey.
fn is_part(new: &Address, old: &Address) -> bool {
    let part = |name: &Address| name.vendor().is_some() && !name.is_group();
    part(new) || part(old)
}

/// What is new with what is gone and means the same.
struct Pairs {
    /// Each at most once: the most similar names first.
    nearest: Vec<(Address, Address)>,
    /// What is gone and may as well be something new that has a nearer one.
    further: Vec<(Address, Address)>,
}

/// Pairs of what is new with what is gone and means the same.
fn paired(inputs: &Inputs<'_>, new: &Parts<'_>, gone: &Parts<'_>) -> Pairs {
    let alike = |new: &[&Address], old: &[&Address]| {
        new.iter()
            .any(|new| old.iter().any(|old| is_alike(inputs, new, old)))
    };
    let mut pairs = Vec::new();
    for (name, parts) in new.iter().filter(|(name, _)| !says_new(inputs, name)) {
        for (old, places) in gone {
            if alike(parts, places) {
                pairs.push((distance(name, old), name.clone(), old.clone()));
            }
        }
    }
    pairs.sort();
    let mut taken: (BTreeSet<Address>, BTreeSet<Address>) = Default::default();
    let mut nearest = Vec::new();
    for (_, new, old) in &pairs {
        if !taken.0.contains(new) && !taken.1.contains(old) {
            taken.0.insert(new.clone());
            taken.1.insert(old.clone());
            nearest.push((new.clone(), old.clone()));
        }
    }
    // Which of them it was, nobody has said: none is taken out of field.
    let further = pairs
        .into_iter()
        .filter(|(_, _, old)| taken.1.insert(old.clone()));
    let further = further.map(|(_, new, old)| (new, old)).collect();
    Pairs { nearest, further }
}

fn distance(one: &Address, other: &Address) -> usize {
    suggest::distance(one.own_name(), other.own_name())
}

/// Names with the addresses that belong to them.
type Parts<'a> = BTreeMap<Address, Vec<&'a Address>>;

/// Names of manifests with their addresses: those of which nothing is remembered, those that no manifest has any more,
/// and surveys that are both there and remembered.
struct Names<'a> {
    new: Parts<'a>,
    gone: Parts<'a>,
    kept: BTreeSet<Address>,
}

impl<'a> Names<'a> {
    fn of(inputs: &Inputs<'a>) -> Self {
        let by_name = |addresses: Vec<&'a Address>| {
            let mut names = Parts::new();
            for address in addresses {
                let name = Address::survey(address.manifest());
                names.entry(name).or_default().push(address);
            }
            names
        };
        let (surveys, groups) = (inputs.desired.surveys.keys(), inputs.desired.groups.keys());
        let mut new = by_name(surveys.chain(groups).collect());
        let mut gone = by_name(inputs.known.resources.keys().collect());
        let there: BTreeSet<String> = remembered(inputs.known)
            .iter()
            .map(|address| address.manifest().to_owned())
            .collect();
        let wanted: BTreeSet<Address> = new.keys().cloned().collect();
        new.retain(|name, _| !there.contains(name.as_str()));
        gone.retain(|name, _| !wanted.contains(name));
        // Of what goes on under its name, a marketplace may be new, or gone.
        let known = &inputs.known.resources;
        let part = |address: &Address| !address.is_group() && address.vendor().is_some();
        let remembered = remembered(inputs.known);
        for address in inputs.desired.surveys.keys().filter(|address| part(address)) {
            if there.contains(address.manifest()) && !remembered.contains(address) {
                let groups = address.inside(&inputs.desired.surveys);
                new.insert(address.clone(), [address].into_iter().chain(groups).collect());
            }
        }
        for address in known.keys().filter(|address| part(address)) {
            let name = Address::survey(address.manifest());
            if wanted.contains(&name) && !inputs.desired.surveys.contains_key(address) {
                let groups = address.inside(known);
                gone.insert(address.clone(), [address].into_iter().chain(groups).collect());
            }
        }
        let kept = inputs
            .known
            .resources
            .keys()
            .filter(|address| !address.is_group());
        let kept = kept
            .filter(|address| inputs.desired.surveys.contains_key(*address))
            .cloned();
        Self {
            new,
            gone: if inputs.choices.whole_project {
                gone
            } else {
                BTreeMap::new()
            },
            kept: kept.collect(),
        }
    }

    /// Groups that are new, and those that are not listed any more, by their surveys.
    fn groups(&self, inputs: &Inputs<'a>) -> BTreeMap<Address, (Parts<'a>, Parts<'a>)> {
        let mut surveys: BTreeMap<Address, (Parts<'a>, Parts<'a>)> = BTreeMap::new();
        if !inputs.choices.whole_project {
            return surveys;
        }
        let there = remembered(inputs.known);
        let (wanted, known) = (&inputs.desired.surveys, &inputs.known.resources);
        let kept = |address: &Address| address.parent().filter(|survey| self.kept.contains(survey));
        for address in known.keys().filter(|address| !wanted.contains_key(*address)) {
            if let Some(survey) = kept(address) {
                let (_, gone) = surveys.entry(survey).or_default();
                gone.insert(address.clone(), vec![address]);
            }
        }
        for address in wanted.keys().filter(|address| !there.contains(*address)) {
            let survey = kept(address).and_then(|survey| surveys.get_mut(&survey));
            if let Some((new, _)) = survey {
                new.insert(address.clone(), vec![address]);
            }
        }
        surveys
    }

    /// Why the old name of something that is not remembered leads nowhere, although it seems to be there.
    fn unresolved(&self, inputs: &Inputs<'_>, there: &BTreeSet<&str>, name: &Address) -> Option<Note> {
        let old = inputs.desired.renames.written.get(name)?.old()?;
        if there.contains(old.as_str()) {
            let (message, help) = if inputs.choices.whole_project {
                (
                    format!(
                        "`{old}`, which it is said to have been, goes on under its own name, or is something else"
                    ),
                    format!("write `moved_from: none` if it is new, or name what it was instead of `{old}`"),
                )
            } else {
                (
                    format!(
                        "whether `{old}`, which it was, is free is only seen when the whole project is planned"
                    ),
                    "plan the whole project, without paths".to_owned(),
                )
            };
            return Some(Note::blocked(name, message).help(help).at("/moved_from"));
        }
        let gone = self.gone.keys().map(Address::as_str);
        let near = suggest::nearest(old.as_str(), gone)?;
        let message =
            format!("nothing is remembered as `{old}`, which it is said to have been: nothing is made");
        let help = format!("did you mean `{near}`? Write `moved_from: none` if it is new");
        Some(Note::blocked(name, message).help(help).at("/moved_from"))
    }
}

/// Whether something new means the same at the vendor as something that is gone and could still cost money.
fn is_alike(inputs: &Inputs<'_>, new: &Address, old: &Address) -> bool {
    let Some(resource) = inputs.known.resources.get(old) else {
        return false;
    };
    if let ResourceKind::Group(applied) = &resource.kind {
        let desired = inputs.desired.groups.get(new);
        return desired.is_some_and(|desired| is_same_group(desired, applied));
    }
    let Some(desired) = inputs.desired.surveys.get(new) else {
        return false;
    };
    let (vendor, level) = (desired.vendor, Level::of(desired.vendor, new));
    if resource.vendor != vendor || Level::of(vendor, old) != level || is_over(inputs, old) {
        return false;
    }
    if level == Level::Container {
        return same_title(&desired.spec, applied(resource));
    }
    let orphaned = resource.survey().is_some_and(|survey| survey.orphaned);
    is_same(inputs, (new, desired), applied(resource), orphaned)
}

fn applied(resource: &Resource) -> &SurveySpec {
    static NOTHING: std::sync::LazyLock<SurveySpec> = std::sync::LazyLock::new(SurveySpec::default);
    resource.survey().map_or(&NOTHING, |survey| &survey.applied)
}

fn is_same_group(new: &DesiredGroup, old: &DesiredGroup) -> bool {
    new.vendor == old.vendor && new.members == old.members
}

fn same_title(one: &SurveySpec, other: &SurveySpec) -> bool {
    match (&one.title, &other.title) {
        (Field::Set(one), Field::Set(other)) => normal::title(one) == normal::title(other),
        _ => false,
    }
}

/// Whether two are the same but for what names decide: the same title, or the same template, goal and respondents. What
/// lost its manifest in an earlier apply is only known by its title. A manifest that leaves the template out is as content
/// with what was made from one as it was under the old name.
fn is_same(
    inputs: &Inputs<'_>,
    (address, desired): (&Address, &DesiredSurvey),
    applied: &SurveySpec,
    orphaned: bool,
) -> bool {
    let same = |field: &FieldName| desired.spec.get(field) == applied.get(field);
    let same_template = desired.spec.template.value().is_none() || same(&FieldName::Template);
    if !same(&FieldName::Locale) || !same_template {
        return false;
    }
    if same_title(&desired.spec, applied) {
        return true;
    }
    if orphaned || !same(&FieldName::Completes) {
        return false;
    }
    let spec = in_codes(inputs, address, desired).spec;
    let asks = |quotas: &Field<Quotas>| -> Vec<_> {
        let quotas = quotas.value().into_iter().flatten();
        let mut asks: Vec<_> = quotas
            .map(|quota| (quota.completes, quota.criteria.clone()))
            .collect();
        asks.sort();
        asks
    };
    let told = spec.asks() || spec.template.value().is_some();
    told && spec.qualifications == applied.qualifications && asks(&spec.quotas) == asks(&applied.quotas)
}
