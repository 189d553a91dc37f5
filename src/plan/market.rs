//! What planning needs to know of a marketplace: facts as data, and pure functions that turn changes into calls.

use super::diff::{FieldName, QualificationEdit, QuotaEdit, SurveyDiff};
use crate::model::capability::Mutability;
use crate::model::codebook::Codebook;
use crate::model::{Address, Call, DesiredGroup, LiveGroup, LiveSurvey, Status, SurveySpec, VendorId};

/// Why a vendor cannot do what is asked, in the vendor's own terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// One sentence for people, naming the vendor's rule.
    pub message: String,
    /// What to do instead.
    pub help: Option<String>,
}

/// What changes in place, with everything needed to write the calls.
#[derive(Debug, Clone, Copy)]
pub struct Edits<'a> {
    /// The survey as read.
    pub live: &'a LiveSurvey,
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
}

/// The pure half of a vendor. No method reads a clock, an environment or a network.
pub trait Marketplace: Sync {
    /// Which vendor this is.
    fn id(&self) -> VendorId;

    /// Its questions and answers.
    fn codebook(&self) -> &'static Codebook;

    /// How a field may be changed after creation.
    fn mutability(&self, field: &FieldName) -> Mutability;

    /// Whether the status change is legal; the reason where it is not.
    ///
    /// # Errors
    /// With the vendor's rule.
    fn transition(&self, from: Status, to: Status) -> Result<(), Refusal>;

    /// What the survey still needs before it can go in field, given the values it will have.
    fn missing_for_launch(&self, after: &SurveySpec) -> Vec<Refusal>;

    /// The vendor's rule on changing a template after creation: code and text for people.
    fn template_rule(&self, applied: Option<u64>) -> Refusal;

    /// The vendor's answer for a template that is not accessible.
    fn template_missing(&self, template: u64) -> Refusal;

    /// The calls that make a draft with these values.
    ///
    /// # Errors
    /// When the vendor cannot hold a value.
    fn create(&self, address: &Address, wanted: &SurveySpec) -> Result<Vec<Call>, Refusal>;

    /// The calls that change a survey in place.
    ///
    /// # Errors
    /// When the vendor cannot do one of the edits.
    fn update(&self, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal>;

    /// The calls that change the status. `id` is a vendor id or a placeholder.
    fn set_status(&self, id: &str, to: Status) -> Vec<Call>;

    /// The calls that make an exclusion group.
    fn create_group(&self, address: &Address, wanted: &DesiredGroup) -> Vec<Call>;

    /// The calls that bring an exclusion group to the wanted values.
    fn update_group(&self, live: &LiveGroup, wanted: &DesiredGroup) -> Vec<Call>;
}

/// Looks up a vendor's pure half.
pub type Marketplaces = fn(VendorId) -> &'static dyn Marketplace;
