//! What is told about rows: words, messages, the file beside the list.

use super::super::prepare::Fact;
use super::super::run::Tally;
use super::super::{Plan, Verdict, results};
use super::world::{list, plan_of, read, row};
use crate::model::reconciliation::Course;
use crate::model::{Mechanism, Outcome};
use std::path::{Path, PathBuf};

fn why() -> String {
    "why".to_owned()
}

#[test]
fn every_verdict_is_counted_as_what_it_is() {
    let verdicts = [
        (1, Verdict::Changed),
        (2, Verdict::Verified),
        (4, Verdict::Unchanged),
        (5, Verdict::Pending(why())),
        (6, Verdict::Refused(why())),
        (7, Verdict::Unknown(why())),
        (8, Verdict::NotSent(why())),
    ];
    let verdicts: Vec<Verdict> = verdicts
        .into_iter()
        .flat_map(|(times, verdict)| vec![verdict; times])
        .collect();
    let tally = Tally::of(&verdicts);
    assert_eq!((tally.changed, tally.unchanged, tally.pending), (3, 4, 5));
    assert_eq!((tally.refused, tally.unknown, tally.not_sent), (6, 7, 8));
}

#[test]
fn every_verdict_has_a_word_and_says_why() {
    let change = Course::Change(Mechanism::LiveReconciliation);
    let recorded = Course::Recorded { was: "".into() };
    for (verdict, course, word, message) in [
        (
            Verdict::Unchanged,
            &recorded,
            "unchanged",
            "confirmed by an earlier apply",
        ),
        (
            Verdict::Unchanged,
            &Course::Settled,
            "unchanged",
            "it was so before",
        ),
        (Verdict::Changed, &change, "changed", "by live reconciliation"),
        (Verdict::Changed, &Course::Settled, "changed", ""),
        (
            Verdict::Verified,
            &change,
            "changed",
            "the answer was lost; looked up, it is as wanted",
        ),
        (Verdict::Pending(why()), &change, "pending", "why"),
        (Verdict::Refused(why()), &change, "refused", "why"),
        (Verdict::Unknown(why()), &change, "unknown", "why"),
        (Verdict::NotSent(why()), &change, "not_sent", "why"),
    ] {
        assert_eq!(results::word(&verdict), word);
        assert_eq!(results::message(&verdict, course), message);
    }
}

/// A complete that is rejected, one that was rejected earlier, and one that nobody could read.
fn plan() -> Plan {
    let rows = ["a", "b", "c"].map(|id| row(id, Outcome::Reject)).to_vec();
    let facts = [
        read(21),
        Fact::Recorded("Complete (21), \"paid\"".into()),
        Fact::Waiting("R1".into()),
    ];
    plan_of(list(crate::marketplace::PURESPECTRUM, rows), facts)
}

#[test]
fn the_file_says_what_became_of_each_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("november.result.csv");
    std::fs::write(&path, "of an earlier run").unwrap();
    let verdicts = [Verdict::Changed, Verdict::Unchanged, Verdict::Pending(why())];
    results::write(&plan(), &verdicts, &path).unwrap();
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "id,wanted,was,result,message\n\
         a,reject,Complete (21),changed,by live reconciliation\n\
         b,reject,\"Complete (21), \"\"paid\"\"\",unchanged,confirmed by an earlier apply\n\
         c,reject,,pending,why\n"
    );
    let files = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 1, "nothing is left beside it");
    let nowhere = folder.path().join("none/november.result.csv");
    assert!(results::write(&plan(), &verdicts, &nowhere).is_err());
}

#[test]
fn the_file_stands_beside_the_list_under_a_name_of_its_own() {
    let path = |list: &str| {
        let mut plan = plan();
        let mut wanted = (*plan.wanted).clone();
        wanted.path = PathBuf::from(list);
        plan.wanted = wanted.into();
        results::path(&plan)
    };
    for (list, results) in [
        ("lists/rejects.csv", "lists/rejects.result.csv"),
        ("rejects.csv", "rejects.result.csv"),
        ("rejects", "rejects.result.csv"),
        ("lists/all.yaml", "lists/all.november.result.csv"),
        ("all.yml", "all.november.result.csv"),
    ] {
        assert_eq!(path(list), Path::new(results));
    }
}
