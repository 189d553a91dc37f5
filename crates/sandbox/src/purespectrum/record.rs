//! What the emulated vendor remembers about a survey, and under which keys.
//!
//! One key per survey, and one small index key per survey and status, so that a page of a list
//! reads the surveys on that page and no others.

use super::envelope::{FOREIGN, NO_SURVEY};
use super::prelude::*;
use super::supplier::Allocation;
use super::targeting::Qualification;
use sha2::{Digest, Sha256};
use std::ops::{ControlFlow, Range};
use uuid::Uuid;

/// The account that the token `sandbox` belongs to.
pub(super) const OWN_ACCOUNT: u64 = 1;
/// Somebody else's account.
pub(super) const OTHER_ACCOUNT: u64 = 2;

pub(super) const DRAFT: u16 = 11;
pub(super) const LIVE: u16 = 22;
pub(super) const PAUSED: u16 = 33;
pub(super) const CLOSED: u16 = 44;

/// Where the next survey id is counted.
pub(super) const NEXT_ID: &str = "purespectrum/next_id";

/// A survey as stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Survey {
    pub(super) id: u64,
    pub(super) account: u64,
    pub(super) status: u16,
    /// The status it was stored with, `None` for a new one.
    #[serde(skip)]
    pub(super) stored: Option<u16>,
    /// Fields the caller wrote, by the vendor's names; hidden ones included.
    pub(super) fields: Map<String, Value>,
    pub(super) qualifications: Vec<Qualification>,
    pub(super) quotas: Vec<Quota>,
    pub(super) template_id: Option<i64>,
    pub(super) counts: Counts,
    /// People who take part.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) inside: Vec<Party>,
    /// People who have completed, in their order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) done: Vec<Party>,
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
    pub(super) criteria: Vec<Qualification>,
    pub(super) fielded: u64,
    pub(super) suppliers: Option<Vec<Allocation>>,
    pub(super) created_ms: i64,
    pub(super) modified_ms: i64,
}

/// Some people in the same quotas.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Party {
    /// The vendor's ids of the quotas.
    pub(super) quotas: Vec<String>,
    /// What each has cost, in USD; none before they complete.
    pub(super) price: Option<Decimal>,
    pub(super) people: u64,
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

    /// Returns where the quota is that `id` names.
    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.quotas.iter().position(|quota| quota.is_called(id))
    }

    /// Returns the quotas that these ids name.
    pub(super) fn named<'s>(&'s mut self, ids: &'s [String]) -> impl Iterator<Item = &'s mut Quota> {
        let is_named = |quota: &&mut Quota| ids.iter().any(|id| quota.is_called(id));
        self.quotas.iter_mut().filter(is_named)
    }

    /// Refuses an edit of a closed survey.
    pub(super) fn refuse_closed(&self) -> Result<(), Failure> {
        match self.status {
            CLOSED => Err(SURVEY_CLOSED.into()),
            _ => Ok(()),
        }
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
    let survey: Option<Survey> = documents.get_json(&survey_key(id))?;
    Ok(survey.map(|survey| Survey {
        stored: Some(survey.status),
        ..survey
    }))
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

/// Lets `work` change the caller's survey that a path names, and stores it; all or nothing.
pub(super) fn change<R>(
    world: &World,
    id: &str,
    work: impl FnOnce(&mut Survey) -> Result<R, Failure>,
) -> Result<R, Failure> {
    world.store.write(|batch| {
        let mut survey = load(batch, id)?;
        let result = work(&mut survey)?;
        save(batch, &survey)?;
        Ok(result)
    })
}

/// Stores a survey.
pub(super) fn save(batch: &mut Batch<'_>, survey: &Survey) -> Result<(), StoreError> {
    batch.put_json(&survey_key(survey.id), survey)?;
    if survey.stored == Some(survey.status) || survey.account != OWN_ACCOUNT {
        return Ok(());
    }
    if let Some(before) = survey.stored {
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

/// Returns the ids of the caller's surveys with `status`, ascending, created within a span of milliseconds: those at the
/// positions of a page.
pub(super) fn list(
    documents: &impl Documents,
    status: u16,
    created: &Range<i64>,
    page: &Range<usize>,
) -> Result<Vec<u64>, StoreError> {
    let mut found = Vec::new();
    documents.scan(&status_prefix(status), &mut |key, value| {
        let at = <[u8; 8]>::try_from(value).map_or(0, i64::from_be_bytes);
        if created.contains(&at) {
            found.extend(key.rsplit('/').next().and_then(|id| id.parse::<u64>().ok()));
        }
        match found.len() < page.end {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        }
    })?;
    Ok(found.split_off(page.start.min(found.len())))
}
