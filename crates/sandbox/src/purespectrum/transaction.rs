//! Transactions: one respondent's way through one survey, the call that ends it (vendor wiki
//! 687308853), and the redirect that would end it otherwise.

use super::envelope::{NO_TRANSACTION, envelope, transaction as refused};
use super::field::page;
use super::performance::money;
use super::prelude::*;
use super::respondents::count_complete;
use jiff::Timestamp;

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
        store: &impl Documents,
        survey: Option<&str>,
        id: &str,
    ) -> Result<Option<Self>, StoreError> {
        let survey = match survey {
            Some(survey) => survey.parse().ok(),
            None => store.get_json(&survey_key(id))?,
        };
        survey.map_or(Ok(None), |survey| store.get_json(&key(survey, id)))
    }

    /// Returns every transaction of a survey.
    pub(super) fn all(documents: &impl Documents, survey: u64) -> Result<Vec<Self>, StoreError> {
        documents.all(&of_survey(survey))
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

    /// A live reconciliation gives it its next status, for a reason.
    pub(super) fn reconcile(&mut self, reason: Option<String>) {
        self.reason = reason;
        self.live_reconciled = true;
    }

    /// Ends it with a status, which counts in these quotas, and stores it and its survey.
    fn end(
        mut self,
        batch: &mut Batch<'_>,
        mut survey: Survey,
        status: u16,
        quotas: Vec<String>,
        now: i64,
    ) -> Result<(), StoreError> {
        count(&mut survey, status, &quotas, now);
        self.cpi = (status == COMPLETE).then(|| cpi(&survey));
        self.status = status;
        self.returned_ms = Some(now);
        self.quotas = quotas;
        self.counted = status == COMPLETE;
        self.save(batch)?;
        pause_if_full(&mut survey, now);
        save(batch, &survey)
    }

    /// Takes it out of the counts again.
    pub(super) fn count_out(&mut self, survey: &mut Survey) {
        survey.counts.completes = survey.counts.completes.saturating_sub(1);
        survey.cost -= self.cpi.unwrap_or_default();
        for quota in survey.named(&self.quotas) {
            quota.fielded = quota.fielded.saturating_sub(1);
        }
        self.counted = false;
    }
}

/// `POST /surveys/{id}/transactions/{transaction}/status?st=&quota_id=`
///
/// The order of the checks is assumed: 1002, 1001, 1004, 1003, 1005.
pub(super) fn set_status(world: &World, call: &Call, survey: &str, id: &str) -> Outcome {
    let wanted = call.parameter("st").filter(|st| !st.is_empty());
    let wanted = wanted.ok_or_else(|| refused(1002))?;
    let status = wanted.parse().ok().filter(|status| SETTABLE.contains(status));
    let status = status.ok_or_else(|| refused(1001))?;
    let quotas = call.parameter("quota_id").unwrap_or_default().split(',');
    let quotas = quotas.map(|quota| quota.trim().to_owned());
    let quotas: Vec<String> = quotas.filter(|quota| !quota.is_empty()).collect();
    world.store.write(|batch| {
        let found = Transaction::find(batch, Some(survey), id)?;
        let mut transaction = found.ok_or_else(|| refused(1004))?;
        let survey = load(batch, survey)?;
        if !OPEN.contains(&transaction.status) {
            return Err(refused(1003));
        }
        let known = |id: &String| survey.position(id).is_some();
        if status == COMPLETE && survey.has_qlc() && (quotas.is_empty() || !quotas.iter().all(known)) {
            return Err(refused(1005));
        }
        transaction.settled = true;
        transaction.end(batch, survey, status, quotas, world.now_ms())?;
        ok(&json!([]))
    })
}

/// `GET /surveydone?st=&transaction_id=`, where a browser comes back from the buyer's survey. What the API said
/// before stays the truth (vendor wiki 687308853); what is shown to the browser is assumed. Hashing is not emulated.
pub(super) fn redirect(world: &World, call: &Call) -> Outcome {
    let id = call.parameter("transaction_id").unwrap_or_default();
    let status: Option<u16> = call.parameter("st").and_then(|status| status.parse().ok());
    world.store.write(|batch| {
        let transaction = Transaction::find(batch, None, id)?.ok_or(NO_TRANSACTION)?;
        let open = !transaction.settled && OPEN.contains(&transaction.status);
        let ends = status.filter(|status| open && SETTABLE.contains(status));
        let shown = json!({"transaction_id": id, "status": ends.unwrap_or(transaction.status)});
        if let Some(status) = ends {
            let survey = load(batch, &transaction.survey.to_string())?;
            transaction.end(batch, survey, status, Vec::new(), world.now_ms())?;
        }
        ok(&shown)
    })
}

/// `GET /buyers/v3/surveys/{id}/transactions`: that there is such a variant is known (vendor wiki 3199139844), its path and
/// its pages are assumed.
pub(super) fn list(world: &World, call: &Call, survey: &str) -> Outcome {
    if !world.is_on(switches::TRANSACTIONS_BY_SURVEY) {
        let message = format!("Cannot GET /buyers/v3/surveys/{survey}/transactions");
        return Err(envelope(StatusCode::NOT_FOUND, 9999, &message).into());
    }
    let page = page(call, PAGE_MAX, PAGE_MAX)?;
    let documents = world.store.view()?;
    let survey = load(&documents, survey)?;
    let all = Transaction::all(&documents, survey.id)?.into_iter();
    let page = all.skip(page.start).take(page.len());
    ok(&page.map(|transaction| shown(&survey, &transaction)).collect())
}

fn count(survey: &mut Survey, status: u16, quotas: &[String], now: i64) {
    match status {
        17 => survey.counts.over_quotas += 1,
        18 => survey.counts.terminations += 1,
        20 => survey.counts.quality_terminations += 1,
        21 => {
            for quota in survey.named(quotas) {
                quota.fielded += 1;
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
    ok(&json!([shown(&survey, &found.ok_or(NO_TRANSACTION)?)]))
}

fn shown(survey: &Survey, transaction: &Transaction) -> Value {
    let entered = time(Some(transaction.entered_ms));
    let returned = time(transaction.returned_ms);
    let id = survey.id;
    let original = transaction.original;
    json!({
        "Survey ID": id,
        "Parent ID": id.to_string(),
        "PSID": format!("psid-{}", transaction.id),
        "Transaction ID": transaction.id,
        "Project Name": survey.fields.text("survey_title"),
        "Child Type": "Parent",
        "Survey Country": "United States",
        "Survey Language": "English",
        "Supplier ID": 1,
        "Supplier Name": "Supplier 1",
        "Supplier Group": "",
        "PO / Billing": survey.fields.text("billing_id").unwrap_or(&format!("PS{id}")),
        "Requested By": "sandbox",
        "Supplier Respondent ID": "",
        "Supplier Sid": "",
        "Buyer ID": survey.account,
        "Buyer Name": "Sandbox Buyer",
        "PS Entry DateTime": entered,
        "Buyer Survey Entry Datetime": entered,
        "Buyer Survey Return Datetime": returned,
        "PS Exit Datetime": returned,
        "Respondent Status Code": transaction.status,
        "Respondent Status Description": description(transaction.status),
        "Offer ID": "",
        "Respondent Source": "screener",
        "Expected Buyer CPI": number(cpi(survey)),
        "Expected Buyer CPI Fx": "",
        "Block": 1,
        "Is Block Factor": 1,
        "GPP": 0,
        "GPP LOI": survey.number("expected_loi"),
        "GPP IR": survey.number("expected_ir"),
        "Respondent LOI": "",
        "Respondent Buyer CPI": transaction.cpi.map(money).unwrap_or_default(),
        // The numbers of this status are assumed; only 0 was seen.
        "Reconciliation Status": u8::from(transaction.reconciled_ms.is_some()),
        "Reconciliation Date": time(transaction.reconciled_ms),
        "Reconciliation Reason": transaction.reason.as_deref().unwrap_or_default(),
        "Transaction Original Status": original.map_or(json!(""), Value::from),
        "Transaction Original Description": original.map(description).unwrap_or_default(),
    })
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

/// A transaction to make.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Made {
    #[serde(alias = "survey_id")]
    survey: simulation::Id,
    #[serde(alias = "id")]
    transaction_id: Option<String>,
    status: Option<u16>,
    #[serde(default)]
    count: bool,
    #[serde(default)]
    locked: bool,
}

/// `POST /_sandbox/transactions`: makes one transaction, or several given as `transactions`, in any
/// status. Counters do not move unless `count` asks for it: otherwise only the vendor's own calls do that. A `locked` one
/// is invoiced already, and nothing changes it any more.
pub(super) fn simulate(world: &World, body: &Map<String, Value>) -> Outcome {
    let items: Vec<Made> = simulation::transactions(body)?;
    let now = world.now_ms();
    let mut shown = world.store.write(|batch| {
        let mut shown = Vec::with_capacity(items.len());
        for item in items {
            let mut survey = load(batch, &item.survey.to_string())?;
            let status = item.status.unwrap_or(16);
            if !(11..=33).contains(&status) {
                return Err(refuse("status must be a number from 11 to 33"));
            }
            let serial = batch.take_number(NEXT, 1)?;
            let made_up = || letters(&format!("transaction/{}/{serial}", world.seed), 22);
            let id = item.transaction_id.unwrap_or_else(made_up);
            if id.is_empty() || id.contains('/') {
                return Err(refuse("transaction_id must not be empty, and has no slash"));
            }
            if batch.get(&key(survey.id, &id))?.is_some() {
                let message = format!("transaction {id} exists already");
                return Err(refuse_with(StatusCode::CONFLICT, message));
            }
            let mut transaction = Transaction {
                id: id.clone(),
                survey: survey.id,
                status,
                entered_ms: now,
                returned_ms: (!OPEN.contains(&status)).then_some(now),
                cpi: (status == COMPLETE).then(|| cpi(&survey)),
                locked: item.locked,
                ..Transaction::default()
            };
            if status == COMPLETE && item.count {
                transaction.count_in(&mut survey, now);
                save(batch, &survey)?;
            }
            transaction.save(batch)?;
            shown.push(json!({
                "vendor": "purespectrum", "survey": survey.id, "transaction_id": id, "status": status,
            }));
        }
        Ok::<_, Failure>(shown)
    })?;
    match body.get("transactions") {
        None => ok(&shown.remove(0)),
        Some(_) => ok(&Value::Array(shown)),
    }
}
