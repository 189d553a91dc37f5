//! Transactions: one respondent's way through one survey, and the call that ends it
//! (vendor wiki 687308853).

use http::StatusCode;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::envelope::{Outcome, not_found, ok, transaction as refused};
use super::feasibility::market_price;
use super::lifecycle::pause_if_full;
use super::performance::money;
use super::record::{Survey, find, letters, load, save};
use super::respondents::{count_complete, refuse, survey_id};
use crate::sandbox::{Call, Documents, Failure, World};

const NEXT: &str = "purespectrum/next_transaction";
/// The statuses the call may set.
const SETTABLE: [u16; 5] = [17, 18, 20, 21, 30];
/// The statuses it may change: in progress, drop, too quick (numbers: supplier wiki 296550422).
const OPEN: [u16; 3] = [16, 19, 29];

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Transaction {
    id: String,
    survey: u64,
    status: u16,
    entered_ms: i64,
    returned_ms: Option<i64>,
    /// What the respondent cost, in USD.
    cpi: Option<Decimal>,
    /// Quotas named by the call that ended it.
    quotas: Vec<String>,
}

fn key(survey: u64, id: &str) -> String {
    format!("purespectrum/transaction/{survey:020}/{id}")
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
        batch.put_json(&key(survey.id, id), &transaction)?;
        pause_if_full(&mut survey, now);
        save(batch, &survey, Some(before))?;
        ok(&json!([]))
    })
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
    put("Reconciliation Status", json!(0));
    put("Reconciliation Date", json!(""));
    put("Reconciliation Reason", json!(""));
    put("Transaction Original Status", json!(""));
    put("Transaction Original Description", json!(""));
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
/// status. Counters do not move: only the status call does that.
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Outcome {
    const KNOWN: [&str; 7] = [
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
            let survey = load(batch, &named)?;
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
            let transaction = Transaction {
                id: id.clone(),
                survey: survey.id,
                status,
                entered_ms: now,
                returned_ms: (!is_open).then_some(now),
                cpi: (status == 21).then(|| cpi(&survey)),
                quotas: Vec::new(),
            };
            batch.put_json(&key(survey.id, &id), &transaction)?;
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
