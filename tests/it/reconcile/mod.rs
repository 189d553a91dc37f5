//! Outcomes of transactions against the emulated vendor, in one process: the documented cases, trouble on the way, and
//! death at every boundary.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod world;

use infield::model::Mechanism;
use infield::reconcile::run::Tally;
use infield::reconcile::{Problem, Verdict};
use serde_json::json;
use std::fmt::Write as _;
use tokio_util::sync::CancellationToken;
use world::{Fate, Random, World};

fn calm() -> std::sync::Arc<Fate> {
    Fate::new(1, 0, None)
}

/// Transactions with every kind of status, what they should become, and what they then are.
const CASES: [(u16, &str, u16); 14] = [
    (16, "complete", 21),
    (19, "over_quota", 17),
    (29, "quality_termination", 20),
    (16, "termination", 18),
    (29, "dedupe", 30),
    (21, "reject", 33),
    (33, "complete", 21),
    (18, "complete", 21),
    (30, "complete", 21),
    (21, "complete", 21),
    (33, "reject", 33),
    // No way leads there.
    (18, "over_quota", 18),
    (13, "complete", 13),
    (19, "reject", 19),
];
/// How many of the cases change, and how many cannot.
const CHANGES: usize = 9;
const IMPOSSIBLE: usize = 3;

/// `rounds` times all cases: the list, and each transaction with its survey and its last status.
async fn everything(world: &World, rounds: usize) -> (String, Vec<(String, u64, u16)>) {
    let mut made = Vec::new();
    let mut ends = Vec::new();
    let mut list = String::from("transaction_id,outcome,reason,survey\n");
    for index in 0..rounds * CASES.len() {
        let (status, wanted, end) = CASES[index % CASES.len()];
        let id = format!("t{index}");
        let survey = world.survey(index);
        writeln!(list, "{id},{wanted},Suspected Fraud,{survey}").unwrap();
        made.push((id.clone(), status, false));
        ends.push((id, survey, end));
    }
    world.transactions(&made).await;
    (list, ends)
}

async fn expect_ends(world: &World, ends: &[(String, u64, u16)], seed: u64) {
    let mut completes = std::collections::BTreeMap::new();
    for (id, survey, end) in ends {
        assert_eq!(
            world.status(*survey, id).await,
            i64::from(*end),
            "{id}, seed {seed}"
        );
        *completes.entry(*survey).or_insert(0) += u64::from(*end == 21);
    }
    for (survey, completes) in completes {
        assert_eq!(
            world.completes(survey).await,
            completes,
            "completes of {survey}, seed {seed}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_state_takes_its_way_and_a_second_apply_sends_nothing() {
    let world = World::new(1).await;
    let (list, ends) = everything(&world, 1).await;
    let fate = calm();
    let plan = world.plan(&list, &fate).await.unwrap().unwrap();
    let counts = plan.counts();
    assert_eq!(
        (counts.change, counts.unchanged, counts.impossible),
        (CHANGES, 2, IMPOSSIBLE)
    );
    assert_eq!(
        counts.calls,
        5 + 2,
        "one for each open one, one for each outcome of the others"
    );
    let singles = plan
        .batches
        .iter()
        .filter(|batch| batch.mechanism == Mechanism::StatusCall);
    assert_eq!(singles.count(), 5);
    let ran = world.run(&plan, &fate).await.unwrap();
    let tally = Tally::of(&ran.verdicts);
    assert_eq!(
        (tally.changed, tally.unchanged, tally.refused),
        (CHANGES, 2, IMPOSSIBLE)
    );
    expect_ends(&world, &ends, 0).await;
    let fate = calm();
    let plan = world.plan(&list, &fate).await.unwrap().unwrap();
    assert!(plan.is_empty());
    assert_eq!(plan.counts().recorded, CHANGES + 2);
    // Only what could not be changed is asked for again.
    assert_eq!(fate.arrived.lock().unwrap().len(), IMPOSSIBLE);
    world.run(&plan, &fate).await.unwrap();
    assert_eq!(fate.writes(), []);
}

#[tokio::test(start_paused = true)]
async fn money_is_what_the_vendor_says_it_is() {
    let world = World::new(1).await;
    let (list, _) = everything(&world, 1).await;
    let plan = world.plan(&list, &calm()).await.unwrap().unwrap();
    let moved = plan.moved(None);
    let usd = iso_currency::Currency::USD;
    assert_eq!(moved.added.of(usd).to_string(), "5.20 USD");
    assert_eq!(moved.taken_back.of(usd).to_string(), "1.30 USD");
    assert_eq!(moved.unknown, 0);
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_leaves_as_it_is_is_told() {
    let world = World::new(1).await;
    world
        .transactions(&[("open".into(), 21, false), ("invoiced".into(), 21, true)])
        .await;
    let list = "transaction_id,outcome\nopen,reject\ninvoiced,reject\n";
    let plan = world.plan(list, &calm()).await.unwrap().unwrap();
    let ran = world.run(&plan, &calm()).await.unwrap();
    assert_eq!(ran.verdicts[0], Verdict::Changed);
    assert!(matches!(&ran.verdicts[1], Verdict::Refused(why) if why.contains("left this one as it is")));
    let plan = world.plan(list, &calm()).await.unwrap().unwrap();
    assert_eq!(plan.counts().change, 1, "it is not taken for done");
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_does_later_is_pending_until_it_shows() {
    let world = World::new(1).await;
    world
        .admin("/settings", json!({"reconciliation_later": true}))
        .await;
    world.transactions(&[("a".into(), 21, false)]).await;
    let list = "transaction_id,outcome\na,reject\n";
    let plan = world.plan(list, &calm()).await.unwrap().unwrap();
    let ran = world.run(&plan, &calm()).await.unwrap();
    assert!(ran.receipts[0].pending);
    assert!(matches!(&ran.verdicts[0], Verdict::Pending(_)), "{ran:?}");
    world.admin("/clock", json!({"advance": "1h"})).await;
    let plan = world.plan(list, &calm()).await.unwrap().unwrap();
    assert!(plan.is_empty());
    assert_eq!(plan.counts().unchanged, 1);
}

#[tokio::test(start_paused = true)]
async fn transactions_of_another_survey_are_told_row_by_row() {
    let world = World::new(2).await;
    world
        .transactions(&[("a".into(), 21, false), ("b".into(), 21, false)])
        .await;
    let list = "transaction_id,outcome\na,reject\nb,reject\nzzz,reject\n";
    let problems = world.plan(list, &calm()).await.unwrap().unwrap_err();
    let rows: Vec<u32> = problems
        .iter()
        .map(|problem| match problem {
            Problem::OtherSurvey { row, .. } => *row,
            Problem::Survey { .. } => panic!("{problem:?}"),
        })
        .collect();
    assert_eq!(rows, [1, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_complete_of_a_survey_with_quotas_names_them() {
    let world = World::new(0).await;
    let body = json!({
        "survey_title": "Tea habits", "survey_category_code": 211, "survey_localization": "en_US",
        "completes_required": 20, "expected_ir": 40, "expected_loi": 8, "field_time": 7,
        "live_url": "https://tea.example.com/s", "qlc": {"enable": true, "multiple_quotas": {"enable": true}},
        "quotas": [{"buyer_quota_id": "m", "required_count": 5,
            "criteria": [{"qualification_code": 211, "condition_codes": ["111"]}]}],
    });
    world.by_hand("POST", "/surveys", body).await;
    let item = |id: &str| json!({"transaction_id": id, "survey": 1_000_001, "status": 16});
    world
        .admin(
            "/transactions",
            json!({"vendor": "purespectrum", "transactions": [item("a"), item("b"), item("c")]}),
        )
        .await;
    let list = "transaction_id,outcome,quota_ids\na,complete,m\nb,complete,\nc,complete,nobody\n";
    let plan = world.plan(list, &calm()).await.unwrap().unwrap();
    assert_eq!((plan.counts().change, plan.counts().impossible), (2, 1));
    let ran = world.run(&plan, &calm()).await.unwrap();
    assert_eq!(ran.verdicts[0], Verdict::Changed);
    for (verdict, says) in [(&ran.verdicts[1], "quota_ids"), (&ran.verdicts[2], "1005")] {
        assert!(
            matches!(verdict, Verdict::Refused(why) if why.contains(says)),
            "{verdict:?}"
        );
    }
}

/// A hundred transactions and more are read by pages, and changed by as few calls as the vendor's lists allow.
#[tokio::test(start_paused = true)]
async fn many_transactions_take_few_calls() {
    let world = World::new(1).await;
    let made: Vec<_> = (0..2500).map(|n| (format!("t{n}"), 21, false)).collect();
    world.transactions(&made).await;
    let mut list = String::from("transaction_id,outcome\n");
    for n in 0..2500 {
        writeln!(list, "t{n},reject").unwrap();
    }
    let fate = calm();
    let plan = world.plan(&list, &fate).await.unwrap().unwrap();
    assert_eq!(fate.arrived.lock().unwrap().len(), 5, "pages of 500");
    assert_eq!(plan.counts().calls, 3, "lists of 1000");
    let ran = world.run(&plan, &fate).await.unwrap();
    assert_eq!(Tally::of(&ran.verdicts).changed, 2500);
    assert_eq!(fate.arrived.lock().unwrap().len(), 5 + 3 + 5);
}

/// What no page shows is asked for singly, and a vendor without pages costs one request more.
#[tokio::test(start_paused = true)]
async fn without_pages_transactions_are_read_one_by_one() {
    let world = World::new(1).await;
    world
        .admin("/settings", json!({"transactions_by_survey": false}))
        .await;
    let made: Vec<_> = (0..30).map(|n| (format!("t{n}"), 21, false)).collect();
    world.transactions(&made).await;
    let rows: Vec<String> = (0..30).map(|n| format!("t{n},reject")).collect();
    let list = format!("transaction_id,outcome\n{}\n", rows.join("\n"));
    let fate = calm();
    let plan = world.plan(&list, &fate).await.unwrap().unwrap();
    assert_eq!(plan.counts().change, 30);
    assert_eq!(fate.arrived.lock().unwrap().len(), 31);
}

/// Several surveys share one call; only then is the path without a survey used, and always with its query string.
#[tokio::test(start_paused = true)]
async fn several_surveys_are_reconciled_together() {
    let world = World::new(3).await;
    let made: Vec<_> = (0..9).map(|n| (format!("t{n}"), 21, false)).collect();
    world.transactions(&made).await;
    let mut list = String::from("transaction_id,outcome,survey\n");
    for n in 0..9 {
        writeln!(list, "t{n},reject,{}", world.survey(n)).unwrap();
    }
    let fate = calm();
    let plan = world.plan(&list, &fate).await.unwrap().unwrap();
    world.run(&plan, &fate).await.unwrap();
    let path = "POST /purespectrum/buyers/v2/adjustments?operationType=LIVE_RECONCILIATION&reconStatus=2";
    assert_eq!(fate.writes(), [(path.to_owned(), 200)]);
}

#[tokio::test(start_paused = true)]
async fn once_somebody_asks_to_stop_nothing_more_is_sent() {
    let world = World::new(1).await;
    let (list, _) = everything(&world, 1).await;
    let plan = world.plan(&list, &calm()).await.unwrap().unwrap();
    let stop = CancellationToken::new();
    stop.cancel();
    let fate = calm();
    let ran = world.run_until(&plan, &fate, stop).await.unwrap();
    assert!(ran.interrupted);
    assert_eq!(Tally::of(&ran.verdicts).not_sent, CHANGES);
    assert_eq!(fate.arrived.lock().unwrap().len(), 0);
}

/// Trouble with every fifth request, and processes that die: whatever happens, in the end every transaction is what it
/// should be, was counted once, and nothing is left to send.
#[tokio::test(start_paused = true)]
async fn trouble_and_death_lose_and_double_nothing() {
    for seed in 0..60 {
        let mut random = Random::new(seed + 1000);
        let world = World::new(3).await;
        let (list, ends) = everything(&world, 4).await;
        let mut settled = false;
        for attempt in 0..60 {
            let dies_after = (attempt < 30 && random.below(3) > 0).then(|| random.below(120));
            let trouble = if attempt < 40 { 20 } else { 0 };
            let fate = Fate::new(seed * 100 + attempt, trouble, dies_after);
            let Some(plan) = world.plan(&list, &fate).await else {
                continue;
            };
            // What could not be read is in the plan as such, and is never sent.
            let plan = plan.unwrap();
            if plan.is_empty() && plan.counts().unread == 0 {
                settled = true;
                break;
            }
            if let Some(ran) = world.run(&plan, &fate).await {
                for (row, verdict) in ran.verdicts.iter().enumerate() {
                    if matches!(verdict, Verdict::Changed | Verdict::Verified | Verdict::Unchanged) {
                        let (id, survey, end) = &ends[row];
                        assert_eq!(
                            world.status(*survey, id).await,
                            i64::from(*end),
                            "a lie about {id}, seed {seed}"
                        );
                    }
                }
            }
            accept_lists_are_never_sent(&fate, seed);
        }
        assert!(settled, "seed {seed}");
        expect_ends(&world, &ends, seed).await;
        let fate = calm();
        let plan = world.plan(&list, &fate).await.unwrap().unwrap();
        world.run(&plan, &fate).await.unwrap();
        assert_eq!(fate.writes(), [], "seed {seed}");
    }
}

/// A process that dies at each boundary in turn, and one more that finishes.
#[tokio::test(start_paused = true)]
async fn death_at_any_boundary_costs_reads_only() {
    for dies_after in 0.. {
        let world = World::new(2).await;
        let (list, ends) = everything(&world, 1).await;
        let doomed = Fate::new(7, 0, Some(dies_after));
        let survived = match world.plan(&list, &doomed).await {
            Some(plan) => world.run(&plan.unwrap(), &doomed).await.is_some(),
            None => false,
        };
        let fate = calm();
        let plan = world.plan(&list, &fate).await.unwrap().unwrap();
        let ran = world.run(&plan, &fate).await.unwrap();
        assert_eq!(
            Tally::of(&ran.verdicts).refused,
            IMPOSSIBLE,
            "dies after {dies_after}"
        );
        expect_ends(&world, &ends, dies_after).await;
        // Nothing is carried out twice: what the first process did, the second one only reads.
        let accepted = |fate: &Fate| -> Vec<String> {
            let writes = fate.writes().into_iter();
            writes
                .filter(|(_, status)| *status < 300)
                .map(|(call, _)| call)
                .collect()
        };
        let (before, after) = (accepted(&doomed), accepted(&fate));
        for call in before.iter().filter(|call| call.contains("/status?")) {
            assert!(!after.contains(call), "{call} twice, dies after {dies_after}");
        }
        accept_lists_are_never_sent(&doomed, dies_after);
        if survived {
            assert!(dies_after > 20, "there are boundaries to die at");
            return;
        }
    }
}

fn accept_lists_are_never_sent(fate: &Fate, seed: u64) {
    for (call, _) in fate
        .writes()
        .iter()
        .filter(|(call, _)| call.contains("/adjustments"))
    {
        assert!(
            call.contains("?operationType=LIVE_RECONCILIATION&reconStatus="),
            "{call}, seed {seed}"
        );
    }
}
