//! Reconciliation after the fact: the live one, which changes what it lists, and the accept list, which on the same path
//! and without a query string rejects every complete it does not list (vendor wiki 2618589185, 2311159820).

use super::prelude::*;
use super::transaction::{COMPLETE, REJECTED, Transaction};

const NEXT: &str = "purespectrum/next_adjustment";
const LATER: &str = "purespectrum/pending_adjustment/";

/// Statuses that a live reconciliation turns into completes. "Buyer_*", says wiki 2618589185; which ones is assumed.
const MAY_BECOME_COMPLETE: [u16; 7] = [17, 18, 20, 21, 30, 31, 33];

/// A change that was only taken: survey, status, reason.
type Waiting = (u64, u16, Option<String>);

/// One row of a body.
#[derive(Deserialize)]
struct Row {
    transaction_id: String,
    change_reason: Option<String>,
}

/// `POST /adjustments` and `POST /adjustments/surveys/{id}`
///
/// A missing `operationType` makes it an accept list, as the vendor has it. Everything else about wrong parameters is
/// assumed: 400.
pub(super) fn post(world: &World, call: &Call, survey: Option<&str>) -> Outcome {
    let rows: Vec<Row> = body(call)?;
    if rows.is_empty() || rows.iter().any(|row| row.transaction_id.is_empty()) {
        return Err(invalid(
            "an array of transactions is needed, each with a transaction_id",
        ));
    }
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

/// Changes what is listed. The summary follows the one rule that fits the first documented sample: eligible are those
/// that may be reconciled, including those that have the status already; the second sample fits no rule.
fn live(world: &World, survey: Option<&str>, rows: &[Row], wanted: u16) -> Outcome {
    let later = world.is_on(switches::RECONCILIATION_LATER);
    let now = world.now_ms();
    let (mut eligible, mut already, mut reconciled, mut changed) = (0_usize, 0_u64, 0_u64, 0_u64);
    let id = world.store.write(|batch| {
        for row in rows {
            let Some(mut transaction) = Transaction::find(batch, survey, &row.transaction_id)? else {
                continue;
            };
            let may = match wanted {
                COMPLETE => MAY_BECOME_COMPLETE.contains(&transaction.status),
                _ => [COMPLETE, REJECTED].contains(&transaction.status),
            };
            if !may || transaction.locked {
                continue;
            }
            eligible += 1;
            if transaction.status == wanted {
                already += 1;
                reconciled += u64::from(transaction.live_reconciled);
                continue;
            }
            changed += 1;
            if later {
                let waiting: Waiting = (transaction.survey, wanted, row.change_reason.clone());
                batch.put_json(&format!("{LATER}{}", row.transaction_id), &waiting)?;
            } else {
                transaction.reconcile(row.change_reason.clone());
                change(batch, transaction, wanted, now)?;
            }
        }
        take_id(batch, world.seed)
    })?;
    let transactions = rows.len();
    let counts = if world.is_on(switches::NEWER_RECONCILIATION_SUMMARY) {
        let changed_if = |status| if wanted == status { changed } else { 0 };
        json!({
            "desiredStatus": wanted, "eligible": eligible, "rejected": changed_if(REJECTED),
            "completed": changed_if(COMPLETE), "test": 0, "transactions": transactions,
            "transactionsWithDesiredStatus": already, "isApiUser": true,
        })
    } else {
        json!({
            "desiredStatus": wanted, "transactions": transactions, "eligible": eligible,
            "liveReconciled": reconciled, "rejected": transactions - eligible,
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
    let listed: BTreeSet<&str> = rows.iter().map(|row| row.transaction_id.as_str()).collect();
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
            let all = Transaction::all(batch, survey)?.into_iter();
            for transaction in all.filter(|transaction| !transaction.locked) {
                let is_listed = listed.contains(transaction.id.as_str());
                let is_complete = transaction.status == COMPLETE;
                if is_listed && !is_complete && MAY_BECOME_COMPLETE.contains(&transaction.status) {
                    completes += 1;
                    change(batch, transaction, COMPLETE, now)?;
                } else if !is_listed && is_complete {
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
    transaction.original.get_or_insert(transaction.status);
    if to == COMPLETE {
        transaction.count_in(&mut survey, now);
    } else if transaction.counted {
        transaction.count_out(&mut survey);
    }
    transaction.status = to;
    transaction.reconciled_ms = Some(now);
    transaction.save(batch)?;
    Ok(save(batch, &survey)?)
}

fn take_id(batch: &mut Batch<'_>, seed: u64) -> Result<String, Failure> {
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
                transaction.reconcile(reason);
                change(batch, transaction, wanted, now)?;
                changes.push(json!({
                    "vendor": "purespectrum", "transaction_id": id, "from": from, "to": wanted,
                }));
            }
        }
        Ok::<_, Failure>(changes)
    });
    match outcome {
        Err(Failure::Store(error)) => Err(error),
        outcome => Ok(outcome.unwrap_or_default()),
    }
}
