//! What infield remembers: the part of the state file that planning looks at.

use super::desired::{DesiredGroup, Policy};
use super::fields::{Datum, ROWS};
use super::ladder::Climb;
use super::pattern::Named;
use super::stops::{Freeze, Paused, Stops};
use super::study::Collected;
use super::{Address, Field, Level, Links, Money, Status, SurveySpec, VendorId};
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Everything remembered from earlier applies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Known {
    /// Resources by address.
    #[serde(default)]
    pub resources: BTreeMap<Address, Resource>,
    /// Calls that were about to be sent and whose outcome is not recorded, by intent id.
    #[serde(default)]
    pub intents: BTreeMap<String, Intent>,
    /// Vendor ids of what resembles an address and is something else, as a person has said.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub others: BTreeMap<Address, BTreeSet<String>>,
    /// What is frozen.
    #[serde(default, skip_serializing_if = "Stops::is_empty")]
    pub stops: Stops,
}

impl Known {
    /// Whether something at a vendor is one of ours, or was until it was replaced.
    pub fn claims(&self, vendor: VendorId, level: Level, id: &str) -> bool {
        owner(&self.resources, vendor, level, id).is_some()
    }

    /// Whether a person has said that something which resembles an address is not it.
    pub fn is_another(&self, address: &Address, id: &str) -> bool {
        self.others.get(address).is_some_and(|ids| ids.contains(id))
    }

    /// Everything remembered, as it may be named; also what may have been made, which has no tags yet.
    pub fn named(&self) -> impl Iterator<Item = Named<'_>> {
        let open = self.intents.values().map(|intent| Named {
            address: &intent.address,
            vendor: Some(intent.vendor),
            tags: &NO_TAGS,
        });
        let all = self.resources.iter();
        all.map(|(address, resource)| resource.named(address)).chain(open)
    }

    /// What a freeze has paused, under the name it has by now.
    pub fn paused(&self, paused: &Paused) -> Option<(&Address, &Resource)> {
        self.resources.iter().find(|(address, resource)| {
            resource.vendor == paused.vendor
                && resource.id == paused.id
                && address.is_group() == paused.address.is_group()
        })
    }

    /// The freeze that keeps something out of field. Besides the tags that are remembered, it has those of its manifest.
    pub fn freeze(&self, address: &Address, vendor: VendorId, tags: &BTreeSet<String>) -> Option<&Freeze> {
        self.stops
            .on((address, vendor), self.resources.get(address), tags)
    }

    /// What is remembered of a survey; `None` for what is no survey or not known.
    pub fn survey(&self, address: &Address) -> Option<&KnownSurvey> {
        self.resources.get(address)?.survey()
    }

    /// The open intents of an address, oldest first.
    pub fn intents_of<'a>(&'a self, address: &'a Address) -> impl Iterator<Item = (&'a String, &'a Intent)> {
        self.intents
            .iter()
            .filter(move |(_, intent)| intent.address == *address)
    }
}

/// The address that answers for something at a vendor: what it is there, or was until it was replaced.
pub fn owner<'a>(
    resources: &'a BTreeMap<Address, Resource>,
    vendor: VendorId,
    level: Level,
    id: &str,
) -> Option<&'a Address> {
    let mut here = resources
        .iter()
        .filter(|(address, resource)| resource.vendor == vendor && Level::of(vendor, address) == level);
    let found = here.find(|(_, resource)| resource.ids().any(|own| own == id));
    found.map(|(address, _)| address)
}

/// That two addresses answer for one survey or group, in words; `None` where none does.
pub fn said_twice(resources: &BTreeMap<Address, Resource>) -> Option<String> {
    let (id, one, other) = answered_for_twice(resources)?;
    Some(format!(
        "{id} is both `{one}` and `{other}`: each would write over the other"
    ))
}

/// The first survey or group that two addresses of a state answer for; each would write over the other's.
fn answered_for_twice(resources: &BTreeMap<Address, Resource>) -> Option<(&str, &Address, &Address)> {
    let mut seen: BTreeMap<(VendorId, Level, &str), &Address> = BTreeMap::new();
    for (address, resource) in resources {
        let level = Level::of(resource.vendor, address);
        for id in resource.ids() {
            let before = seen.insert((resource.vendor, level, id), address);
            if let Some(before) = before.filter(|before| *before != address) {
                return Some((id, before, address));
            }
        }
    }
    None
}

/// Something infield made or adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Resource {
    /// Where it is.
    pub vendor: VendorId,
    /// What it is, with what only that kind has.
    pub kind: ResourceKind,
    /// The vendor's id, as text.
    pub id: String,
}

/// The kinds of resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// A survey.
    Survey(Box<KnownSurvey>),
    /// An exclusion group, with the values last applied.
    Group(DesiredGroup),
}

/// What is remembered of a survey.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct KnownSurvey {
    /// The managed values last applied; `Absent` was never managed.
    pub applied: SurveySpec,
    /// Whether it was in field as far as we know: we launched it, or adopted it live. A survey with this set that is
    /// found paused was stopped by somebody else.
    pub in_field: bool,
    /// Decisions of the last manifest, for the day the manifest is gone.
    pub policy: Policy,
    /// Paths of fields that an interrupted step may or may not have written, and that the vendor does not show: what is
    /// in effect is not known until they are written again.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub unsure: BTreeSet<String>,
    /// Taken out of field by us for the time of a change, and not put back yet.
    #[serde(rename = "held", skip_serializing_if = "std::ops::Not::not")]
    pub paused_for_edit: bool,
    /// Work of the vendor that a call of ours started and whose end was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
    /// The manifest is gone; kept until `state rm`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub orphaned: bool,
    /// Vendor ids of surveys this one replaces and that are not closed yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<String>,
    /// What surveys that this one replaced had collected when they were closed.
    #[serde(skip_serializing_if = "Collected::is_none")]
    pub replaced: Collected,
    /// It was made for what was missing: what those that it replaced have collected counts for the completes of its manifest.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
    /// What infield itself did that keeps it out of field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused_by: Option<PausedBy>,
    /// That it reached its goal, as it was confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished: Option<Finished>,
    /// How far it got on its ladder, where it is fielded in stages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub climb: Option<Climb>,
    /// Where somebody tries it out, as the vendor showed it last.
    #[serde(skip_serializing_if = "Links::is_none")]
    pub links: Links,
    /// The address that its name was moved from last, so that a manifest that goes on saying so moves nothing again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moved_from: Option<Address>,
}

/// An act of infield's own that took a survey out of field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PausedBy {
    /// What was done.
    pub act: Act,
    /// When; in a plan `None` stands for the moment at which the step is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
}

impl PausedBy {
    /// An act of the moment at which it is recorded.
    pub fn now(act: Act) -> Self {
        Self { act, at: None }
    }

    /// What is remembered of it once a manifest wants something out of field: its hours alone put nothing back then.
    #[must_use]
    pub fn unless_live(self, wanted: Option<Status>) -> Self {
        match self.act {
            Act::Hours if wanted != Some(Status::Live) => Self {
                act: Act::Manifest,
                ..self
            },
            _ => self,
        }
    }
}

/// Acts that take a survey out of field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Act {
    /// An apply of a manifest that wants it paused, or of its removal.
    Manifest,
    /// `infield freeze`.
    Freeze,
    /// A stage that somebody has to approve.
    Hold,
    /// A goal or a quota that was lowered to what is collected.
    Cut,
    /// An apply outside of the hours of its manifest.
    Hours,
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Manifest => "its manifest",
            Self::Freeze => "infield freeze",
            Self::Hold => "infield, to hold at a stage",
            Self::Cut => "a cut of infield to what was collected",
            Self::Hours => "its hours",
        })
    }
}

/// A goal that was reached. It holds as long as the vendor shows the same goal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finished {
    /// Completes wanted.
    pub goal: u64,
    /// Completes collected, as far as they were counted.
    pub completes: u64,
    /// When it was seen first; in a plan `None` stands for the moment at which it is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub at: Option<Timestamp>,
}

/// Work that goes on at the vendor, or was about to be started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Job {
    /// Method, path and body of the call that starts it, so that a repetition is known as one.
    pub call: String,
    /// The idempotency key it is sent with.
    pub key: String,
    /// Where to look for its end; `None` until the vendor has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl KnownSurvey {
    /// Takes over what it stands in for leaves behind: its names and what it has collected.
    pub fn stand_in_for(&mut self, before: &Self) {
        self.moved_from.clone_from(&before.moved_from);
        self.replaced = before.replaced.clone();
        self.continues |= before.continues;
        self.climb = self.climb.take().or_else(|| before.climb.clone());
    }

    /// Notes what a step is about to write that the vendor does not show: from now on nobody knows whether it is there,
    /// until it is written again. Of two prices the higher one counts meanwhile, so that what is at stake is never said
    /// too low.
    pub fn about_to_write(&mut self, wanted: Option<&SurveySpec>, hidden: &[String]) {
        self.unsure.extend(hidden.iter().cloned());
        let Some(wanted) = wanted else { return };
        let price = |spec: &SurveySpec, field| match spec.get(field) {
            Field::Set(Datum::Price(price)) => Some(*price),
            _ => None,
        };
        let written = ROWS
            .iter()
            .filter(|row| hidden.iter().any(|path| path == row.path));
        for field in written.map(|row| &row.name) {
            let dearer = |new: &Money| {
                price(&self.applied, field)
                    .is_none_or(|old| old.currency == new.currency && old.amount < new.amount)
            };
            if price(wanted, field).is_some_and(|new| dearer(&new)) {
                self.applied.take(field, wanted);
            }
        }
    }
}

/// Of what has none.
pub static NO_TAGS: BTreeSet<String> = BTreeSet::new();

impl Resource {
    /// As it may be named.
    pub fn named<'a>(&'a self, address: &'a Address) -> Named<'a> {
        Named {
            address,
            vendor: Some(self.vendor),
            tags: self.tags(),
        }
    }

    /// The tags of its manifest.
    pub fn tags(&self) -> &BTreeSet<String> {
        self.survey().map_or(&NO_TAGS, |survey| &survey.policy.tags)
    }

    /// The survey part, where this is a survey.
    pub fn survey(&self) -> Option<&KnownSurvey> {
        match &self.kind {
            ResourceKind::Survey(survey) => Some(survey),
            ResourceKind::Group(_) => None,
        }
    }

    /// The vendor ids of the survey or group that this is, and of those it has replaced. Exclusion groups have keys of their
    /// own, which say nothing about surveys.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        let survey = self.survey();
        let own = survey.map(|_| self.id.as_str());
        let former = survey.into_iter().flat_map(|survey| &survey.former);
        own.into_iter().chain(former.map(String::as_str))
    }
}

/// A call that makes something and must not be sent twice, written down before it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Intent {
    /// What it is for.
    pub address: Address,
    /// Where.
    pub vendor: VendorId,
    /// The step of the plan.
    pub step: String,
    /// When it was written, UTC, RFC 3339, by the clock of the machine that wrote it.
    pub at: String,
    /// The same by the vendor's clock, where the vendor had told its time by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_at: Option<String>,
    /// Method and path.
    pub call: String,
    /// The body sent, so that what was made can be recognised by its content.
    pub body: Option<serde_json::Value>,
    /// What the manifest wanted, so that what is found can be adopted.
    pub wanted: SurveySpec,
    /// The same of an exclusion group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<DesiredGroup>,
    /// Paths of what the create writes and the vendor may not show.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<String>,
    /// The vendor's ids that existed before under this address (a replacement keeps the old survey until it is closed).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former: Vec<String>,
    /// What is made is to go on with what was there before under this address.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub continues: bool,
}

impl Intent {
    /// What is remembered of what it made, once that is found. What the vendor does not show may never have been written:
    /// the next plan writes it again.
    pub fn found(&self) -> KnownSurvey {
        KnownSurvey {
            applied: self.wanted.clone(),
            unsure: self.hidden.iter().cloned().collect(),
            former: self.former.clone(),
            continues: self.continues,
            ..KnownSurvey::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_prices_that_may_be_in_effect_the_higher_one_counts() {
        let spec = |price: &str| SurveySpec {
            max_cpi: Field::Set(price.parse().unwrap()),
            ..SurveySpec::default()
        };
        let after = |old: &str, new: &str, hidden: &str| {
            let mut known = KnownSurvey {
                applied: spec(old),
                ..KnownSurvey::default()
            };
            known.about_to_write(Some(&spec(new)), &[hidden.to_owned()]);
            assert!(known.unsure.contains(hidden));
            known.applied
        };
        assert_eq!(after("3 USD", "4 USD", "/max_cpi"), spec("4 USD"));
        assert_eq!(after("4 USD", "3 USD", "/max_cpi"), spec("4 USD"));
        assert_eq!(after("3 USD", "4 USD", "/qualifications/AGE"), spec("3 USD"));
    }
}
