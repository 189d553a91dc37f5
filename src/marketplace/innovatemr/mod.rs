//! InnovateMR, Buyer API v2 (PEGA): a survey is a job, its groups are the job's groups.
//!
//! Hardly anything of this API is documented in public. What is not stands in `assumptions`, in one table that
//! `infield.yaml` can correct.
//!
//! `options` the manifest block · `locale` countries and languages · `codebook` and `resolve` neutral names and the
//! vendor's library · `encode` and `decode` our vocabulary ↔ theirs · `calls` changes → calls, pure · `client` reading ·
//! `limits` what manifests have to respect · `sandbox` the emulator.

pub mod assumptions;
mod calls;
pub(crate) mod client;
pub mod codebook;
mod decode;
mod encode;
pub mod limits;
pub(crate) mod lists;
mod locale;
pub mod options;
mod resolve;
pub mod sandbox;

use crate::marketplace::http::session::Pace;
use crate::model::capability::{Ability, Capability, Mutability};
use crate::model::codebook::Codebook;
use crate::model::{Address, Call, DesiredGroup, Level, Lexicon, LiveGroup, Status, SurveySpec, VendorId};
use crate::plan::diff::{FieldName, QuotaEdit, SurveyDiff};
use crate::plan::market::{Edits, Marketplace, Move, Refusal, Subject};
use assumptions::Assumptions;

/// The vendor's production base URL (portal page Update Group Status).
pub const PRODUCTION: &str = "https://apivisionsampling.innovatemr.com/api/v2";

/// How fast it is asked by default; no limit is documented.
pub const DEFAULT_PACE: Pace = Pace {
    requests_per_second: Some(assumptions::REQUESTS_PER_SECOND),
    concurrency: assumptions::CONCURRENCY,
};

/// The pure half of InnovateMR, with what an environment assumes about it.
#[derive(Debug, Clone, Default)]
pub struct InnovateMr(pub Assumptions);

impl Marketplace for InnovateMr {
    fn id(&self) -> VendorId {
        VendorId::InnovateMr
    }

    fn noun(&self, level: Level) -> &'static str {
        match level {
            Level::Container | Level::Survey => "job",
            Level::Group => "group",
        }
    }

    fn codebook(&self) -> &'static Codebook {
        &codebook::CODEBOOK
    }

    fn resolve(&self, wanted: &SurveySpec, lexicon: &Lexicon) -> Result<SurveySpec, Vec<Refusal>> {
        resolve::resolve(wanted, lexicon)
    }

    /// One country and language per group (call flow); that they are fixed is assumed.
    fn mutability(&self, field: &FieldName, _status: Status) -> Mutability {
        match field {
            FieldName::Locale => Mutability::CreateOnly(
                "InnovateMR has one country and language per group; moving a group to another is not documented",
            ),
            FieldName::Qualifications | FieldName::QuotaCriteria => Mutability::TargetingWhenLive,
            FieldName::Title
            | FieldName::Completes
            | FieldName::IncidenceRate
            | FieldName::LengthOfInterview
            | FieldName::FieldDays
            | FieldName::Start
            | FieldName::End
            | FieldName::Cpi
            | FieldName::MaxCpi
            | FieldName::LiveUrl
            | FieldName::TestUrl
            | FieldName::Attribute(_) => Mutability::Free,
        }
    }

    /// The only full sample of a group shows neither its estimate nor its ceiling; targets are in no answer.
    fn may_hide(&self, field: &FieldName) -> bool {
        match field {
            FieldName::Cpi | FieldName::MaxCpi | FieldName::Qualifications | FieldName::QuotaCriteria => true,
            FieldName::Attribute(key) => key != "device_type" && key != "geo_ip_check",
            _ => false,
        }
    }

    fn counts_completes(&self) -> bool {
        false
    }

    fn needs_pause(&self, edits: &SurveyDiff) -> bool {
        let field = |edit: &crate::plan::diff::FieldEdit| {
            !calls::harmless_in_field(&edit.field, &edit.before, &edit.after)
        };
        let quota = |edit: &QuotaEdit| match edit {
            QuotaEdit::Change { before, after, .. } => {
                before.hidden || before.criteria != after.criteria || after.completes < before.completes
            }
            QuotaEdit::Add(_) | QuotaEdit::Stop { .. } => true,
        };
        edits.fields.iter().any(field) || !edits.qualifications.is_empty() || edits.quotas.iter().any(quota)
    }

    /// All of the table is assumed but that a paused group exists and a live one does.
    fn transition(&self, from: Status, to: Status) -> Result<(), Refusal> {
        match (from, to) {
            (Status::Closed, Status::Closed) => Ok(()),
            (Status::Closed, _) => Err(Refusal::new(
                "InnovateMR is assumed not to put back in field what is closed",
            )
            .help("field it again under a new name")),
            (Status::Live | Status::Paused, Status::Draft) | (Status::Draft, Status::Paused) => {
                Err(Refusal::new(format!("InnovateMR has no way from {from} to {to}"))
                    .help("use `draft`, `live`, `paused` or `closed` in the order of a survey's life"))
            }
            _ => Ok(()),
        }
    }

    /// Going live needs `MaximumCostPerInterview` on the group (portal page Update Group Status).
    fn missing_for_launch(&self, level: Level, after: &SurveySpec) -> Vec<Refusal> {
        let mut missing = Vec::new();
        if level == Level::Group {
            if after.max_cpi.value().is_none() {
                missing.push(
                    Refusal::new("InnovateMR puts no group live without a MaximumCostPerInterview")
                        .help("set `max_cpi`")
                        .at("/max_cpi"),
                );
            }
            if after.live_url.value().is_none_or(String::is_empty) {
                missing.push(
                    Refusal::new("a group without a live URL has nowhere to send respondents")
                        .help("set `live_url`")
                        .at("/live_url"),
                );
            }
        }
        missing
    }

    fn template_rule(&self, _applied: Option<u64>) -> Refusal {
        Refusal::new("InnovateMR has no templates")
    }

    fn template_missing(&self, _template: u64) -> Refusal {
        Refusal::new("InnovateMR has no templates")
    }

    fn create(&self, subject: Subject<'_>, wanted: &SurveySpec) -> Result<Vec<Call>, Refusal> {
        if subject.address.is_group() {
            calls::create_group(&self.0, subject, wanted)
        } else {
            Ok(calls::create_job(&self.0, wanted))
        }
    }

    fn update(&self, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
        if edits.subject.address.is_group() {
            calls::update_group(&self.0, edits)
        } else {
            Ok(calls::update_job(&self.0, edits))
        }
    }

    fn set_status(&self, change: &Move<'_>) -> Vec<Call> {
        calls::set_status(&self.0, change.address, change.id, change.to)
    }

    fn create_group(&self, _address: &Address, _wanted: &DesiredGroup) -> Vec<Call> {
        Vec::new()
    }

    fn update_group(&self, _live: &LiveGroup, _wanted: &DesiredGroup) -> Vec<Call> {
        Vec::new()
    }
}

const fn row(what: &'static str, ability: Ability, documented: bool, comment: &'static str) -> Capability {
    Capability {
        what,
        ability,
        documented,
        comment,
    }
}

/// What InnovateMR can do, for the documentation.
pub const CAPABILITIES: [Capability; 13] = [
    row(
        "jobs and groups",
        Ability::Can,
        false,
        "`POST /pega/job`, `POST /pega/jobs/{JobId}/group`; paths from a public client",
    ),
    row(
        "group status",
        Ability::Can,
        true,
        "`PUT /pega/group/{GroupId}/status`; live needs `max_cpi`",
    ),
    row(
        "job status",
        Ability::Can,
        false,
        "`PUT /pega/job/{JobId}/status`, from a public client",
    ),
    row(
        "close a job or a group",
        Ability::Can,
        false,
        "status 3 is assumed to be closed; only where the manifest says `closed`",
    ),
    row(
        "targets",
        Ability::Can,
        false,
        "one question per call; names resolved in the vendor's library",
    ),
    row(
        "read targets back",
        Ability::Cannot,
        true,
        "no such call; what was applied last counts",
    ),
    row("quotas", Ability::Can, false, "added, and changed in place"),
    row(
        "remove a quota, a group or a job",
        Ability::Cannot,
        true,
        "no such call; a job or group is paused instead",
    ),
    row(
        "change in field",
        Ability::Can,
        false,
        "only more completes, a higher ceiling and notes go in at once; for the rest the group is paused and resumed",
    ),
    row(
        "completes collected",
        Ability::Cannot,
        false,
        "the statistics are not documented, so nothing is planned on them",
    ),
    row(
        "fielding dates",
        Ability::Cannot,
        false,
        "read, but no public document says how to write them",
    ),
    row(
        "recover a lost create",
        Ability::Can,
        false,
        "a job by its title in the job list, where that works; a group by hand",
    ),
    row(
        "external reference",
        Ability::Cannot,
        true,
        "nothing but ids and titles tells jobs apart",
    ),
];
