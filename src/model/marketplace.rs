//! Which marketplaces there are, and what is true of each: facts as data.
//!
//! The facts themselves stand with their sources in each marketplace's folder. `marketplace::registry` puts them on the
//! list of this process when it starts; a name that is not on the list is no marketplace.

use super::attributes::Attributes;
use super::billing::Billing;
use super::capability::ExclusionGroups;
use super::figures::Figure;
use super::suppliers::Terms;
use super::{Address, Field, Level, Traffic};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{PoisonError, RwLock};

/// What is true of a marketplace, whoever uses it. Planning, checks and documentation read it from here.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// The key used in manifests, in `infield.yaml`, in state and in machine formats.
    pub key: &'static str,
    /// The name as the vendor writes it, for people.
    pub name: &'static str,
    /// Product and version of its API, for documentation: `PureSpectrum, Buy API v2`.
    pub api: &'static str,
    /// Its place in the order in which marketplaces are shown.
    pub rank: u16,
    /// Whether a survey there is a container of groups, each with its own respondents, price and status.
    pub has_groups: bool,
    /// Whether its questions and answers are in a library that differs by locale: names are resolved by plans alone.
    pub has_library: bool,
    /// Whether a survey that holds groups has a status of its own, that its groups depend on.
    pub containers_have_status: bool,
    /// How it keeps the respondents of some surveys out of others by groups of surveys; `None` where it does not.
    pub exclusion_groups: Option<ExclusionGroups>,
    /// What it calls the things at each level.
    pub nouns: Nouns,
    /// How a lost create is found, at each level.
    pub recognition: Recognitions,
    /// What tells things of one kind apart, where a lost create is found by name.
    pub unique_by: UniqueBy,
    /// Whether nothing is made before it was seen that it is not there already; where it documents how to look. Elsewhere a
    /// look that fails is only said.
    pub looks_for_twins: bool,
    /// Whether it says how many completes are collected.
    pub counts_completes: bool,
    /// Figures of how fielding goes that it tells.
    pub figures: &'static [Figure],
    /// Whether who belongs to a quota that is full is turned away, so that quotas cap what can be collected.
    pub quotas_stop: Habit,
    /// Whether only those come of whom some quota counts each question that quotas are over, so that nobody falls through.
    pub quotas_let_in: bool,
    /// Whether as many people may take part at once as the incidence rate asks for, and not only as many as are wanted.
    pub lets_in_by_incidence: Habit,
    /// Whether completes, quotas and criteria have to be written together: it takes all at once and checks their sums.
    pub targets_at_once: bool,
    /// Whether it checks targeting before anything is written.
    pub checks_targeting: bool,
    /// Whether what is closed can be put back in field.
    pub reopens: bool,
    /// Whether it pauses what has every quota full, also below the goal: quotas that sum to less are a soft launch.
    pub full_quotas_pause: bool,
    /// How long what is out of field can still be put back.
    pub lapses: Lapses,
    /// Whether it takes the time in field as a number of days.
    pub takes_days: bool,
    /// What it takes for a supplier; `None` where it does not let suppliers be told apart.
    pub suppliers: Option<Terms>,
    /// Its fields for purchase orders and the like.
    pub billing: Billing,
    /// How an account shows who it is.
    pub sign_in: SignIn,
    /// The vendor's own hosts, where secrets of an account may go; with the port where it is not the usual one.
    pub hosts: &'static [&'static str],
    /// How the names of variables begin that may hold secrets of an account.
    pub variables: &'static [&'static str],
    /// How fast it is asked, and what reading takes.
    pub traffic: Traffic,
    /// Where infield's own emulator of it answers; `None` where there is none.
    pub emulator: Option<Emulator>,
}

/// What a vendor ends by itself with time, so that it cannot be put back in field.
#[derive(Debug, Clone, Copy)]
pub struct Lapses {
    /// What is paused for longer than so many days is closed.
    pub paused: Option<Lapse>,
    /// What has no complete so many days after it went in field is closed.
    pub silent: Option<Lapse>,
    /// The rule by which nothing is put back after the end of its time in field; `None` where there is none.
    pub end: Option<&'static str>,
}

/// Days, with the rule that counts them.
#[derive(Debug, Clone, Copy)]
pub struct Lapse {
    /// How many.
    pub days: u16,
    /// The rule for people, with its source.
    pub rule: &'static str,
}

/// What a vendor is known to do, unless a setting of its block switches it off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Habit {
    /// Whether it is known to. In doubt it is not.
    known: bool,
    /// The setting that is `true` where it does not.
    unless: Option<&'static str>,
    /// What says so, or why it is in doubt.
    pub source: &'static str,
}

impl Habit {
    /// It is not known to, for this reason.
    pub const fn not(source: &'static str) -> Self {
        Self {
            known: false,
            unless: None,
            source,
        }
    }

    /// It does, as this source says, unless the setting is on.
    pub const fn unless(setting: &'static str, source: &'static str) -> Self {
        Self {
            known: true,
            unless: Some(setting),
            source,
        }
    }

    /// Whether anything is known of it, one way or the other.
    pub fn is_known(self) -> bool {
        self.known
    }

    /// Whether it does so for a survey with these settings. A setting that nobody mentions is off.
    pub fn holds(self, settings: &Attributes) -> bool {
        let off = Field::Set(Value::Bool(false));
        let switched = self
            .setting(settings)
            .is_some_and(|value| value.value().is_some() && *value != off);
        self.known && !switched
    }

    /// Why a survey with these settings may be without it; `None` where it is known to have it.
    pub fn doubt(self, settings: &Attributes) -> Option<String> {
        if self.holds(settings) {
            return None;
        }
        let switched = self.unless.filter(|_| self.known);
        Some(switched.map_or_else(|| self.source.to_owned(), |setting| format!("`{setting}` is on")))
    }

    /// Whether the settings themselves say so, one way or the other.
    pub fn is_settled(self, settings: &Attributes) -> bool {
        self.unless.is_none() || self.setting(settings).is_some_and(|value| !value.is_absent())
    }

    fn setting(self, settings: &Attributes) -> Option<&Field<Value>> {
        settings.get(self.unless?)
    }
}

/// How an account shows who it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignIn {
    /// By a token that goes with every request.
    Token,
    /// By a client's id and secret, for which tokens are issued.
    Client,
}

/// Where infield's emulator of a marketplace answers, below `/KEY`.
#[derive(Debug, Clone, Copy)]
pub struct Emulator {
    /// The API.
    pub base: &'static str,
    /// Where tokens are issued; only for [`SignIn::Client`].
    pub auth: &'static str,
    /// What else one has to know to sign in: `, account 1`.
    pub note: &'static str,
}

/// What a marketplace calls the things at each level.
#[derive(Debug, Clone, Copy)]
pub struct Nouns {
    /// A survey, or what holds groups: `survey`, `job`.
    pub survey: &'static str,
    /// A group inside a survey: `target group`.
    pub group: &'static str,
}

/// How a lost create is found, at each level.
#[derive(Debug, Clone, Copy)]
pub struct Recognitions {
    /// A survey, or what holds groups.
    pub survey: Recognition,
    /// A group inside a survey.
    pub group: Recognition,
}

/// How a vendor lets a lost create be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognition {
    /// Among everything made since, by its content.
    Content,
    /// Among everything there is, by the name we gave it: its title, or a reference.
    Name,
    /// Not at all.
    Never,
}

/// What tells things of one kind apart at a marketplace.
#[derive(Debug, Clone, Copy)]
pub struct UniqueBy {
    /// For people: `title`, `reference number`.
    pub what: &'static str,
    /// Where it stands in a manifest, as a JSON pointer.
    pub path: &'static str,
    /// The setting of the marketplace's block that holds it for what holds groups; `None` where it is the title.
    pub survey_key: Option<&'static str>,
    /// The same for groups.
    pub group_key: Option<&'static str>,
}

impl Facts {
    /// The plainest marketplace: surveys without groups, found again by their title, written part by part. A marketplace
    /// says what is different there.
    pub const fn plain(key: &'static str, name: &'static str) -> Self {
        Self {
            key,
            name,
            api: name,
            rank: u16::MAX,
            has_groups: false,
            has_library: false,
            containers_have_status: true,
            exclusion_groups: None,
            nouns: Nouns {
                survey: "survey",
                group: "group",
            },
            recognition: Recognitions {
                survey: Recognition::Name,
                group: Recognition::Name,
            },
            unique_by: UniqueBy {
                what: "title",
                path: "/title",
                survey_key: None,
                group_key: None,
            },
            looks_for_twins: false,
            counts_completes: true,
            figures: &[],
            quotas_stop: Habit::not("nobody has said what it does with them"),
            quotas_let_in: false,
            lets_in_by_incidence: Habit::not("nobody has said how many it lets in"),
            targets_at_once: false,
            checks_targeting: false,
            reopens: false,
            full_quotas_pause: false,
            lapses: Lapses {
                paused: None,
                silent: None,
                end: None,
            },
            takes_days: false,
            suppliers: None,
            billing: Billing::NONE,
            sign_in: SignIn::Token,
            hosts: &[],
            variables: &[],
            traffic: Traffic::UNKNOWN,
            emulator: None,
        }
    }
}

/// A marketplace infield can speak to.
#[derive(Clone, Copy)]
pub struct VendorId(&'static Facts);

/// The marketplaces of this process, in the order in which they are shown.
static LIST: RwLock<&'static [VendorId]> = RwLock::new(&[]);

impl VendorId {
    /// The marketplace with these facts.
    pub const fn new(facts: &'static Facts) -> Self {
        Self(facts)
    }

    /// Puts a marketplace on the list of this process; once is enough.
    pub fn enlist(self) {
        let mut list = LIST.write().unwrap_or_else(PoisonError::into_inner);
        if !list.contains(&self) {
            let mut all = list.to_vec();
            all.push(self);
            all.sort_unstable();
            // A handful of marketplaces for the whole life of the process.
            *list = Box::leak(all.into_boxed_slice());
        }
    }

    /// Every marketplace, in the order in which they are shown.
    ///
    /// # Panics
    /// When nobody has put any on the list: every way into the program calls `marketplace::registry::install` first.
    pub fn all() -> &'static [Self] {
        installed();
        let list = *LIST.read().unwrap_or_else(PoisonError::into_inner);
        assert!(
            !list.is_empty(),
            "no marketplace is known: `marketplace::registry::install()` was not called"
        );
        list
    }

    /// The marketplace with this key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::all().iter().copied().find(|vendor| vendor.key() == key)
    }

    /// All that is true of it.
    pub fn facts(self) -> &'static Facts {
        self.0
    }

    /// The key used in manifests, in `infield.yaml`, in state and in machine formats.
    pub fn key(self) -> &'static str {
        self.0.key
    }

    /// The name as the vendor writes it, for people.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// See [`Facts::has_groups`].
    pub fn has_groups(self) -> bool {
        self.0.has_groups
    }

    /// See [`Facts::has_library`].
    pub fn has_library(self) -> bool {
        self.0.has_library
    }

    /// See [`Facts::containers_have_status`].
    pub fn containers_have_status(self) -> bool {
        self.0.containers_have_status
    }

    /// What the vendor calls the thing at a level: `survey`, `job`, `target group`.
    pub fn noun(self, level: Level) -> &'static str {
        match level {
            Level::Survey | Level::Container => self.0.nouns.survey,
            Level::Group => self.0.nouns.group,
        }
    }

    /// How a lost create of something at this level is found.
    pub fn recognition(self, level: Level) -> Recognition {
        match level {
            Level::Survey | Level::Container => self.0.recognition.survey,
            Level::Group => self.0.recognition.group,
        }
    }

    /// The setting that holds the reference by which the vendor tells things apart, where it has one.
    pub fn reference_key(self, address: &Address) -> Option<&'static str> {
        if address.is_group() {
            self.0.unique_by.group_key
        } else {
            self.0.unique_by.survey_key
        }
    }
}

impl PartialEq for VendorId {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for VendorId {}

impl Ord for VendorId {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.0.rank, self.0.key).cmp(&(other.0.rank, other.0.key))
    }
}

impl PartialOrd for VendorId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for VendorId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

impl fmt::Debug for VendorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl fmt::Display for VendorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}

impl Serialize for VendorId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

impl<'de> Deserialize<'de> for VendorId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let key = String::deserialize(deserializer)?;
        Self::from_key(&key).ok_or_else(|| {
            let known: Vec<String> = Self::all().iter().map(|vendor| format!("`{vendor}`")).collect();
            let known = known.join(", ");
            serde::de::Error::custom(format!("unknown variant `{key}`, expected one of {known}"))
        })
    }
}

impl JsonSchema for VendorId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "VendorId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let one = |vendor: &Self| {
            let api = format!("{}.", vendor.0.api);
            serde_json::json!({"type": "string", "const": vendor.key(), "description": api})
        };
        let all: Vec<serde_json::Value> = Self::all().iter().map(one).collect();
        json_schema!({"oneOf": all, "description": "A marketplace infield can speak to."})
    }
}

/// A program has filled the list at its start.
#[cfg(not(test))]
fn installed() {}

#[cfg(test)]
use tests::install as installed;

#[cfg(test)]
mod tests {
    use super::*;

    /// Unit tests have no start of a program.
    pub(super) fn install() {
        crate::marketplace::registry::install();
    }

    #[test]
    fn keys_round_trip() {
        for vendor in VendorId::all() {
            assert_eq!(VendorId::from_key(vendor.key()), Some(*vendor));
            assert_eq!(serde_json::to_value(vendor).unwrap(), vendor.key());
            let read: VendorId = serde_json::from_value(vendor.key().into()).unwrap();
            assert_eq!(read, *vendor);
        }
    }

    #[test]
    fn they_are_shown_by_their_rank_and_never_twice() {
        let keys: Vec<&str> = VendorId::all().iter().map(|vendor| vendor.key()).collect();
        assert_eq!(keys, ["purespectrum", "innovatemr", "cint"]);
        for vendor in VendorId::all() {
            vendor.enlist();
        }
        assert_eq!(VendorId::all().len(), keys.len());
    }

    #[test]
    fn another_name_is_no_marketplace() {
        assert_eq!(VendorId::from_key("elsewhere"), None);
        let error = serde_json::from_str::<VendorId>("\"elsewhere\"").unwrap_err();
        assert!(
            error.to_string().contains("expected one of `purespectrum`"),
            "{error}"
        );
    }
}
