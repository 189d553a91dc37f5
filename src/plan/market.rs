//! What planning needs of a marketplace beside its facts: pure functions that turn changes into calls.

use super::diff::{FieldName, QualificationEdit, QuotaEdit, SurveyDiff};
use super::overlay::advanced;
use crate::model::attributes::Attributes;
use crate::model::capability::Mutability;
use crate::model::codebook::Codebook;
use crate::model::{
    Address, Call, DesiredGroup, Level, Lexicon, LiveGroup, LiveSurvey, Money, Status, SurveySpec, VendorId,
};
use jiff::Timestamp;
use serde_json::Value;

/// Why a vendor cannot do what is asked, in the vendor's own terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// One sentence for people, naming the vendor's rule.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
    /// The field of the manifest it is about, as a JSON pointer; empty for the whole survey.
    pub path: String,
}

impl Refusal {
    /// A refusal of the whole survey.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: None,
            path: String::new(),
        }
    }

    /// The same with what to do instead.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same about one field.
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }
}

/// What a call is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The survey, container or group.
    pub address: &'a Address,
    /// The vendor's questions in the survey's locale, where the vendor has a library.
    pub lexicon: Option<&'a Lexicon>,
}

/// A change of status.
#[derive(Debug, Clone, Copy)]
pub struct StatusChange<'a> {
    /// The survey, container or group.
    pub address: &'a Address,
    /// Its vendor id, or a placeholder for one.
    pub id: &'a str,
    /// As read; `None` where it is made by the same plan.
    pub live: Option<&'a LiveSurvey>,
    /// The values it will have by then, as far as they are known.
    pub after: &'a SurveySpec,
    /// Where to.
    pub to: Status,
    /// When the vendor was read.
    pub as_of: Option<Timestamp>,
}

/// What changes in place, with everything needed to write the calls.
#[derive(Debug, Clone, Copy)]
pub struct Edits<'a> {
    /// What is changed.
    pub subject: Subject<'a>,
    /// The survey as read.
    pub live: &'a LiveSurvey,
    /// What was applied last. A call that replaces everything takes what the vendor does not show from here.
    pub applied: &'a SurveySpec,
    /// What is wanted; only the fields named in `fields` are to be written.
    pub wanted: &'a SurveySpec,
    /// The fields that change.
    pub fields: &'a [FieldName],
    /// Qualifications that change.
    pub qualifications: &'a [QualificationEdit],
    /// Quotas that change.
    pub quotas: &'a [QuotaEdit],
    /// What earlier steps of the same plan have written by then. `live` was read before them, so a call that carries
    /// more than its own edits has to repeat these or it takes them back.
    pub written: &'a SurveyDiff,
    /// The call of an interrupted apply whose work goes on at the vendor, or has ended, as it is remembered.
    pub begun: Option<&'a str>,
    /// When the vendor was read.
    pub as_of: Option<Timestamp>,
}

impl Edits<'_> {
    /// Every value that was applied or is shown, with those that this step and earlier ones of the plan write. For calls
    /// that replace everything.
    pub fn after(&self) -> SurveySpec {
        self.written_over(&self.live.spec.over(self.applied))
    }

    /// Every value that was applied or is shown, with those that earlier steps of the plan write.
    pub fn before(&self) -> SurveySpec {
        advanced(&self.live.spec.over(self.applied), self.wanted, self.written)
    }

    /// The values that this step and earlier ones of the plan write, and no others.
    pub fn changed(&self) -> SurveySpec {
        self.written_over(&SurveySpec::default())
    }

    fn written_over(&self, base: &SurveySpec) -> SurveySpec {
        let mut after = advanced(base, self.wanted, self.written);
        for field in self.fields {
            after.take(field, self.wanted);
        }
        after
    }
}

/// The pure half of a vendor, beside its facts. No method reads a clock, an environment or a network.
pub trait Marketplace: Sync {
    /// Which vendor this is.
    fn id(&self) -> VendorId;

    /// Its questions and answers, as far as they are known beforehand.
    fn codebook(&self) -> &'static Codebook;

    /// The survey with every question and answer in the vendor's codes.
    ///
    /// # Errors
    /// With everything that the library does not have.
    fn resolve(&self, wanted: &SurveySpec, lexicon: &Lexicon) -> Result<SurveySpec, Vec<Refusal>> {
        let _ = lexicon;
        Ok(wanted.clone())
    }

    /// How a field may be changed after creation, given where the survey is in its life.
    fn mutability(&self, field: &FieldName, status: Status) -> Mutability;

    /// Whether the vendor may keep the field to itself, so that only our memory knows what is in effect.
    fn may_hide(&self, field: &FieldName) -> bool;

    /// Whether these edits have to be made out of field, so that a survey in field is paused for them and resumed.
    fn needs_pause(&self, edits: &SurveyDiff) -> bool {
        let _ = edits;
        false
    }

    /// The highest price that one complete of a survey with these values can be charged; `None` where nothing bounds it. A
    /// ceiling counts and not the offer below it.
    fn highest_price(&self, spec: &SurveySpec) -> Option<Money> {
        spec.max_cpi.value().or_else(|| spec.cpi.value()).copied()
    }

    /// What a survey with these values may cost in all, where the vendor takes a budget.
    fn budget(&self, _spec: &SurveySpec) -> Option<Money> {
        None
    }

    /// Whether the status change is legal; the reason where it is not.
    ///
    /// # Errors
    /// With the vendor's rule.
    fn transition(&self, from: Status, to: Status) -> Result<(), Refusal>;

    /// What is still needed before it can go in field, given the values it will have.
    fn missing_for_launch(&self, level: Level, after: &SurveySpec) -> Vec<Refusal>;

    /// A moment of its own settings that has to lie ahead when it is written, with the place where manifests say it.
    fn own_moment(&self, spec: &SurveySpec) -> Option<(String, Timestamp)> {
        let _ = spec;
        None
    }

    /// The calls that make a draft with these values.
    ///
    /// # Errors
    /// When the vendor cannot hold a value.
    fn create(&self, subject: Subject<'_>, wanted: &SurveySpec) -> Result<Vec<Call>, Refusal>;

    /// The calls that change a survey in place.
    ///
    /// # Errors
    /// When the vendor cannot do one of the edits.
    fn update(&self, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal>;

    /// The calls that change the status.
    fn set_status(&self, change: &StatusChange<'_>) -> Vec<Call>;

    /// Calls that pause many at once, of those that are in field by what was read, each with those it pauses. It is left to
    /// whoever sends them to look at what came of each. None where the vendor takes one at a time.
    fn pause_many(&self, in_field: &[(&Address, &LiveSurvey)]) -> Vec<(Call, Vec<Address>)> {
        let _ = in_field;
        Vec::new()
    }

    /// Replaces the names of other surveys in settings by what there is for each: the vendor's id, or a better name. What
    /// nothing is given for stays.
    fn refer(&self, _settings: &mut Attributes, _to: &mut dyn FnMut(&Address) -> Option<Value>) {}

    /// The surveys and groups that settings name, as far as they have no ids of them.
    fn named(&self, settings: &Attributes) -> Vec<Address> {
        let mut found = Vec::new();
        if !settings.is_empty() {
            let mut note = |address: &Address| {
                found.push(address.clone());
                None
            };
            self.refer(&mut settings.clone(), &mut note);
        }
        found
    }

    /// Templates of surveys, where the vendor has them.
    fn templates(&self) -> Option<&dyn Templates> {
        None
    }

    /// Exclusion groups, where the vendor has them.
    fn exclusion_groups(&self) -> Option<&dyn ExclusionGroups> {
        None
    }
}

/// The rules of a vendor's templates.
pub trait Templates: Sync {
    /// The rule on changing a template after creation: code and text for people.
    fn rule(&self, applied: Option<u64>) -> Refusal;

    /// The vendor's answer for a template that is not accessible.
    fn missing(&self, template: u64) -> Refusal;
}

/// The calls of a vendor's exclusion groups.
pub trait ExclusionGroups: Sync {
    /// The calls that make one.
    fn create(&self, address: &Address, wanted: &DesiredGroup) -> Vec<Call>;

    /// The calls that bring one to the wanted values. `known` tells the vendor's id of a member that exists and stays; what
    /// the same plan makes has none yet.
    fn update(
        &self,
        live: &LiveGroup,
        wanted: &DesiredGroup,
        known: &dyn Fn(&Address) -> Option<String>,
    ) -> Vec<Call>;
}

/// The pure halves of all vendors.
pub trait Marketplaces: Sync {
    /// The pure half of a vendor.
    fn of(&self, vendor: VendorId) -> &dyn Marketplace;

    /// A vendor's questions and answers with the names that a project gives them. For what is shown: what something can cost
    /// is worked out with those of the vendor alone.
    fn codebook(&self, vendor: VendorId) -> &'static Codebook {
        self.of(vendor).codebook()
    }
}

impl dyn Marketplace + '_ {
    /// Moments of these values that have to lie ahead when they are written, with the places where manifests say them.
    pub fn moments(&self, spec: &SurveySpec) -> Vec<(String, Timestamp)> {
        let named = [("/field/start", &spec.start), ("/field/end", &spec.end)];
        let given = named
            .into_iter()
            .filter_map(|(path, time)| Some((path.to_owned(), *time.value()?)));
        given.chain(self.own_moment(spec)).collect()
    }

    /// The calls that take something that was read out of field, for now or for good.
    pub fn out_of_field(
        &self,
        address: &Address,
        live: &LiveSurvey,
        to: Status,
        as_of: Option<Timestamp>,
    ) -> Vec<Call> {
        self.set_status(&StatusChange {
            address,
            id: &live.id,
            live: Some(live),
            after: &live.spec,
            to,
            as_of,
        })
    }

    /// That the vendor has no templates.
    fn no_templates(&self) -> Refusal {
        Refusal::new(format!("{} has no templates of surveys", self.id().name()))
    }

    /// The rule on changing a template after creation.
    pub fn template_rule(&self, applied: Option<u64>) -> Refusal {
        self.templates()
            .map_or_else(|| self.no_templates(), |templates| templates.rule(applied))
    }

    /// The vendor's answer for a template that is not accessible.
    pub fn template_missing(&self, template: u64) -> Refusal {
        self.templates()
            .map_or_else(|| self.no_templates(), |templates| templates.missing(template))
    }
}
