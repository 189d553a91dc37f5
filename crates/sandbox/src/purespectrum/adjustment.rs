//! Reconciliation after the fact: the live one, which changes what it lists, and the accept list, which on the same path
//! and without a query string rejects every complete it does not list (vendor wiki 2618589185, 2311159820).

use super::envelope::SYNTAX_ERROR;
use super::prelude::*;
use super::transaction::{COMPLETE, REJECTED, Transaction};

const NEXT: &str = "purespectrum/next_adjustment";
const LATER: &str = "purespectrum/pending_adjustment/";

/// Statuses that a live reconciliation turns into completes. "Buyer_*", says wiki 2618589185; which ones is assumed.
const MAY_BECOME_COMPLETE: [u16; 7] = [17, 18, 20, 21, 30, 31, 33];

/// A change that was only taken: survey, status, reason.
type Waiting = (u64, u16, Option<String>);

/// One row of a body.
struct Row {
    id: String,
    reason: Option<String>,
}

/// What a live reconciliation came to.
#[derive(Default)]
struct Summary {
    transactions: u64,
    eligible: u64,
    already: u64,
    live_reconciled: u64,
    changed: u64,
}

/// `POST /adjustments` and `POST /adjustments/surveys/{id}`
///
/// A missing `operationType` makes it an accept list, as the vendor has it. Everything else about wrong parameters is
/// assumed: 400.
pub(super) fn post(world: &World, call: &Call, survey: Option<&str>) -> Outcome {
    let rows = rows(call)?;
    if let Some(survey) = survey {
        load(&world.store.view()?, survey)?;
    }
    match call.parameter("operationType") {
        None if call.parameter("reconStatus").is_none() => accept(world, survey, &rows),
        Some("LIVE_RECONCILIATION") => {
            let wanted = match call.parameter("reconStatus") {
                Some("1") => COMPLETE,
                Some("2") => REJECTED,
                _ => return Err(invalid("reconStatus must be 1 or 2")),
            };
            live(world, survey, &rows, wanted)
        }
        _ => Err(invalid("unknown operationType")),
    }
}

fn rows(call: &Call) -> Result<Vec<Row>, Failure> {
    let body: Value = serde_json::from_slice(&call.body).map_err(|_| SYNTAX_ERROR)?;
    let items = body.as_array().filter(|items| !items.is_empty());
    let items = items.ok_or_else(|| invalid("an array of transactions is needed"))?;
    let row = |item: &Value| {
        let id = item.text("transaction_id").filter(|id| !id.is_empty());
        let id = id.ok_or_else(|| invalid("transaction_id must be a string"))?;
        let reason = item.text("change_reason").map(str::to_owned);
        Ok(Row {
            id: id.to_owned(),
            reason,
        })
    };
    items.iter().map(row).collect()
}

/// Changes what is listed. The summary follows the one rule that fits the first documented sample: eligible are those
/// that may be reconciled, including those that have the status already; the second sample fits no rule.
fn live(world: &World, survey: Option<&str>, rows: &[Row], wanted: u16) -> Outcome {
    let later = world.is_on(switches::RECONCILIATION_LATER);
    let now = world.now_ms();
    let (summary, id) = world.store.write(|batch| {
        let mut summary = Summary {
            transactions: u64::try_from(rows.len()).unwrap_or(u64::MAX),
            ..Summary::default()
        };
        for row in rows {
            let Some(mut transaction) = Transaction::find(batch, survey, &row.id)? else {
                continue;
            };
            let may = match wanted {
                COMPLETE => MAY_BECOME_COMPLETE.contains(&transaction.status),
                _ => [COMPLETE, REJECTED].contains(&transaction.status),
            };
            if !may || transaction.locked {
                continue;
            }
            summary.eligible += 1;
            if transaction.status == wanted {
                summary.already += 1;
                summary.live_reconciled += u64::from(transaction.live_reconciled);
                continue;
            }
            summary.changed += 1;
            transaction.reason = row.reason.clone();
            if later {
                let key = format!("{LATER}{}", row.id);
                batch.put_json(&key, &(transaction.survey, wanted, row.reason.clone()))?;
            } else {
                transaction.live_reconciled = true;
                change(batch, transaction, wanted, now)?;
            }
        }
        Ok::<_, Failure>((summary, take_id(batch, world.seed)?))
    })?;
    let counts = if world.is_on(switches::NEWER_RECONCILIATION_SUMMARY) {
        let changed_if = |status| if wanted == status { summary.changed } else { 0 };
        json!({
            "desiredStatus": wanted, "eligible": summary.eligible, "rejected": changed_if(REJECTED),
            "completed": changed_if(COMPLETE), "test": 0, "transactions": summary.transactions,
            "transactionsWithDesiredStatus": summary.already, "isApiUser": true,
        })
    } else {
        json!({
            "desiredStatus": wanted, "transactions": summary.transactions, "eligible": summary.eligible,
            "liveReconciled": summary.live_reconciled, "rejected": summary.transactions - summary.eligible,
        })
    };
    if later {
        return pending(&id, &counts);
    }
    ok(&json!({"adjustment_id": id, "summary": counts}))
}

fn pending(id: &str, counts: &Value) -> Outcome {
    let body = json!({"adjustment_id": id, "statusDescription": "Pending", "status": 1, "summary": counts});
    Ok(Answer::json(StatusCode::ACCEPTED, &body))
}

/// Accepts what is listed and rejects every other complete of the survey. Without a survey in the path the surveys of the
/// listed transactions are meant (assumed).
fn accept(world: &World, survey: Option<&str>, rows: &[Row]) -> Outcome {
    let now = world.now_ms();
    let listed: BTreeSet<&str> = rows.iter().map(|row| row.id.as_str()).collect();
    let (counts, id) = world.store.write(|batch| {
        let survey_id = survey.and_then(|survey| survey.parse().ok());
        let mut surveys: BTreeSet<u64> = survey_id.into_iter().collect();
        let mut eligible = 0_u64;
        for id in &listed {
            if let Some(transaction) = Transaction::find(batch, survey, id)? {
                surveys.insert(transaction.survey);
                eligible += u64::from(MAY_BECOME_COMPLETE.contains(&transaction.status));
            }
        }
        let (mut completes, mut rejected) = (0_u64, 0_u64);
        for survey in surveys {
            for transaction in Transaction::all(batch, survey)? {
                let is_listed = listed.contains(transaction.id.as_str());
                if is_listed && transaction.status != COMPLETE {
                    if MAY_BECOME_COMPLETE.contains(&transaction.status) && !transaction.locked {
                        completes += 1;
                        change(batch, transaction, COMPLETE, now)?;
                    }
                } else if !is_listed && transaction.status == COMPLETE && !transaction.locked {
                    rejected += 1;
                    change(batch, transaction, REJECTED, now)?;
                }
            }
        }
        let counts = json!({
            "transactions": rows.len(), "eligible": eligible, "completes": completes, "rejected": rejected,
        });
        Ok::<_, Failure>((counts, take_id(batch, world.seed)?))
    })?;
    pending(&id, &counts)
}

/// Gives a transaction its new status, and moves the counters of its survey with it.
fn change(batch: &mut Batch<'_>, mut transaction: Transaction, to: u16, now: i64) -> Result<(), Failure> {
    let mut survey = load(batch, &transaction.survey.to_string())?;
    let before = survey.status;
    transaction.original.get_or_insert(transaction.status);
    if to == COMPLETE {
        transaction.count_in(&mut survey, now);
    } else if transaction.counted {
        transaction.count_out(&mut survey);
    }
    transaction.status = to;
    transaction.reconciled_ms = Some(now);
    transaction.save(batch)?;
    save(batch, &survey, Some(before))?;
    Ok(())
}

fn take_id(batch: &mut Batch<'_>, seed: u64) -> Result<String, StoreError> {
    let serial = batch.take_number(NEXT, 1)?;
    let name = letters(&format!("adjustment/{seed}/{serial}"), 16);
    Ok(uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, name.as_bytes()).to_string())
}

/// Works through what was only taken so far.
pub(super) fn clock_moved(world: &World) -> Result<Vec<Value>, StoreError> {
    let now = world.now_ms();
    let outcome = world.store.write(|batch| {
        let mut changes = Vec::new();
        let waiting: Vec<(String, Waiting)> = batch.entries(LATER)?;
        for (key, (survey, wanted, reason)) in waiting {
            batch.delete(&key)?;
            let id = key.trim_start_matches(LATER);
            if let Some(mut transaction) = Transaction::find(batch, Some(&survey.to_string()), id)? {
                let from = transaction.status;
                transaction.reason = reason;
                transaction.live_reconciled = true;
                change(batch, transaction, wanted, now)?;
                changes.push(json!({
                    "vendor": "purespectrum", "transaction_id": id, "from": from, "to": wanted,
                }));
            }
        }
        Ok::<_, Failure>(changes)
    });
    match outcome {
        Ok(changes) => Ok(changes),
        Err(Failure::Store(error)) => Err(error),
        Err(Failure::Refused(_)) => Ok(Vec::new()),
    }
}
