//! What the emulated vendor remembers about a survey, and under which keys.
//!
//! One key per survey, and one small index key per survey and status, so that a page of a list
//! reads the surveys on that page and no others.

use super::envelope::{FOREIGN, NO_SURVEY};
use super::prelude::*;
use sha2::{Digest, Sha256};
use std::ops::ControlFlow;
use uuid::Uuid;

/// The account that the token `sandbox` belongs to.
pub(super) const OWN_ACCOUNT: u64 = 1;
/// Somebody else's account.
pub(super) const OTHER_ACCOUNT: u64 = 2;

pub(super) const DRAFT: u16 = 11;
pub(super) const LIVE: u16 = 22;
pub(super) const PAUSED: u16 = 33;
pub(super) const CLOSED: u16 = 44;

const NEXT_ID: &str = "purespectrum/next_id";

/// A survey as stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Survey {
    pub(super) id: u64,
    pub(super) account: u64,
    pub(super) status: u16,
    /// Fields the caller wrote, by the vendor's names; hidden ones included.
    pub(super) fields: Map<String, Value>,
    pub(super) qualifications: Vec<Value>,
    pub(super) quotas: Vec<Quota>,
    pub(super) template_id: Option<i64>,
    pub(super) counts: Counts,
    /// What the completes so far cost, in USD.
    pub(super) cost: Decimal,
    /// The price per complete when it was launched, in USD.
    pub(super) launch_cpi: Option<Decimal>,
    pub(super) created_ms: i64,
    pub(super) launched_ms: Option<i64>,
    pub(super) paused_ms: Option<i64>,
    pub(super) active_ms: Option<i64>,
    pub(super) last_complete_ms: Option<i64>,
    /// Why the vendor stopped it by itself.
    pub(super) stopped_because: Option<String>,
    pub(super) psids: Vec<String>,
    pub(super) psids_ms: Option<i64>,
    /// Supplier groups as last put; `None` until somebody did.
    pub(super) suppliers: Option<Vec<Value>>,
    /// Numbers the quotas ever made here, so that ids are not used twice.
    pub(super) quota_serial: u64,
}

/// A quota as stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Quota {
    pub(super) buyer_quota_id: String,
    pub(super) ps_quota_id: String,
    pub(super) title: String,
    pub(super) required: u64,
    pub(super) current_target: Option<u64>,
    pub(super) criteria: Vec<Value>,
    pub(super) fielded: u64,
    pub(super) suppliers: Option<Vec<Value>>,
    pub(super) created_ms: i64,
    pub(super) modified_ms: i64,
}

/// How respondents ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    pub(super) completes: u64,
    pub(super) terminations: u64,
    pub(super) over_quotas: u64,
    pub(super) drops: u64,
    pub(super) quality_terminations: u64,
}

impl Quota {
    /// Returns whether another complete fits.
    pub(super) fn is_open(&self) -> bool {
        let target = self.current_target.unwrap_or(self.required);
        self.fielded < self.required.min(target)
    }

    /// Returns whether the quota is the one that `id` names, by either of its ids.
    pub(super) fn is_called(&self, id: &str) -> bool {
        self.ps_quota_id == id || (!self.buyer_quota_id.is_empty() && self.buyer_quota_id == id)
    }
}

impl Survey {
    /// Returns the field `name` as a whole number, 0 when it has none.
    pub(super) fn number(&self, name: &str) -> u64 {
        self.fields.count(name).unwrap_or(0)
    }

    /// Returns the survey goal.
    pub(super) fn goal(&self) -> u64 {
        self.number("completes_required")
    }

    /// Returns the price offered per complete in USD, if one is set.
    pub(super) fn price(&self) -> Option<Decimal> {
        self.fields.get("offer_price").and_then(decimal)
    }

    /// Returns whether completes are to be allocated to quotas by the caller.
    pub(super) fn has_qlc(&self) -> bool {
        self.fields.copy("qlc")["enable"] == true
    }

    /// Makes the vendor's id of a new quota, and the source for one of the buyer's.
    pub(super) fn new_quota_id(&mut self, seed: u64) -> (String, String) {
        self.quota_serial += 1;
        let source = format!("purespectrum/{seed}/{}/{}", self.id, self.quota_serial);
        let uuid = Uuid::new_v5(&Uuid::NAMESPACE_OID, source.as_bytes());
        (uuid.to_string(), source)
    }
}

/// Makes `length` random-looking letters and digits, the look of the vendor's own quota ids.
pub(super) fn letters(source: &str, length: usize) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    Sha256::digest(source.as_bytes())
        .iter()
        .take(length)
        .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]))
        .collect()
}

fn survey_key(id: u64) -> String {
    format!("purespectrum/survey/{id:020}")
}

fn status_prefix(status: u16) -> String {
    format!("purespectrum/status/{status}/")
}

fn status_key(status: u16, id: u64) -> String {
    format!("purespectrum/status/{status}/{id:020}")
}

/// Reads the survey that a path names, whoever owns it.
pub(super) fn find(documents: &impl Documents, id: u64) -> Result<Option<Survey>, StoreError> {
    documents.get_json(&survey_key(id))
}

/// Reads the caller's survey that a path names, or refuses as the vendor does.
pub(super) fn load(documents: &impl Documents, id: &str) -> Result<Survey, Failure> {
    let id: u64 = id.parse().map_err(|_| NO_SURVEY)?;
    let survey = find(documents, id)?.ok_or(NO_SURVEY)?;
    if survey.account != OWN_ACCOUNT {
        return Err(FOREIGN.into());
    }
    Ok(survey)
}

/// Stores a survey; `before` is the status it was stored with, `None` for a new one.
pub(super) fn save(batch: &mut Batch<'_>, survey: &Survey, before: Option<u16>) -> Result<(), StoreError> {
    batch.put_json(&survey_key(survey.id), survey)?;
    if before == Some(survey.status) || survey.account != OWN_ACCOUNT {
        return Ok(());
    }
    if let Some(before) = before {
        batch.delete(&status_key(before, survey.id))?;
    }
    let key = status_key(survey.status, survey.id);
    batch.put(&key, &survey.created_ms.to_be_bytes())
}

/// Removes a survey.
pub(super) fn remove(batch: &mut Batch<'_>, survey: &Survey) -> Result<(), StoreError> {
    batch.delete(&survey_key(survey.id))?;
    batch.delete(&status_key(survey.status, survey.id))
}

/// Takes the next free survey id.
pub(super) fn take_id(batch: &mut Batch<'_>) -> Result<u64, StoreError> {
    batch.take_number(NEXT_ID, 1)
}

/// Sets where survey ids start.
pub(super) fn start_ids(batch: &mut Batch<'_>, first: u64) -> Result<(), StoreError> {
    batch.put_json(NEXT_ID, &first)
}

/// Returns the ids of the caller's surveys with `status`, ascending, created within the half-open
/// span of milliseconds, after leaving out `skip` and at most `limit` of them.
pub(super) fn list(
    documents: &impl Documents,
    status: u16,
    created: (i64, i64),
    skip: u64,
    limit: u64,
) -> Result<Vec<u64>, StoreError> {
    let mut ids = Vec::new();
    let mut left_out = 0;
    if limit == 0 {
        return Ok(ids);
    }
    documents.scan(&status_prefix(status), &mut |key, value| {
        let at = <[u8; 8]>::try_from(value).map_or(0, i64::from_be_bytes);
        if at < created.0 || at >= created.1 {
            return ControlFlow::Continue(());
        }
        left_out += 1;
        if left_out <= skip {
            return ControlFlow::Continue(());
        }
        let id = key.rsplit('/').next();
        ids.extend(id.and_then(|id| id.parse::<u64>().ok()));
        if u64::try_from(ids.len()).is_ok_and(|count| count >= limit) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    Ok(ids)
}
