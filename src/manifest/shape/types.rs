//! Manifests as they are written: typed, and the source of the JSON Schemas.
//!
//! Promises: a document that its schema accepts can be read into its type; no type here uses `flatten`, `untagged` or
//! an internal tag, so every value keeps its path. What the values mean is checked elsewhere. Only schemas refuse unknown
//! keys, so that the blocks of marketplaces, which are no part of these types, are passed over when a type is read: each
//! marketplace brings the schema of its own and reads it. A field without a title is titled by its key.

use super::fields::{
    Checks, CountOrShare, CountedQuota, CriteriaOfQuota, Environments, Key, Lasting, Lints, MAX_COMPLETES,
    Matrix, Minutes, Name, OldName, OldQuota, OpeningText, Percent, Qualifications, QuotaId, QuotaName,
    Requires, SurveyRef, Vendor,
};

use super::questions::Questions;
use crate::model::billing::LONGEST;
use crate::model::desired::{OnExternalPause, OnFixedChange, OnRemove, OnTemplateChange};
use crate::model::ladder::Then;
use crate::model::{Field, Outcome, Status};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

/// One survey. What is left out is not managed: never compared and never reset. A block names the marketplace that fields
/// it; several blocks share it.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Survey", deny_unknown_fields, extend("required" = ["name"]))]
pub(crate) struct SurveyManifest {
    /// The survey's identity in git and in state: lower-case letters, digits and dashes, unique in the project.
    #[schemars(with = "Name")]
    pub(crate) name: String,
    /// The name it had before, or `none` for what is new: what exists is renamed, and nothing is made.
    #[schemars(with = "OldName", example = &"soda-tracker-w2")]
    pub(crate) moved_from: Option<String>,
    /// Writes the document out once for every combination of these values. `${market}` stands for a value, and
    /// `${market.locale}` for a field of one that is a mapping.
    #[schemars(with = "Matrix")]
    pub(crate) matrix: Option<Value>,
    /// Title at the vendor.
    #[schemars(with = "String", length(min = 1, max = 500), example = &"Soda tracker, wave 3")]
    pub(crate) title: Field<String>,
    /// Language and region of the respondents as a BCP 47 tag; the vendor's own code is derived from it.
    #[schemars(with = "String", extend("examples" = ["en-US", "es-US", "en-CA", "en-GB", "en-AU"]))]
    pub(crate) locale: Field<String>,
    /// Completed interviews wanted.
    #[schemars(with = "u64", range(min = 1, max = MAX_COMPLETES), example = 400)]
    pub(crate) completes: Field<u64>,
    /// Expected share of respondents who qualify, percent.
    #[schemars(with = "Percent", example = 50)]
    pub(crate) incidence_rate: Field<Value>,
    /// Expected length of the interview, minutes.
    #[schemars(with = "Minutes", example = 5)]
    pub(crate) length_of_interview: Field<Value>,
    /// Time in field, days.
    #[schemars(
        title = "Days in field",
        with = "u64",
        range(min = 1, max = 3650),
        example = 10
    )]
    pub(crate) field_days: Field<u64>,
    /// When it is in field: two times, at vendors that take times. Without a start it goes in field when it is launched.
    #[schemars(title = "Time in field", with = "FieldManifest")]
    #[schemars(example = json!({"start": "2026-12-01T09:00:00Z", "end": "2026-12-15T18:00:00Z"}))]
    pub(crate) field: Field<FieldManifest>,
    /// Price per complete with its currency; `market` or `null` takes the vendor's market price.
    #[schemars(title = "CPI", example = &"3.75 USD", example = &"market")]
    pub(crate) cpi: Field<String>,
    /// Most that a complete may cost, with its currency, where a vendor tells the offer and its ceiling apart.
    #[schemars(title = "Highest CPI", example = &"3.75 USD")]
    pub(crate) max_cpi: Field<String>,
    /// Who sends respondents, on which terms. Where suppliers are given completes and prices, those that are not listed send
    /// nobody; left out, the vendor decides.
    #[schemars(with = "Vec<SupplierManifest>", length(min = 1))]
    #[schemars(example = json!([{"supplier": 6, "completes": 100, "cpi": "4.25 USD"}, {"name": "partners", "suppliers": [1, 23]}]))]
    pub(crate) suppliers: Field<Vec<SupplierManifest>>,
    /// Asks these respondents again, and nobody else: a file with one id a line, as the vendor gives them out. What is sent is
    /// compared with what was sent last, and never with the vendor, whose list gets shorter as people complete.
    #[schemars(title = "Recontact", with = "RespondentsManifest")]
    pub(crate) recontact: Field<RespondentsManifest>,
    /// Keeps these respondents out: a file with one id a line, as the vendor gives them out.
    #[schemars(title = "Respondents to exclude", with = "RespondentsManifest")]
    pub(crate) exclude_respondents: Field<RespondentsManifest>,
    /// Where respondents enter, an http or https URL; the vendor's placeholders are kept as they are.
    #[schemars(title = "Live URL", example = &"https://survey.example.com/s/soda?tk=[%%token%%]")]
    pub(crate) live_url: Field<String>,
    /// Where testers enter, an http or https URL.
    #[schemars(title = "Test URL", example = &"https://survey.example.com/s/soda?test=1")]
    pub(crate) test_url: Field<String>,
    /// Where the survey should be in its life. Without a status it stays a draft and is never launched or closed.
    #[schemars(with = "Status", example = Status::Live)]
    pub(crate) status: Field<Status>,
    /// Who may take part: all questions must hold, the answers of one are alternatives. `{}` asks nothing.
    #[schemars(title = "Qualifications", with = "Qualifications")]
    pub(crate) qualifications: Field<IndexMap<String, Value>>,
    /// Counters of completes. Quotas that are not listed but exist at the vendor are reported and left alone.
    #[schemars(with = "Vec<QuotaManifest>")]
    #[schemars(example = json!([{"name": "men", "completes": 200, "where": {"gender": "male"}}]))]
    pub(crate) quotas: Field<Vec<QuotaManifest>>,
    /// Stages in which the completes are collected, the lowest first. At each the marketplace is told the completes and quotas
    /// of that stage and no more; the last one is all that the survey wants.
    #[schemars(with = "Vec<StageManifest>", length(min = 2))]
    #[schemars(example = json!([{"name": "soft", "completes": "10%", "then": "hold"}, {"name": "full"}]))]
    pub(crate) stages: Option<Vec<StageManifest>>,
    /// Hours in which it is in field: infield pauses it outside of them, and puts it back when they open.
    #[schemars(title = "Hours in field", with = "WindowsManifest")]
    #[schemars(example = json!({"timezone": "America/New_York", "open": ["mon-fri 08:00-22:00", "sat 10:00-18:00"]}))]
    pub(crate) windows: Option<WindowsManifest>,
    /// How many completes a day may add at most. A day is one of the time zone of `windows`, or else of UTC.
    #[schemars(with = "PaceManifest", example = json!({"completes_per_day": 80}))]
    pub(crate) pace: Option<PaceManifest>,
    /// What to do when the manifest names another template than the survey was made from: `refuse` reports it,
    /// `replace` creates a new survey and closes the old one.
    #[schemars(with = "OnTemplateChange", example = &"replace")]
    pub(crate) on_template_change: Option<OnTemplateChange>,
    /// What to do when somebody else has paused a survey that infield launched.
    #[schemars(with = "OnExternalPause", example = &"resume")]
    pub(crate) on_external_pause: Option<OnExternalPause>,
    /// What to do when the manifest changes what the vendor has fixed by then: `refuse` reports it, `replace` creates a
    /// new one and closes the old one. What cannot go back in field any more, and is raised or resumed, gets a new one for
    /// what is missing.
    #[schemars(with = "OnFixedChange", example = &"replace")]
    pub(crate) on_fixed_change: Option<OnFixedChange>,
    /// What to do with the survey when this manifest is removed.
    #[schemars(with = "OnRemove", example = &"close")]
    pub(crate) on_remove: Option<OnRemove>,
    /// Refuses to close, replace or remove the survey. It is remembered: it has to be taken out and applied before the
    /// survey can end.
    #[schemars(with = "bool", example = true)]
    pub(crate) protect: Option<bool>,
    /// Who pays, and under which number. Marketplaces with a field for it are told; all of it is a tag, such as
    /// `client=acme`.
    #[schemars(with = "BillingManifest", example = json!({"client": "acme", "purchase_order": "PO-4711"}))]
    pub(crate) billing: Option<BillingManifest>,
    /// Words by which commands find it: `infield freeze tag:wave-3`. No vendor is told them.
    #[schemars(with = "Vec<Name>", example = json!(["wave-3", "brand"]))]
    pub(crate) tags: Option<Vec<String>>,
    /// Parts of the survey with respondents, price and status of their own, at vendors that have them. Fields of the
    /// survey are defaults for all of them; without a list there is one group, named `main`.
    #[schemars(with = "Vec<Value>", length(min = 1))]
    pub(crate) groups: Option<Vec<Value>>,
}

/// Two times, as they are written.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct FieldManifest {
    /// When it goes in field; when it is launched, if left out. With a zone (`Z` is UTC), or without one where `timezone` says
    /// it; a day alone is its beginning then.
    #[schemars(with = "String", example = &"2026-12-01T09:00:00Z", example = &"2026-12-01")]
    pub(crate) start: Option<String>,
    /// When it goes out of field, written like the start; a day alone is its end.
    #[schemars(with = "String", example = &"2026-12-15T18:00:00Z", example = &"2026-12-15")]
    pub(crate) end: Option<String>,
    /// Whose clock it is, by its name in the time zone database, for times that say no zone. Defaults may say it for all
    /// surveys.
    #[schemars(title = "Time zone", with = "String", length(min = 1, max = 100))]
    #[schemars(extend("examples" = ["America/New_York", "America/Chicago", "America/Los_Angeles", "Europe/London", "Europe/Berlin", "Asia/Tokyo", "Australia/Sydney", "UTC"]))]
    pub(crate) timezone: Option<String>,
}

/// A list of respondents, in a file.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "List of respondents", deny_unknown_fields, extend("required" = ["file"]))]
#[schemars(example = json!({"file": "lists/wave-1.csv"}))]
pub(crate) struct RespondentsManifest {
    /// The file: one id a line, each once, no header. Its path is relative to this manifest.
    #[schemars(with = "String", length(min = 1), example = &"lists/wave-1.csv")]
    file: String,
}

/// Who pays for a survey.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Billing", deny_unknown_fields)]
pub(crate) struct BillingManifest {
    /// For whom it is; `infield status --by client` sums by it.
    #[schemars(with = "String", length(min = 1, max = LONGEST), example = &"acme")]
    pub(crate) client: Option<String>,
    /// The number under which it is ordered, as the invoice should name it where a marketplace can.
    #[schemars(with = "String", length(min = 1, max = LONGEST), example = &"PO-4711")]
    pub(crate) purchase_order: Option<String>,
    /// Your own number of the project.
    #[schemars(with = "String", length(min = 1, max = LONGEST), example = &"P-2026-11")]
    pub(crate) project: Option<String>,
    /// The most that everything of this manifest may still cost, with its currency. A plan above it is refused.
    #[schemars(with = "String", example = &"5000 USD")]
    pub(crate) budget: Option<String>,
}

impl BillingManifest {
    /// What is said, each under its key: whom to tell it, and not the money.
    pub(crate) fn said(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let said = [
            ("client", &self.client),
            ("purchase_order", &self.purchase_order),
            ("project", &self.project),
        ];
        said.into_iter()
            .filter_map(|(word, value)| Some((word, value.as_deref()?)))
    }
}

/// What one supplier may send, or several together.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Supplier", deny_unknown_fields)]
pub(crate) struct SupplierManifest {
    /// The vendor's number of the supplier; `infield lookup suppliers` lists them.
    #[schemars(with = "u64", range(min = 1, max = MAX_COMPLETES), example = 6)]
    supplier: Option<u64>,
    /// Name of several suppliers that are given something together.
    #[schemars(with = "String", length(min = 1, max = 128), example = &"partners")]
    name: Option<String>,
    /// The vendor's numbers of several suppliers.
    #[schemars(with = "Vec<u64>", length(min = 1), inner(range(min = 1)), example = [1, 23])]
    suppliers: Option<Vec<u64>>,
    /// Completes that they may send, where the vendor counts them; the survey's if left out.
    #[schemars(with = "u64", range(max = MAX_COMPLETES), example = 100)]
    completes: Option<u64>,
    /// Price per complete with its currency, where the vendor has prices of suppliers; the survey's if left out.
    #[schemars(title = "CPI", with = "String", example = &"4.25 USD")]
    cpi: Option<String>,
    /// Their share of the completes, percent, where that is what the vendor takes.
    #[schemars(with = "SupplierShare", example = json!({"min": 10, "max": 40}))]
    share: Option<SupplierShare>,
    /// Whether they send nobody.
    #[schemars(with = "bool", example = true)]
    blocked: Option<bool>,
}

/// A share of the completes, percent.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Share", deny_unknown_fields)]
pub(crate) struct SupplierShare {
    /// At least.
    #[schemars(with = "u64", range(max = 100), example = 10)]
    min: Option<u64>,
    /// At most.
    #[schemars(with = "u64", range(max = 100), example = 40)]
    max: Option<u64>,
}

/// A counter of completes for respondents who meet all its criteria.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(title = "Quota", deny_unknown_fields)]
pub(crate) struct QuotaManifest {
    /// Unique in the survey, and the vendor's key of the quota unless `id` is another: letters, digits, dots, underscores
    /// and dashes. No commas: the vendor separates keys by commas.
    #[schemars(with = "QuotaName", example = &"men")]
    pub(crate) name: String,
    /// The vendor's key or name of the quota, where that is not a name as above: any text, exactly as the vendor has it.
    #[serde(default)]
    #[schemars(with = "QuotaId", example = &"Males 18-24")]
    pub(crate) id: Option<String>,
    /// The vendor's key that it had before, or `none` for what is new: what exists is renamed, and nothing is made.
    #[serde(default)]
    #[schemars(with = "OldQuota", example = &"males")]
    pub(crate) moved_from: Option<String>,
    /// Completes wanted, or a share of the survey's completes. Shares are apportioned so that their sum is exact.
    #[schemars(with = "CountOrShare", example = 200, example = &"49%")]
    pub(crate) completes: Value,
    /// Questions with the answers that let a respondent in. All questions must hold; answers of one are alternatives.
    #[serde(rename = "where")]
    #[schemars(title = "Criteria", with = "CriteriaOfQuota")]
    pub(crate) criteria: IndexMap<String, Value>,
}

impl QuotaManifest {
    /// What the vendor knows it by.
    pub(crate) fn key(&self) -> &str {
        self.id.as_deref().unwrap_or(&self.name)
    }
}

/// A stage in which completes are collected.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(title = "Stage", deny_unknown_fields)]
pub(crate) struct StageManifest {
    /// Its name, unique in the list: `apply --advance SURVEY=STAGE` goes on to it.
    #[schemars(with = "Name", example = &"soft")]
    pub(crate) name: String,
    /// Completes in all, those of the stages before included, until the stage is left: a number, or a share of the survey's
    /// completes. Only the last stage may leave it out: it is all of them.
    #[serde(default)]
    #[schemars(with = "CountOrShare", example = &"10%", example = 40)]
    pub(crate) completes: Option<Value>,
    /// What comes once they are collected: `continue` goes on to the next stage by itself, `hold` waits until somebody asks for
    /// that.
    #[serde(default)]
    #[schemars(with = "Then", example = &"hold")]
    pub(crate) then: Option<Then>,
    /// How long the stage lasts in field at most: minutes, hours or days. The next one comes once its completes are collected,
    /// or once this long has passed, whichever is first.
    #[serde(default, rename = "for")]
    #[schemars(with = "Lasting", example = &"24h")]
    pub(crate) lasts: Option<String>,
    /// What has to hold before the next stage comes by itself. A figure that is not told does not hold.
    #[serde(default)]
    #[schemars(with = "Checks", example = json!({"incidence_rate": ">= 30", "quality_terminations": "<= 5%"}))]
    pub(crate) when: Option<IndexMap<String, String>>,
}

/// Hours of the week.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct WindowsManifest {
    /// Whose clock it is, by its name in the time zone database: `America/New_York`. The hours follow its changes between
    /// summer and winter.
    #[schemars(title = "Time zone", with = "String", length(min = 1, max = 100))]
    #[schemars(extend("examples" = ["America/New_York", "America/Chicago", "America/Los_Angeles", "Europe/London", "Europe/Berlin", "Asia/Tokyo", "Australia/Sydney", "UTC"]))]
    pub(crate) timezone: String,
    /// Days and hours: `mon-fri 08:00-22:00`, `sat 10:00-18:00`, `daily 08:00-24:00`. Hours over midnight are those of two
    /// days.
    #[schemars(with = "Vec<OpeningText>", length(min = 1, max = 50))]
    #[schemars(example = json!(["mon-fri 08:00-22:00", "sat 10:00-18:00"]))]
    pub(crate) open: Vec<String>,
}

/// So many completes a day.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct PaceManifest {
    /// Completes that a day may add to those that there are at its start. What a day does not use is not added to the next.
    #[schemars(with = "u64", range(min = 1, max = MAX_COMPLETES), example = 80)]
    pub(crate) completes_per_day: u64,
}

/// Surveys whose respondents are kept out of each other.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Survey group", deny_unknown_fields, extend("required" = ["name", "surveys"]))]
pub(crate) struct GroupManifest {
    /// The group's identity in git and in state; shares the namespace of surveys.
    #[schemars(with = "Name")]
    pub(crate) name: String,
    /// The name it had before, or `none` for what is new: what exists is renamed, and nothing is made.
    #[schemars(with = "OldName", example = &"soda-waves")]
    pub(crate) moved_from: Option<String>,
    /// Name for people at the vendor; the name if left out.
    #[schemars(with = "String", length(min = 1, max = 500), example = &"Soda tracker, wave 3")]
    pub(crate) title: Option<String>,
    /// The key by which the group is found at the vendor, at PureSpectrum unique over all of its customers; `<project>-<name>` if
    /// left out.
    #[serde(rename = "ref")]
    #[schemars(title = "Reference", with = "Key", example = &"acme-trackers-soda-waves")]
    pub(crate) reference: Option<String>,
    /// Members: surveys of this project by name, as patterns such as `soda-*` or as `tag:WORD`, and ids that the vendor gave to
    /// others.
    #[schemars(with = "Vec<SurveyRef>", length(min = 1))]
    #[schemars(example = json!(["soda-tracker-w2", "soda-tracker-w3", 383_244]))]
    pub(crate) surveys: Vec<Value>,
    /// Days during which a respondent of one member is kept out of the others; PureSpectrum only.
    #[schemars(with = "u64", range(min = 1, max = 3650), example = 90)]
    pub(crate) exclusion_days: Option<u64>,
}

/// Outcomes of transactions of one or several surveys.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Reconciliation", deny_unknown_fields, extend("required" = ["name"]))]
pub(crate) struct ReconciliationManifest {
    /// Its identity in git: lower-case letters, digits and dashes, unique in the project.
    #[schemars(with = "Name")]
    pub(crate) name: String,
    /// Where the surveys are; needed only where they are named by the vendor's ids.
    #[schemars(with = "Vendor")]
    pub(crate) vendor: Option<String>,
    /// The survey the transactions belong to: its name in the project, or the vendor's id as a number. A list may say it
    /// for each row instead.
    #[schemars(with = "SurveyRef")]
    pub(crate) survey: Option<Value>,
    /// A CSV file with the columns `transaction_id` and `outcome`, and perhaps `reason`, `survey` and `quota_ids`; the
    /// path is relative to this manifest.
    #[schemars(with = "String", length(min = 1), example = &"rejects.csv")]
    pub(crate) file: Option<String>,
    /// The outcome of transactions that do not say their own.
    #[schemars(with = "Outcome", example = &"reject")]
    pub(crate) outcome: Option<String>,
    /// The reason of transactions that do not say their own; it is passed on to the vendor.
    #[schemars(with = "String", length(min = 1, max = 500), example = &"Suspected Fraud")]
    pub(crate) reason: Option<String>,
    /// The quotas that completes count for, where the survey allocates completes to quotas and a row does not say it.
    #[schemars(with = "Vec<CountedQuota>", example = ["men"])]
    pub(crate) quota_ids: Option<Vec<String>>,
    /// The transactions, where they are not in a file.
    #[schemars(with = "Vec<Entry>", length(min = 1))]
    #[schemars(example = json!([
        {"transaction_id": "7lNK5AGrSL3bk5tV4gw0Tr", "outcome": "reject", "reason": "Suspected Fraud"},
    ]))]
    pub(crate) transactions: Option<Vec<Entry>>,
}

/// One respondent's way through the survey, and how it should have ended.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Transaction", deny_unknown_fields, extend("required" = ["transaction_id"]))]
pub(crate) struct Entry {
    /// The vendor's id of the transaction.
    #[schemars(title = "Transaction", length(min = 1), example = &"7lNK5AGrSL3bk5tV4gw0Tr")]
    pub(crate) transaction_id: String,
    /// How it should have ended.
    #[schemars(with = "Outcome", example = &"reject")]
    pub(crate) outcome: Option<String>,
    /// Why, in words that are passed on to the vendor.
    #[schemars(with = "String", length(min = 1, max = 500), example = &"Suspected Fraud")]
    pub(crate) reason: Option<String>,
    /// The quotas a complete counts for, where the survey allocates completes to quotas.
    #[schemars(with = "Vec<CountedQuota>", example = ["men"])]
    pub(crate) quota_ids: Option<Vec<String>>,
}

/// A rule over plans.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "Rule", deny_unknown_fields, extend("required" = ["name"]))]
pub(crate) struct RuleManifest {
    /// Its name, unique among the rules.
    #[schemars(with = "Name", example = &"max-cpi-de")]
    pub(crate) name: String,
    /// An expression of CEL over `step`, which is asked of each step of a plan, or over `plan` alone. What it is true of is
    /// held back, and no approval lifts that.
    #[schemars(with = "String", length(min = 1, max = 1000), example = &"step.survey.cpi > 5.0")]
    pub(crate) deny: Option<String>,
    /// The same, where what it is true of is only noted.
    #[schemars(with = "String", length(min = 1, max = 1000), example = &"size(plan.steps) > 50")]
    pub(crate) warn: Option<String>,
    /// What to do about it.
    #[schemars(with = "String", length(min = 1, max = 500), example = &"ask the panel team")]
    pub(crate) help: Option<String>,
}

/// The project: its name and its environments. Lives in `infield.yaml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(title = "Project", deny_unknown_fields)]
pub(crate) struct ProjectManifest {
    /// Name of the project: lower-case letters, digits and dashes.
    #[schemars(with = "Name")]
    pub(crate) name: String,
    /// The oldest infield that may work with this project. An older one refuses the project.
    #[serde(default)]
    #[schemars(with = "Requires")]
    pub(crate) requires: Option<String>,
    /// What becomes of warnings, by their codes: `allow`, `warn` or `deny`. Errors stay errors.
    #[serde(default)]
    #[schemars(with = "Lints")]
    pub(crate) lints: IndexMap<String, String>,
    /// Places to plan for and apply to, by name. `sandbox` is always there and the default.
    #[serde(default)]
    #[schemars(with = "Environments")]
    pub(crate) environments: IndexMap<String, Value>,
    /// The project's own names for questions and answers of marketplaces that infield has no name for: `qualifications` and
    /// quotas use them like any other.
    #[serde(default)]
    #[schemars(with = "Questions")]
    pub(crate) questions: Option<Value>,
    /// The project's own rules over plans: where `deny` is true of a step, it is held back; where `warn` is, it is noted.
    #[serde(default)]
    #[schemars(with = "Vec<RuleManifest>", length(min = 1))]
    #[schemars(example = json!([{"name": "max-cpi-de", "deny": "step.survey.locale == 'de-DE' && step.survey.cpi > 5.0"}]))]
    pub(crate) rules: Vec<RuleManifest>,
    /// What all surveys of the project have in common. What a survey says itself counts before it, and so does a
    /// `defaults.yaml` that is nearer.
    #[expect(dead_code, reason = "defaults are read before the documents they count for")]
    pub(crate) defaults: Option<Value>,
}
