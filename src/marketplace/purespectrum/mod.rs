//! PureSpectrum, Buy API v2 (`buyers/v2`).
//!
//! `attributes` the settings of the manifest block · `encode` and `decode` our vocabulary ↔ theirs · `wire` the documents
//! that are read, as types · `envelope` what an answer is before it is read · `calls` changes → calls, pure · `read` reading ·
//! `suppliers` who sends
//! respondents · `recontact` whom to ask again · `reconcile` outcomes → calls, pure · `transactions` reading them · `accept_list` the call that rejects what it does not
//! name, kept apart · `assumptions` what no source of the vendor says.

mod accept_list;
mod apart;
pub mod assumptions;
mod attributes;
mod calls;
pub mod codebook;
mod decode;
mod encode;
pub(crate) mod envelope;
mod estimates;
pub mod facts;
pub mod limits;
mod lists;
pub mod options;
mod questions;
mod read;
mod reconcile;
mod recontact;
mod sample;
pub(crate) mod suppliers;
mod transactions;
mod wire;

use crate::diag::Rule;
use crate::marketplace::account::{Account, AccountError};
use crate::marketplace::contract::{AcceptLists, Line, Lists, Read, Reconciliation, Vendor};
use crate::marketplace::http::error::VendorError;
use crate::marketplace::http::session::Session;
use crate::marketplace::http::transport::Transport;
use crate::marketplace::shelf::blocks::{Block, field_schema};
use crate::marketplace::shelf::rules::{Breach, QuotaRules, way_of_life};
use crate::marketplace::shelf::sample::Sample;
use crate::model::capability::Mutability;
use crate::model::codebook::Codebook;
use crate::model::{
    Address, Call, DesiredGroup, Level, LiveGroup, Money, Status, Suppliers, SurveySpec, VendorId,
};
use crate::plan::diff::FieldName;
use crate::plan::market::{Edits, ExclusionGroups, Marketplace, Refusal, StatusChange, Subject, Templates};
pub use facts::PureSpectrum;
use serde_json::Value;
use std::sync::Arc;

fn refusal(message: impl Into<String>, help: impl Into<String>) -> Refusal {
    Refusal::new(message).help(help)
}

impl Marketplace for PureSpectrum {
    fn id(&self) -> VendorId {
        facts::ID
    }

    fn codebook(&self) -> &'static Codebook {
        &codebook::CODEBOOK
    }

    /// Price, goal and quota counts are documented as changeable in field (vendor wiki 34117092, 2709782529, 613285971);
    /// titles, URLs and the like are not mentioned and assumed harmless; who is asked is guarded.
    fn mutability(&self, field: &FieldName, status: Status) -> Mutability {
        match field {
            FieldName::Recontact => recontact::mutability(status),
            FieldName::Locale | FieldName::Qualifications | FieldName::QuotaCriteria => {
                Mutability::TargetingWhenLive
            }
            FieldName::Attribute(key) => {
                attributes::setting(key).map_or(Mutability::Free, |setting| setting.mutability)
            }
            _ => Mutability::Free,
        }
    }

    /// The offer, or its ceiling where there is one; or what a supplier gets of its own where that is more: both are prices of a complete, and which one is
    /// charged where they differ is not documented (vendor wiki 855638135).
    fn highest_price(&self, spec: &SurveySpec) -> Option<Money> {
        let offer = *spec.max_cpi.value().or(spec.cpi.value())?;
        let own = spec.suppliers.value().and_then(Suppliers::highest_price);
        let dearer = own.filter(|own| own.currency == offer.currency && own.amount > offer.amount);
        Some(dearer.unwrap_or(offer))
    }

    fn may_hide(&self, field: &FieldName) -> bool {
        match field {
            FieldName::Attribute(key) => attributes::setting(key).is_some_and(attributes::Setting::may_hide),
            field => field.is_list_of_respondents(),
        }
    }

    /// The transition table is assumed, except that nothing leaves `closed` (vendor wiki 3115974657).
    fn transition(&self, from: Status, to: Status) -> Result<(), Refusal> {
        let closed = "PureSpectrum cannot put a closed survey back in field";
        way_of_life("PureSpectrum", from, to, closed)
    }

    fn missing_for_launch(&self, _level: Level, after: &SurveySpec) -> Vec<Refusal> {
        if after.live_url.value().is_some_and(|url| !url.is_empty()) {
            return Vec::new();
        }
        vec![refusal(
            "PureSpectrum cannot launch a survey without a live URL",
            "set `live_url`",
        )]
    }

    fn create(&self, subject: Subject<'_>, wanted: &SurveySpec) -> Result<Vec<Call>, Refusal> {
        Ok(calls::create(subject.address, wanted))
    }

    fn update(&self, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
        apart::stay_apart(edits)?;
        Ok(calls::update(edits))
    }

    fn set_status(&self, change: &StatusChange<'_>) -> Vec<Call> {
        calls::set_status(change.id, change.to)
    }

    fn templates(&self) -> Option<&dyn Templates> {
        Some(self)
    }

    fn exclusion_groups(&self) -> Option<&dyn ExclusionGroups> {
        Some(self)
    }
}

impl Templates for PureSpectrum {
    fn rule(&self, applied: Option<u64>) -> Refusal {
        let message = match applied {
            Some(id) => format!(
                "the survey was made from template {id} and cannot take another one: PureSpectrum applies one template \
                 per survey, at creation only (code 1014)"
            ),
            None => "the survey was made without a template and cannot take one now: PureSpectrum applies a template \
                     at creation only (code 1014)"
                .to_owned(),
        };
        Refusal::new(message)
    }

    fn missing(&self, template: u64) -> Refusal {
        refusal(
            format!(
                "template {template} does not exist or is not shared with this account (PureSpectrum code 1006)"
            ),
            "ask PureSpectrum to share the template with the account, or name another one",
        )
    }
}

impl ExclusionGroups for PureSpectrum {
    fn create(&self, _address: &Address, wanted: &DesiredGroup) -> Vec<Call> {
        calls::create_group(wanted)
    }

    fn update(
        &self,
        live: &LiveGroup,
        wanted: &DesiredGroup,
        _known: &dyn Fn(&Address) -> Option<String>,
    ) -> Vec<Call> {
        calls::update_group(live, wanted)
    }
}

/// PureSpectrum; no environment says anything else about it.
pub(crate) fn standard() -> &'static dyn Vendor {
    &PureSpectrum
}

impl Vendor for PureSpectrum {
    fn imply(&self, spec: &mut SurveySpec) {
        recontact::imply(spec);
    }

    fn block_schema(&self, level: Level) -> Option<Value> {
        match level {
            Level::Survey => field_schema::<options::InSurvey>("purespectrum"),
            Level::Container | Level::Group => None,
        }
    }

    fn block(&self, block: &Value, _level: Level) -> Block {
        options::read(block)
    }

    fn line(&self, account: &Account, _transport: &Arc<dyn Transport>) -> Result<Line, AccountError> {
        Ok(Line {
            production: facts::PRODUCTION,
            headers: account.token_in("access-token")?,
            decoder: envelope::decode,
            own: envelope::own,
            tokens: None,
            pace: assumptions::TRAFFIC.pace,
            lists_settle_after: assumptions::LISTS_SETTLE_AFTER,
            never_planned: reconcile::would_be_an_accept_list,
        })
    }

    fn reader(&self, session: Arc<Session>) -> Arc<dyn Read> {
        Arc::new(read::Reader(session))
    }

    fn breaches(&self, _level: Level, spec: &SurveySpec) -> Vec<Breach> {
        limits::check(spec)
    }

    fn quota_rules(&self) -> QuotaRules {
        limits::QUOTAS
    }

    fn takes_no_times(&self) -> Option<Rule> {
        Some(limits::DAYS)
    }

    fn is_default(&self, key: &str, value: &Value, id: &str) -> bool {
        attributes::is_default(key, value, id)
    }

    /// Templates: one per survey (1014), the account has none (1018), this one is not shared (1006); vendor docs, error codes.
    fn explain(&self, error: &VendorError) -> Option<&'static str> {
        matches!(error.code(), Some(1014 | 1018 | 1006))
            .then_some("see the template rule in the documentation; run `infield plan` for what can be done")
    }

    fn lists(&self) -> Option<&dyn Lists> {
        Some(self)
    }

    fn sample(&self) -> Option<Sample> {
        Some(sample::SAMPLE)
    }

    fn reconciliation(&self) -> Result<&dyn Reconciliation, String> {
        Ok(self)
    }

    fn accept_lists(&self) -> Option<&dyn AcceptLists> {
        Some(self)
    }
}

#[cfg(test)]
pub(crate) mod shown;
mod states;
