//! Manifests as they are written: typed, and the source of the JSON Schemas.
//!
//! Promises: a document that its schema accepts can be read into its type; no type here uses `flatten`, `untagged` or
//! an internal tag, so every value keeps its path. What the values mean is checked elsewhere. The blocks of marketplaces
//! are no part of the types: each marketplace brings the schema of its own and reads it ([`without_blocks`]).

use super::shapes;
use crate::model::desired::{OnExternalPause, OnFixedChange, OnRemove, OnTemplateChange};
use crate::model::{Field, Status, VendorId};
use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;

/// One survey. What is left out is not managed: never compared and never reset. A block names the marketplace that fields
/// it; several blocks share it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Survey")]
#[expect(
    dead_code,
    reason = "most fields are read by the table of fields; the type is their shape"
)]
pub(super) struct SurveyManifest {
    /// Says that this document is a survey.
    #[schemars(title = "Kind", schema_with = "shapes::kind_survey")]
    #[expect(dead_code, reason = "documents are told apart before they are typed")]
    pub(super) kind: String,
    /// The survey's identity in git and in state: lower-case letters, digits and dashes, unique in the project.
    #[schemars(title = "Name", schema_with = "shapes::name")]
    #[expect(dead_code, reason = "names are read from documents of any shape")]
    pub(super) name: String,
    /// Writes the document out once for every combination of these values. `${market}` stands for a value, and
    /// `${market.locale}` for a field of one that is a mapping.
    #[serde(default)]
    #[schemars(title = "Matrix", schema_with = "shapes::matrix")]
    #[expect(dead_code, reason = "a matrix is written out before documents are typed")]
    pub(super) matrix: Option<Value>,
    /// Title at the vendor.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Title", schema_with = "shapes::title")]
    pub(super) title: Field<String>,
    /// Language and region of the respondents as a BCP 47 tag; the vendor's own code is derived from it.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Locale", schema_with = "shapes::locale")]
    pub(super) locale: Field<String>,
    /// Completed interviews wanted.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Completes", schema_with = "shapes::completes")]
    pub(super) completes: Field<u64>,
    /// Expected share of respondents who qualify, percent.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Incidence rate", schema_with = "shapes::incidence_rate")]
    pub(super) incidence_rate: Field<u64>,
    /// Expected length of the interview, minutes.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Length of interview", schema_with = "shapes::length_of_interview")]
    pub(super) length_of_interview: Field<u64>,
    /// Time in field, days.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Days in field", schema_with = "shapes::field_days")]
    pub(super) field_days: Field<u64>,
    /// When it is in field: two times, UTC, at vendors that take times. Without a start it goes in field when it is
    /// launched.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Time in field", schema_with = "shapes::field")]
    pub(super) field: Field<FieldManifest>,
    /// Price per complete with its currency; `market` or `null` takes the vendor's market price.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "CPI", schema_with = "shapes::cpi")]
    pub(super) cpi: Field<String>,
    /// Most that a complete may cost, with its currency, where a vendor tells the offer and its ceiling apart.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Highest CPI", schema_with = "shapes::max_cpi")]
    pub(super) max_cpi: Field<String>,
    /// Where respondents enter, an http or https URL; the vendor's placeholders are kept as they are.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Live URL", schema_with = "shapes::live_url")]
    pub(super) live_url: Field<String>,
    /// Where testers enter, an http or https URL.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Test URL", schema_with = "shapes::test_url")]
    pub(super) test_url: Field<String>,
    /// Where the survey should be in its life. Without a status it stays a draft and is never launched or closed.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Status", schema_with = "shapes::status")]
    pub(super) status: Field<Status>,
    /// Who may take part: all questions must hold, the answers of one are alternatives. `{}` asks nothing.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Qualifications", schema_with = "shapes::qualifications")]
    pub(super) qualifications: Field<IndexMap<String, Value>>,
    /// Counters of completes. Quotas that are not listed but exist at the vendor are reported and left alone.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Quotas", schema_with = "shapes::quotas")]
    pub(super) quotas: Field<Vec<QuotaManifest>>,
    /// What to do when the manifest names another template than the survey was made from: `refuse` reports it,
    /// `replace` creates a new survey and closes the old one.
    #[serde(default)]
    #[schemars(title = "On template change", schema_with = "shapes::on_template_change")]
    pub(super) on_template_change: Option<OnTemplateChange>,
    /// What to do when somebody else has paused a survey that infield launched.
    #[serde(default)]
    #[schemars(title = "On external pause", schema_with = "shapes::on_external_pause")]
    pub(super) on_external_pause: Option<OnExternalPause>,
    /// What to do when the manifest changes what the vendor has fixed by then: `refuse` reports it, `replace` creates a
    /// new one and closes the old one.
    #[serde(default)]
    #[schemars(title = "On fixed change", schema_with = "shapes::on_fixed_change")]
    pub(super) on_fixed_change: Option<OnFixedChange>,
    /// What to do with the survey when this manifest is removed.
    #[serde(default)]
    #[schemars(title = "On remove", schema_with = "shapes::on_remove")]
    pub(super) on_remove: Option<OnRemove>,
    /// Parts of the survey with respondents, price and status of their own, at vendors that have them. Fields of the
    /// survey are defaults for all of them; without a list there is one group, named `main`.
    #[serde(default)]
    #[schemars(title = "Groups", schema_with = "groups")]
    pub(super) groups: Option<Vec<GroupEntry>>,
}

/// A group of a survey: what is left out is as the survey has it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Group", inline)]
#[expect(
    dead_code,
    reason = "a group is read laid over its survey; the type is its schema"
)]
pub(super) struct GroupEntry {
    /// The group's identity within the survey: lower-case letters, digits and dashes.
    #[schemars(title = "Name", schema_with = "shapes::name")]
    pub(super) name: String,
    /// Title at the vendor; the survey's title and the group's name if left out.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Title", schema_with = "shapes::title")]
    pub(super) title: Field<String>,
    /// Language and region of the respondents as a BCP 47 tag.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Locale", schema_with = "shapes::locale")]
    pub(super) locale: Field<String>,
    /// Completed interviews wanted of the group.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Completes", schema_with = "shapes::completes")]
    pub(super) completes: Field<u64>,
    /// Expected share of respondents who qualify, percent.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Incidence rate", schema_with = "shapes::incidence_rate")]
    pub(super) incidence_rate: Field<u64>,
    /// Expected length of the interview, minutes.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Length of interview", schema_with = "shapes::length_of_interview")]
    pub(super) length_of_interview: Field<u64>,
    /// Time in field, days.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Days in field", schema_with = "shapes::field_days")]
    pub(super) field_days: Field<u64>,
    /// When it is in field: two times, UTC, at vendors that take times. Without a start it goes in field when it is
    /// launched.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Time in field", schema_with = "shapes::field")]
    pub(super) field: Field<FieldManifest>,
    /// Price per complete with its currency.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "CPI", schema_with = "shapes::cpi")]
    pub(super) cpi: Field<String>,
    /// Most that a complete may cost, with its currency.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Highest CPI", schema_with = "shapes::max_cpi")]
    pub(super) max_cpi: Field<String>,
    /// Where respondents enter, an http or https URL; the vendor's placeholders are kept as they are.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Live URL", schema_with = "shapes::live_url")]
    pub(super) live_url: Field<String>,
    /// Where testers enter, an http or https URL.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Test URL", schema_with = "shapes::test_url")]
    pub(super) test_url: Field<String>,
    /// Where the group should be in its life.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Status", schema_with = "shapes::status")]
    pub(super) status: Field<Status>,
    /// Who may take part in the group.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Qualifications", schema_with = "shapes::qualifications")]
    pub(super) qualifications: Field<IndexMap<String, Value>>,
    /// Counters of completes of the group.
    #[serde(default, skip_serializing_if = "Field::is_absent")]
    #[schemars(title = "Quotas", schema_with = "shapes::quotas")]
    pub(super) quotas: Field<Vec<QuotaManifest>>,
    /// What to do when somebody else has paused the group after infield launched it.
    #[serde(default)]
    #[schemars(title = "On external pause", schema_with = "shapes::on_external_pause")]
    pub(super) on_external_pause: Option<OnExternalPause>,
    /// What to do when the manifest changes what the vendor has fixed by then: `refuse` reports it, `replace` creates a
    /// new one and closes the old one.
    #[serde(default)]
    #[schemars(title = "On fixed change", schema_with = "shapes::on_fixed_change")]
    pub(super) on_fixed_change: Option<OnFixedChange>,
    /// What to do with the group when it is removed from the manifest.
    #[serde(default)]
    #[schemars(title = "On remove", schema_with = "shapes::on_remove")]
    pub(super) on_remove: Option<OnRemove>,
}

fn groups(generator: &mut SchemaGenerator) -> Schema {
    let group = GroupEntry::json_schema(generator);
    json_schema!({"type": "array", "minItems": 1, "items": group})
}

/// Two times, as they are written.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the times are read by the table of fields; the type is their shape"
)]
pub(super) struct FieldManifest {
    /// When it goes in field.
    #[serde(default)]
    pub(super) start: Option<String>,
    /// When it goes out of field.
    #[serde(default)]
    pub(super) end: Option<String>,
}

/// A counter of completes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuotaManifest {
    /// Name, unique in the survey, and the vendor's key.
    pub(super) name: String,
    /// Completes wanted, or a share of the survey's completes.
    pub(super) completes: Value,
    /// Who counts: all questions must hold.
    #[serde(rename = "where")]
    pub(super) criteria: IndexMap<String, Value>,
}

/// Surveys whose respondents are kept out of each other.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Survey group")]
pub(super) struct GroupManifest {
    /// Says that this document is a group of surveys.
    #[schemars(title = "Kind", schema_with = "shapes::kind_group")]
    #[expect(dead_code, reason = "documents are told apart before they are typed")]
    pub(super) kind: String,
    /// The group's identity in git and in state; shares the namespace of surveys.
    #[schemars(title = "Name", schema_with = "shapes::name")]
    pub(super) name: String,
    /// Name for people at the vendor; the name if left out.
    #[serde(default)]
    #[schemars(title = "Title", schema_with = "shapes::title")]
    pub(super) title: Option<String>,
    /// The vendor's key of the group, unique over all customers of the vendor; `<project>-<name>` if left out.
    #[serde(rename = "ref")]
    #[serde(default)]
    #[schemars(title = "Reference", schema_with = "shapes::reference")]
    pub(super) reference: Option<String>,
    /// Members: names of surveys of this project, or ids that the vendor gave to others.
    #[schemars(title = "Surveys", schema_with = "shapes::members")]
    pub(super) surveys: Vec<Value>,
    /// Days during which a respondent of one member is kept out of the others.
    #[serde(default)]
    #[schemars(title = "Exclusion days", schema_with = "shapes::exclusion_days")]
    pub(super) exclusion_days: Option<u64>,
}

/// The project: its name and its environments. Lives in `infield.yaml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "Project")]
pub(super) struct ProjectManifest {
    /// Says that this document describes the project.
    #[schemars(title = "Kind", schema_with = "shapes::kind_project")]
    #[expect(dead_code, reason = "documents are told apart before they are typed")]
    pub(super) kind: String,
    /// Name of the project: lower-case letters, digits and dashes.
    #[schemars(title = "Name", schema_with = "shapes::name")]
    pub(super) name: String,
    /// Places to plan for and apply to, by name. `sandbox` is always there and the default.
    #[serde(default)]
    #[schemars(title = "Environments", schema_with = "shapes::environments")]
    pub(super) environments: IndexMap<String, EnvironmentManifest>,
    /// What all surveys of the project have in common. What a survey says itself counts before it, and so does a
    /// `defaults.yaml` that is nearer.
    #[serde(default)]
    #[schemars(title = "Defaults")]
    #[expect(dead_code, reason = "defaults are read before the documents they count for")]
    pub(super) defaults: Option<Value>,
}

/// One environment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct EnvironmentManifest {
    /// Where state is kept: a path or a URL.
    pub(super) state: Option<String>,
    /// What may be done.
    pub(super) guards: Option<GuardsManifest>,
}

/// Guards of an environment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct GuardsManifest {
    /// Going into field.
    pub(super) launch: Option<super::project::Rule>,
    /// Closing for good.
    pub(super) close: Option<super::project::Rule>,
    /// Replacing a survey by a new one.
    pub(super) replace: Option<super::project::Rule>,
    /// Changing who is asked while respondents are asked.
    pub(super) edit_live_targeting: Option<super::project::Rule>,
    /// Changing outcomes of interviews.
    pub(super) reconcile: Option<super::project::Rule>,
    /// Rejecting every complete that a list does not name.
    pub(super) accept_list: Option<super::project::Rule>,
    /// Limits of exposure.
    pub(super) exposure: Option<ExposureManifest>,
    /// Highest price per complete.
    #[serde(rename = "max_cpi")]
    pub(super) max_cpi: Option<String>,
}

/// Limits of exposure: completes still wanted, times their price.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExposureManifest {
    /// Most that one apply may add.
    pub(super) max_increase: Option<String>,
    /// Most that all surveys together may come to.
    pub(super) max_total: Option<String>,
}

/// A document without the blocks of marketplaces, in it and below `within`: lists and mappings of parts that may have
/// blocks too.
pub(super) fn without_blocks(document: &Value, within: &str) -> Value {
    let mut document = document.clone();
    let strip = |part: &mut Value| {
        if let Value::Object(map) = part {
            map.retain(|key, _| VendorId::from_key(key).is_none());
        }
    };
    strip(&mut document);
    match document.get_mut(within) {
        Some(Value::Array(parts)) => parts.iter_mut().for_each(strip),
        Some(Value::Object(parts)) => parts.values_mut().for_each(strip),
        _ => {}
    }
    document
}
