//! Transactions: one respondent's way through one survey, the call that ends it (vendor wiki
//! 687308853), and the redirect that would end it otherwise.

use std::ops::ControlFlow;

use http::StatusCode;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::envelope::{Outcome, not_found, ok, transaction as refused};
use super::feasibility::market_price;
use super::lifecycle::pause_if_full;
use super::performance::money;
use super::record::{Survey, find, letters, load, save};
use super::respondents::{count_complete, refuse, survey_id};
use super::switches;
use crate::{Batch, Call, Documents, Failure, StoreError, World};

const NEXT: &str = "purespectrum/next_transaction";
/// The statuses the call may set.
const SETTABLE: [u16; 5] = [17, 18, 20, 21, 30];
/// The statuses it may change: in progress, drop, too quick (numbers: supplier wiki 296550422).
const OPEN: [u16; 3] = [16, 19, 29];

pub(super) const COMPLETE: u16 = 21;
pub(super) const REJECTED: u16 = 33;

/// Largest page of a survey's transactions (assumed).
const PAGE_MAX: usize = 1000;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Transaction {
    pub(super) id: String,
    pub(super) survey: u64,
    pub(super) status: u16,
    entered_ms: i64,
    returned_ms: Option<i64>,
    /// What the respondent cost, in USD.
    cpi: Option<Decimal>,
    /// Quotas named by the call that ended it.
    quotas: Vec<String>,
    /// The API said how it ended: a later redirect says nothing.
    settled: bool,
    /// The survey's counters count it as a complete.
    pub(super) counted: bool,
    /// Reconciled and invoiced: nothing changes it any more.
    pub(super) locked: bool,
    /// The status it had before it was first reconciled.
    pub(super) original: Option<u16>,
    /// A live reconciliation gave it its status.
    pub(super) live_reconciled: bool,
    pub(super) reason: Option<String>,
    pub(super) reconciled_ms: Option<i64>,
}

fn of_survey(survey: u64) -> String {
    format!("purespectrum/transaction/{survey:020}/")
}

fn key(survey: u64, id: &str) -> String {
    format!("{}{id}", of_survey(survey))
}

/// Which survey a transaction belongs to, for calls that do not say it.
fn survey_key(id: &str) -> String {
    format!("purespectrum/survey_of_transaction/{id}")
}

impl Transaction {
    /// Finds a transaction, in one survey or in whichever it is.
    pub(super) fn find(
        documents: &impl Documents,
        survey: Option<&str>,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        let survey = match survey {
            Some(survey) => survey.parse().ok(),
            None => documents.get_json(&survey_key(id))?,
        };
        survey.map_or(Ok(None), |survey| documents.get_json(&key(survey, id)))
    }

    /// Returns every transaction of a survey.
    pub(super) fn all(documents: &impl Documents, survey: u64) -> Result<Vec<Self>, StoreError> {
        let mut all = Vec::new();
        scan_json(documents, &of_survey(survey), &mut |_, transaction| {
            all.push(transaction);
        })?;
        Ok(all)
    }

    /// Stores it.
    pub(super) fn save(&self, batch: &mut Batch<'_>) -> Result<(), StoreError> {
        batch.put_json(&survey_key(&self.id), &self.survey)?;
        batch.put_json(&key(self.survey, &self.id), self)
    }

    /// Counts it as a complete.
    pub(super) fn count_in(&mut self, survey: &mut Survey, now: i64) {
        if !self.counted {
            count(survey, COMPLETE, &self.quotas, now);
            self.counted = true;
        }
        self.cpi.get_or_insert_with(|| cpi(survey));
    }

    /// Takes it out of the counts again.
    pub(super) fn count_out(&mut self, survey: &mut Survey) {
        survey.counts.completes = survey.counts.completes.saturating_sub(1);
        survey.cost -= self.cpi.unwrap_or_default();
        for quota in &mut survey.quotas {
            if self.quotas.iter().any(|id| quota.is_called(id)) {
                quota.fielded = quota.fielded.saturating_sub(1);
            }
        }
        self.counted = false;
    }
}

/// Visits the JSON documents below a prefix.
pub(super) fn scan_json<T: DeserializeOwned>(
    documents: &impl Documents,
    prefix: &str,
    visit: &mut dyn FnMut(&str, T),
) -> Result<(), StoreError> {
    let mut problem = None;
    documents.scan(prefix, &mut |key, bytes| {
        match crate::decode(key, bytes) {
            Ok(value) => visit(key, value),
            Err(error) => {
                problem = Some(error);
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    })?;
    problem.map_or(Ok(()), Err)
}

/// `POST /surveys/{id}/transactions/{transaction}/status?st=&quota_id=`
///
/// The order of the checks is assumed: 1002, 1001, 1004, 1003, 1005.
pub(super) fn set_status(world: &World, call: &Call, survey: &str, id: &str) -> Outcome {
    let wanted = call.parameter("st").filter(|st| !st.is_empty());
    let wanted = wanted.ok_or_else(|| refused(1002))?;
    let status = wanted
        .parse()
        .ok()
        .filter(|status| SETTABLE.contains(status))
        .ok_or_else(|| refused(1001))?;
    let quotas: Vec<String> = call
        .parameter("quota_id")
        .unwrap_or_default()
        .split(',')
        .map(|quota| quota.trim().to_owned())
        .filter(|quota| !quota.is_empty())
        .collect();
    let now = world.now_ms();
    world.store.write(|batch| {
        let number: u64 = survey.parse().map_err(|_| refused(1004))?;
        if find(batch, number)?.is_none() {
            return Err(refused(1004));
        }
        let mut survey = load(batch, survey)?;
        let found: Option<Transaction> = batch.get_json(&key(survey.id, id))?;
        let mut transaction = found.ok_or_else(|| refused(1004))?;
        if !OPEN.contains(&transaction.status) {
            return Err(refused(1003));
        }
        let known = |id: &String| survey.quotas.iter().any(|quota| quota.is_called(id));
        if status == 21 && survey.has_qlc() && (quotas.is_empty() || !quotas.iter().all(known)) {
            return Err(refused(1005));
        }
        let before = survey.status;
        count(&mut survey, status, &quotas, now);
        transaction.cpi = (status == 21).then(|| cpi(&survey));
        transaction.status = status;
        transaction.returned_ms = Some(now);
        transaction.quotas = quotas;
        transaction.settled = true;
        transaction.counted = status == COMPLETE;
        transaction.save(batch)?;
        pause_if_full(&mut survey, now);
        save(batch, &survey, Some(before))?;
        ok(&json!([]))
    })
}

/// `GET /surveydone?st=&transaction_id=`, where a browser comes back from the buyer's survey. What the API said
/// before stays the truth (vendor wiki 687308853); what is shown to the browser is assumed. Hashing is not emulated.
pub(super) fn redirect(world: &World, call: &Call) -> Outcome {
    let id = call.parameter("transaction_id").unwrap_or_default();
    let status: Option<u16> = call.parameter("st").and_then(|status| status.parse().ok());
    let now = world.now_ms();
    world.store.write(|batch| {
        let Some(mut transaction) = Transaction::find(batch, None, id)? else {
            return Err(not_found("Transaction"));
        };
        let ends = status.filter(|status| SETTABLE.contains(status));
        if let Some(status) = ends
            && !transaction.settled
            && OPEN.contains(&transaction.status)
        {
            let mut survey = load(batch, &transaction.survey.to_string())?;
            let before = survey.status;
            count(&mut survey, status, &[], now);
            transaction.cpi = (status == COMPLETE).then(|| cpi(&survey));
            transaction.status = status;
            transaction.returned_ms = Some(now);
            transaction.counted = status == COMPLETE;
            transaction.save(batch)?;
            pause_if_full(&mut survey, now);
            save(batch, &survey, Some(before))?;
        }
        ok(&json!({"transaction_id": id, "status": transaction.status}))
    })
}

/// `GET /buyers/v3/surveys/{id}/transactions`: that there is such a variant is known (vendor wiki 3199139844), its path and
/// its pages are assumed.
pub(super) fn list(world: &World, call: &Call, survey: &str) -> Outcome {
    if !world.is_on(switches::TRANSACTIONS_BY_SURVEY) {
        let message = format!("Cannot GET /buyers/v3/surveys/{survey}/transactions");
        return Err(super::envelope::envelope(StatusCode::NOT_FOUND, 9999, &message).into());
    }
    let number = |name: &str| call.parameter(name).and_then(|text| text.parse::<usize>().ok());
    let limit = number("limit").unwrap_or(PAGE_MAX).clamp(1, PAGE_MAX);
    let skip = number("page")
        .unwrap_or(1)
        .saturating_sub(1)
        .saturating_mul(limit);
    let documents = world.store.view()?;
    let survey = load(&documents, survey)?;
    let mut page = Vec::new();
    let mut seen = 0;
    let mut problem = None;
    documents.scan(&of_survey(survey.id), &mut |key, bytes| {
        seen += 1;
        if seen <= skip {
            return ControlFlow::Continue(());
        }
        match crate::decode::<Transaction>(key, bytes) {
            Ok(transaction) => page.push(shown(&survey, &transaction)),
            Err(error) => problem = Some(error),
        }
        if page.len() >= limit || problem.is_some() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    match problem {
        Some(error) => Err(error.into()),
        None => ok(&Value::Array(page)),
    }
}

fn cpi(survey: &Survey) -> Decimal {
    survey.price().unwrap_or_else(|| market_price(survey))
}

fn count(survey: &mut Survey, status: u16, quotas: &[String], now: i64) {
    match status {
        17 => survey.counts.over_quotas += 1,
        18 => survey.counts.terminations += 1,
        20 => survey.counts.quality_terminations += 1,
        21 => {
            for quota in &mut survey.quotas {
                if quotas.iter().any(|id| quota.is_called(id)) {
                    quota.fielded += 1;
                }
            }
            count_complete(survey, now);
        }
        _ => {}
    }
}

/// `GET /buyers/v3/surveys/{id}/transactions/{transaction}` (vendor wiki 3199139844)
pub(super) fn read(world: &World, survey: &str, id: &str) -> Outcome {
    let documents = world.store.view()?;
    let survey = load(&documents, survey)?;
    let found: Option<Transaction> = documents.get_json(&key(survey.id, id))?;
    let transaction = found.ok_or_else(|| not_found("Transaction"))?;
    ok(&json!([shown(&survey, &transaction)]))
}

fn shown(survey: &Survey, transaction: &Transaction) -> Value {
    let entered = time(Some(transaction.entered_ms));
    let returned = time(transaction.returned_ms);
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| {
        shown.insert(name.to_owned(), value);
    };
    put("Survey ID", json!(survey.id));
    put("Parent ID", json!(survey.id.to_string()));
    put("PSID", json!(format!("psid-{}", transaction.id)));
    put("Transaction ID", json!(transaction.id));
    put("Project Name", json!(survey.text("survey_title")));
    put("Child Type", json!("Parent"));
    put("Survey Country", json!("United States"));
    put("Survey Language", json!("English"));
    put("Supplier ID", json!(1));
    put("Supplier Name", json!("Supplier 1"));
    put("Supplier Group", json!(""));
    let billing = survey.text("billing_id").map(str::to_owned);
    let billing = billing.unwrap_or_else(|| format!("PS{}", survey.id));
    put("PO / Billing", json!(billing));
    put("Requested By", json!("sandbox"));
    put("Supplier Respondent ID", json!(""));
    put("Supplier Sid", json!(""));
    put("Buyer ID", json!(survey.account));
    put("Buyer Name", json!("Sandbox Buyer"));
    put("PS Entry DateTime", json!(entered));
    put("Buyer Survey Entry Datetime", json!(entered));
    put("Buyer Survey Return Datetime", json!(returned));
    put("PS Exit Datetime", json!(returned));
    put("Respondent Status Code", json!(transaction.status));
    put(
        "Respondent Status Description",
        json!(description(transaction.status)),
    );
    put("Offer ID", json!(""));
    put("Respondent Source", json!("screener"));
    let expected: Option<Value> = serde_json::from_str(&cpi(survey).normalize().to_string()).ok();
    put("Expected Buyer CPI", json!(expected));
    put("Expected Buyer CPI Fx", json!(""));
    put("Block", json!(1));
    put("Is Block Factor", json!(1));
    put("GPP", json!(0));
    put("GPP LOI", json!(survey.number("expected_loi")));
    put("GPP IR", json!(survey.number("expected_ir")));
    put("Respondent LOI", json!(""));
    let paid = transaction.cpi.map(money).unwrap_or_default();
    put("Respondent Buyer CPI", json!(paid));
    // The numbers of this status are assumed; only 0 was seen.
    put(
        "Reconciliation Status",
        json!(u8::from(transaction.reconciled_ms.is_some())),
    );
    put("Reconciliation Date", json!(time(transaction.reconciled_ms)));
    let reason = transaction.reason.as_deref().unwrap_or_default();
    put("Reconciliation Reason", json!(reason));
    let original = transaction
        .original
        .map(|status| (json!(status), description(status)));
    let (status, name) = original.unwrap_or((json!(""), ""));
    put("Transaction Original Status", status);
    put("Transaction Original Description", json!(name));
    Value::Object(shown)
}

fn time(ms: Option<i64>) -> String {
    ms.and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .map(|at| at.strftime("%Y-%m-%d %H:%M:%S").to_string())
        .unwrap_or_default()
}

/// Names of statuses (supplier wiki 296550422).
fn description(status: u16) -> &'static str {
    match status {
        11 => "PS_Drop",
        16 => "Buyer_side_In_Progress",
        17 => "Buyer_QuotaFull",
        18 => "Buyer_Termination",
        19 => "Buyer_Drop",
        20 => "Buyer_Quality_Termination",
        21 => "Complete",
        29 => "PS LOI Threshold Failure",
        30 => "Buyer Security (De-Dupe)",
        33 => "Buyer_Reconciliation_Reject",
        _ => "Other",
    }
}

/// `POST /_sandbox/transactions`: makes one transaction, or several given as `transactions`, in any
/// status. Counters do not move unless `count` asks for it: otherwise only the vendor's own calls do that. A `locked` one
/// is invoiced already, and nothing changes it any more.
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Outcome {
    const KNOWN: [&str; 9] = [
        "count",
        "locked",
        "vendor",
        "survey",
        "survey_id",
        "transaction_id",
        "id",
        "status",
        "transactions",
    ];
    let bad = |message: String| refuse(StatusCode::BAD_REQUEST, message);
    if let Some(unknown) = body.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(bad(format!("unknown key {unknown:?}")));
    }
    let one = [Value::Object(body.clone())];
    let items = match body.get("transactions") {
        None => &one[..],
        Some(Value::Array(items)) => items,
        Some(_) => return Err(bad("transactions must be an array".into())),
    };
    let now = world.now_ms();
    let made = world.store.write(|batch| {
        let mut made = Vec::with_capacity(items.len());
        for item in items {
            let item = item
                .as_object()
                .ok_or_else(|| bad("a transaction must be an object".into()))?;
            let named = survey_id(item).or_else(|_| survey_id(body))?;
            let mut survey = load(batch, &named)?;
            let flag = |name: &str| item.get(name).or_else(|| body.get(name)) == Some(&Value::Bool(true));
            let status = item.get("status").or_else(|| body.get("status"));
            let status = match status {
                None => 16,
                Some(status) => status
                    .as_u64()
                    .and_then(|status| u16::try_from(status).ok())
                    .filter(|status| (11..=33).contains(status))
                    .ok_or_else(|| bad("status must be a number from 11 to 33".into()))?,
            };
            let serial: u64 = batch.get_json(NEXT)?.unwrap_or(1);
            batch.put_json(NEXT, &(serial + 1))?;
            let given = item.get("transaction_id").or_else(|| item.get("id"));
            let id = match given {
                None => letters(&format!("transaction/{}/{serial}", world.seed), 22),
                Some(Value::String(id)) if !id.is_empty() && !id.contains('/') => id.clone(),
                Some(_) => return Err(bad("transaction_id must be a string".into())),
            };
            if batch.get(&key(survey.id, &id))?.is_some() {
                let message = format!("transaction {id} exists already");
                return Err(refuse(StatusCode::CONFLICT, message));
            }
            let is_open = OPEN.contains(&status);
            let mut transaction = Transaction {
                id: id.clone(),
                survey: survey.id,
                status,
                entered_ms: now,
                returned_ms: (!is_open).then_some(now),
                cpi: (status == COMPLETE).then(|| cpi(&survey)),
                locked: flag("locked"),
                ..Transaction::default()
            };
            if status == COMPLETE && flag("count") {
                let before = survey.status;
                transaction.count_in(&mut survey, now);
                save(batch, &survey, Some(before))?;
            }
            transaction.save(batch)?;
            made.push(json!({
                "vendor": "purespectrum", "survey": survey.id, "transaction_id": id,
                "status": status,
            }));
        }
        Ok::<_, Failure>(made)
    })?;
    let shown = match body.get("transactions") {
        None => made.into_iter().next().unwrap_or(Value::Null),
        Some(_) => Value::Array(made),
    };
    ok(&shown)
}
