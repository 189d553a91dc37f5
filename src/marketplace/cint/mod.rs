//! Cint Exchange, Demand API 2025-12-18: a survey is a project, its groups are the project's target groups.
//!
//! The vendor publishes the whole contract as an OpenAPI document; what it leaves open stands in `assumptions`.
//!
//! `account` whose it is · `options` the manifest block · `canonical` one form for its settings · `locale` countries and languages · `codebook` and
//! `resolve` neutral names and the vendor's library · `fit` and `profiling` qualifications and quotas ↔ profiles ·
//! `allocations` suppliers · `exclusion_groups` who is kept out of each other · `encode` and `decode` the rest of our vocabulary ↔ theirs · `wire` the documents that are read,
//! as types · `calls`, `launched`, `fielding` changes → calls, pure, of `parts` · `auth` tokens · `read` the reader, with `envelope`,
//! `client`, `inventory`, `library`, `lookup`, `lists`, `jobs`, `history`, `estimates`, `reconcile`, `keep_list` · `limits`
//! what manifests have to respect.

mod account;
mod allocations;
pub mod assumptions;
mod auth;
mod calls;
mod canonical;
mod client;
pub mod codebook;
mod decode;
mod encode;
pub(crate) mod envelope;
mod estimates;
mod exclusion_groups;
pub mod facts;
mod fielding;
mod fit;
mod history;
mod inventory;
mod jobs;
mod keep_list;
mod launched;
mod library;
pub mod limits;
mod lists;
mod locale;
mod lookup;
pub mod options;
mod parts;
mod paths;
mod profiling;
mod rate_card;
mod read;
mod reconcile;
mod resolve;
mod respondents;
mod sample;
mod wire;

use crate::marketplace::account::{Account, AccountError};
use crate::marketplace::contract::{AcceptLists, Line, Lists, Read, Reconciliation, Vendor};
use crate::marketplace::http::session::Session;
use crate::marketplace::http::transport::Transport;
use crate::marketplace::shelf::blocks::{Block, OwnSettings};
use crate::marketplace::shelf::rules::{Breach, QuotaRules};
use crate::marketplace::shelf::sample::Sample;
use crate::model::attributes::Attributes;
use crate::model::capability::Mutability;
use crate::model::codebook::Codebook;
use crate::model::{
    Address, Call, DesiredGroup, Field, Level, Lexicon, LiveGroup, LiveSurvey, Money, Status, SurveySpec,
    VendorId,
};
use crate::plan::diff::FieldName;
use crate::plan::market::{Edits, ExclusionGroups, Marketplace, Refusal, StatusChange, Subject};
pub use account::Cint;
use assumptions::Assumptions;
use encode::attribute;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use tokio::sync::OnceCell;

impl Marketplace for Cint {
    fn id(&self) -> VendorId {
        facts::ID
    }

    fn codebook(&self) -> &'static Codebook {
        &codebook::CODEBOOK
    }

    fn resolve(&self, wanted: &SurveySpec, lexicon: &Lexicon) -> Result<SurveySpec, Vec<Refusal>> {
        resolve::resolve(wanted, lexicon)
    }

    fn mutability(&self, field: &FieldName, status: Status) -> Mutability {
        if status == Status::Draft {
            return Mutability::Free;
        }
        match field {
            FieldName::Locale => {
                Mutability::CreateOnly("Cint fixes country and language when a target group is launched")
            }
            FieldName::Attribute(key) => match key.as_str() {
                // No launched resource has them (OpenAPI).
                "business_unit" | "collects_pii" | "study_type" | "industry" | "client" => {
                    Mutability::CreateOnly("Cint fixes it when a target group is launched")
                }
                "re_entry" if self.assumptions.re_entry_path.is_none() => Mutability::CreateOnly(
                    "no public document says where a launched target group takes it; \
                     `cint.assumptions.re_entry_path` in infield.yaml can name the path",
                ),
                "filling_strategy" if status == Status::Closed => Mutability::OnceBack(
                    "Cint changes no filling strategy of a target group that has ended (update_filling_strategy)",
                ),
                _ => Mutability::Free,
            },
            FieldName::Start | FieldName::End if status == Status::Closed => Mutability::OnceBack(
                "Cint changes no times of a target group that has ended (update_fielding_run)",
            ),
            FieldName::Qualifications | FieldName::QuotaCriteria => Mutability::TargetingWhenLive,
            field if field.is_list_of_respondents() => respondents::mutability(status),
            _ => Mutability::Free,
        }
    }

    /// A price that the vendor moves, and what the launched resources do not show.
    fn may_hide(&self, field: &FieldName) -> bool {
        match field {
            FieldName::Cpi => true,
            FieldName::Attribute(key) => key == "filling_strategy" || key == "re_entry",
            field => field.is_list_of_respondents(),
        }
    }

    /// `maximum_cpi` bounds what the pricing module sets and what a boost adds; without it a module moves the price at will.
    /// Suppliers of the private exchange have prices of their own (OpenAPI, target group price), which are not read.
    fn highest_price(&self, spec: &SurveySpec) -> Option<Money> {
        let private = attribute(spec, "allocations").and_then(|shares| shares.pointer("/private/groups"));
        if private
            .and_then(Value::as_array)
            .is_some_and(|groups| !groups.is_empty())
        {
            return None;
        }
        if let Some(ceiling) = spec.max_cpi.value() {
            return Some(*ceiling);
        }
        let pricing = attribute(spec, "fielding_assistant").and_then(|modules| modules.get("pricing"));
        let price = *spec.cpi.value()?;
        match pricing {
            None => Some(price),
            Some(pricing) if pricing["type"] == "rate_card" => {
                let boost = pricing
                    .get("boost_cpi")
                    .map(|boost| boost.as_str()?.parse::<Money>().ok());
                match boost {
                    None => Some(price),
                    Some(boost) => boost
                        .filter(|boost| boost.currency == price.currency)
                        .map(|boost| price.plus(boost.amount)),
                }
            }
            Some(_) => None,
        }
    }

    /// `total_budget`: the most to spend for the completes wanted (OpenAPI, dynamic pricing).
    fn budget(&self, spec: &SurveySpec) -> Option<Money> {
        let budget = attribute(spec, "fielding_assistant")?.pointer("/pricing/total_budget")?;
        budget.as_str()?.parse().ok()
    }

    /// The state machine of fielding runs (OpenAPI); that a paused run can be completed is assumed.
    fn transition(&self, from: Status, to: Status) -> Result<(), Refusal> {
        let refused = |why: &str, help: &str| Err(Refusal::new(why).help(help));
        match (from, to) {
            (Status::Draft, Status::Closed) => refused(
                "Cint cannot close a draft: it has neither a way to delete nor to archive one",
                "set `status: draft`, or remove the manifest; a draft costs nothing",
            ),
            (Status::Paused, Status::Closed) if !self.assumptions.complete_paused => refused(
                "a paused target group is assumed not to be closed (`cint.assumptions.complete_paused: false`)",
                "leave it paused",
            ),
            (Status::Live | Status::Paused | Status::Closed, Status::Draft)
            | (Status::Draft, Status::Paused) => refused(
                &format!("Cint has no way from {from} to {to}"),
                "use `draft`, `live`, `paused` or `closed` in the order of a survey's life",
            ),
            (Status::Closed, Status::Paused) => refused(
                "a completed target group cannot be paused",
                "set `status: closed`, or `live` to field it again",
            ),
            _ => Ok(()),
        }
    }

    fn missing_for_launch(&self, level: Level, after: &SurveySpec) -> Vec<Refusal> {
        if level != Level::Group {
            return Vec::new();
        }
        let urls = [("live_url", &after.live_url), ("test_url", &after.test_url)];
        let without = urls
            .into_iter()
            .filter(|(_, url)| url.value().is_none_or(String::is_empty));
        let url = |(key, _): (&str, _)| {
            let rule = "a target group that goes in field without";
            Refusal::new(format!("{rule} `{key}` can never be edited there again"))
                .help(format!("set `{key}`"))
                .at(format!("/{key}"))
        };
        let mut missing: Vec<Refusal> = without.map(url).collect();
        if after.end.value().is_none() {
            missing.push(
                Refusal::new("Cint launches nothing without an end")
                    .help("set `field: {end: ...}`")
                    .at("/field/end"),
            );
        }
        missing
    }

    /// The end of a soft launch (OpenAPI, `ModuleSoftLaunch`).
    fn own_moment(&self, spec: &SurveySpec) -> Option<(String, Timestamp)> {
        let end = limits::soft_launch_end(spec)?;
        Some((format!("/cint/{}", limits::SOFT_LAUNCH_END), end))
    }

    fn create(&self, subject: Subject<'_>, wanted: &SurveySpec) -> Result<Vec<Call>, Refusal> {
        if subject.address.is_group() {
            calls::create_group(self, subject, wanted)
        } else {
            Ok(calls::create_project(self, subject.address, wanted))
        }
    }

    fn update(&self, edits: &Edits<'_>) -> Result<Vec<Call>, Refusal> {
        if edits.subject.address.is_group() {
            calls::update_group(self, edits)
        } else {
            Ok(calls::update_project(self, edits))
        }
    }

    fn set_status(&self, change: &StatusChange<'_>) -> Vec<Call> {
        fielding::set_status(self, change)
    }

    fn pause_many(&self, in_field: &[(&Address, &LiveSurvey)]) -> Vec<(Call, Vec<Address>)> {
        fielding::pause_many(self, in_field)
    }

    fn exclusion_groups(&self) -> Option<&dyn ExclusionGroups> {
        Some(self)
    }

    fn refer(&self, settings: &mut Attributes, to: &mut dyn FnMut(&Address) -> Option<Value>) {
        if let Some(Field::Set(list)) = settings.get_mut("activity_exclusions") {
            *list = canonical::named_exclusions(list, to);
        }
    }
}

impl ExclusionGroups for Cint {
    fn create(&self, address: &Address, wanted: &DesiredGroup) -> Vec<Call> {
        exclusion_groups::create(self, address, wanted)
    }

    fn update(
        &self,
        live: &LiveGroup,
        wanted: &DesiredGroup,
        known: &dyn Fn(&Address) -> Option<String>,
    ) -> Vec<Call> {
        exclusion_groups::update(self, live, wanted, known)
    }
}

/// Cint with the account of the sandbox, for what needs no account.
pub(crate) fn standard() -> &'static dyn Vendor {
    static STANDARD: LazyLock<Cint> = LazyLock::new(Cint::default);
    &*STANDARD
}

impl Vendor for Cint {
    fn block_schema(&self, level: Level) -> Option<Value> {
        Some(options::schema(level != Level::Group))
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
        local: bool,
    ) -> Result<Option<Arc<dyn Vendor>>, (String, String)> {
        let mut described = Self::default();
        if let Some(settings) = settings {
            described.account = settings
                .get("account_id")
                .and_then(Value::as_u64)
                .ok_or_else(|| {
                    let write = "write `cint: {account_id: NUMBER}`; the vendor's interface shows it";
                    ("has no number".to_owned(), write.to_owned())
                })?;
            // Loading has reported a table that means nothing.
            described.assumptions = Assumptions::of(settings.get("assumptions")).unwrap_or_default();
        }
        if local {
            // An emulator is done at once.
            described.assumptions.first_look = Duration::from_millis(20);
        }
        Ok(Some(Arc::new(described)))
    }

    fn account(&self) -> Option<String> {
        Some(self.account.to_string())
    }

    fn line(&self, account: &Account, transport: &Arc<dyn Transport>) -> Result<Line, AccountError> {
        let client = account
            .client
            .as_ref()
            .ok_or(AccountError::Client(facts::ID.name()))?;
        let auth = auth::Auth::new(client, &account.token, Arc::clone(transport));
        Ok(Line {
            production: facts::PRODUCTION,
            headers: client::headers(),
            decoder: envelope::decode,
            own: envelope::own,
            tokens: Some(Box::new(auth)),
            pace: assumptions::TRAFFIC.pace,
            lists_settle_after: assumptions::LISTS_SETTLE_AFTER,
            never_planned: keep_list::is_one,
        })
    }

    fn reader(&self, session: Arc<Session>) -> Arc<dyn Read> {
        Arc::new(client::Reader {
            session,
            cint: self.clone(),
            currencies: OnceCell::new(),
        })
    }

    fn breaches(&self, level: Level, spec: &SurveySpec) -> Vec<Breach> {
        limits::check(level, spec)
    }

    fn quota_rules(&self) -> QuotaRules {
        limits::QUOTAS
    }

    fn is_default(&self, key: &str, value: &Value, _id: &str) -> bool {
        inventory::is_default(key, value)
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
