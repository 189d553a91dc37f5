//! InnovateMR, Buyer API v2 (PEGA): a survey is a job, its groups are the job's groups.
//!
//! Hardly anything of this API is documented in public. What is not stands in `assumptions`, in one table that
//! `infield.yaml` can correct.
//!
//! `options` the manifest block · `locale` countries and languages · `codebook` and `resolve` neutral names and the
//! vendor's library · `encode` and `decode` our vocabulary ↔ theirs · `wire` the documents that are read, as types ·
//! `envelope` what an answer is before it is read · `calls` changes → calls, pure · `read` reading · `limits` what manifests
//! have to respect.

pub mod assumptions;
mod calls;
pub mod codebook;
mod decode;
mod encode;
mod envelope;
pub mod facts;
pub mod limits;
pub(crate) mod lists;
mod locale;
pub mod options;
mod read;
mod resolve;
mod sample;
mod wire;

use crate::diag::Rule;
use crate::marketplace::account::{Account, AccountError};
use crate::marketplace::contract::{Line, Lists, Read, Reconciliation, Vendor};
use crate::marketplace::http::session::Session;
use crate::marketplace::http::transport::Transport;
use crate::marketplace::shelf::blocks::{Block, OwnSettings};
use crate::marketplace::shelf::rules::{Breach, QuotaRules, way_of_life};
use crate::marketplace::shelf::sample::Sample;
use crate::model::capability::Mutability;
use crate::model::codebook::Codebook;
use crate::model::{Call, Level, Lexicon, Status, SurveySpec, VendorId};
use crate::plan::diff::{FieldName, QuotaEdit, SurveyDiff};
use crate::plan::market::{Edits, Marketplace, Refusal, StatusChange, Subject};
use assumptions::Assumptions;
use serde_json::Value;
use std::sync::{Arc, LazyLock};

/// The pure half of InnovateMR, with what an environment assumes about it.
#[derive(Debug, Clone, Default)]
pub struct InnovateMr(pub Assumptions);

impl Marketplace for InnovateMr {
    fn id(&self) -> VendorId {
        facts::ID
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
            _ => Mutability::Free,
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
        let closed = "InnovateMR is assumed not to put back in field what is closed";
        way_of_life("InnovateMR", from, to, closed)
    }

    /// Going live needs `MaximumCostPerInterview` on the group (portal page Update Group Status).
    fn missing_for_launch(&self, level: Level, after: &SurveySpec) -> Vec<Refusal> {
        let refusal = |missing: bool, message: &str, field: &str| {
            let refusal = Refusal::new(message).help(format!("set `{field}`"));
            (level == Level::Group && missing).then(|| refusal.at(format!("/{field}")))
        };
        let ceiling = "InnovateMR puts no group live without a MaximumCostPerInterview";
        let url = "a group without a live URL has nowhere to send respondents";
        let missing = [
            refusal(after.max_cpi.value().is_none(), ceiling, "max_cpi"),
            refusal(
                after.live_url.value().is_none_or(String::is_empty),
                url,
                "live_url",
            ),
        ];
        missing.into_iter().flatten().collect()
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

    fn set_status(&self, change: &StatusChange<'_>) -> Vec<Call> {
        calls::set_status(&self.0, change.address, change.id, change.to)
    }
}

/// InnovateMR with what is assumed about it where no environment says anything else.
pub(crate) fn standard() -> &'static dyn Vendor {
    static STANDARD: LazyLock<InnovateMr> = LazyLock::new(InnovateMr::default);
    &*STANDARD
}

impl Vendor for InnovateMr {
    fn block_schema(&self, level: Level) -> Option<Value> {
        options::schema(level)
    }

    fn block(&self, block: &Value, level: Level) -> Block {
        Block::of(options::attributes(block, level != Level::Group))
    }

    fn settings_schema(&self) -> OwnSettings {
        assumptions::settings_schema()
    }

    fn check_settings(&self, settings: &OwnSettings) -> Result<(), (&'static str, String)> {
        let table = Assumptions::of(settings.get("assumptions"));
        table.map(drop).map_err(|problem| ("assumptions", problem))
    }

    fn described(
        &self,
        settings: Option<&OwnSettings>,
        _local: bool,
    ) -> Result<Option<Arc<dyn Vendor>>, (String, String)> {
        // Loading has reported a table that means nothing.
        let table = Assumptions::of(settings.and_then(|settings| settings.get("assumptions")));
        Ok(Some(Arc::new(Self(table.unwrap_or_default()))))
    }

    fn line(&self, account: &Account, _transport: &Arc<dyn Transport>) -> Result<Line, AccountError> {
        Ok(Line {
            production: facts::PRODUCTION,
            headers: account.token_in("x-access-token")?,
            decoder: envelope::decode,
            own: envelope::own,
            tokens: None,
            pace: assumptions::TRAFFIC.pace,
            lists_settle_after: assumptions::LISTS_SETTLE_AFTER,
            never_planned: |_| false,
        })
    }

    fn reader(&self, session: Arc<Session>) -> Arc<dyn Read> {
        Arc::new(read::Reader {
            session,
            table: self.0.clone(),
        })
    }

    fn breaches(&self, level: Level, spec: &SurveySpec) -> Vec<Breach> {
        limits::check(level, spec)
    }

    fn containers_lead(&self) -> Rule {
        limits::CONTAINER
    }

    fn quota_rules(&self) -> QuotaRules {
        limits::QUOTAS
    }

    fn takes_no_times(&self) -> Option<Rule> {
        Some(limits::DATES)
    }

    fn lists(&self) -> Option<&dyn Lists> {
        Some(self)
    }

    fn sample(&self) -> Option<Sample> {
        Some(sample::SAMPLE)
    }

    fn reconciliation(&self) -> Result<&dyn Reconciliation, String> {
        Err("InnovateMR documents no call that changes how an interview ended".to_owned())
    }
}
