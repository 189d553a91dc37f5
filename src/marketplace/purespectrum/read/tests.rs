//! What PureSpectrum's lists prove.

use super::super::envelope;
use super::*;
use crate::marketplace::http::scripted::{Answer, BASE, Scripted};
use crate::marketplace::http::session::{Line, Pace, Patience};
use http::HeaderMap;
use serde_json::Value;
use std::time::Duration;

/// A session with a vendor that shows these surveys of each status, pass by pass; `|` ends a page.
fn showing(passes: &[[&str; 4]]) -> (Arc<Scripted>, Reader) {
    let vendor = Arc::new(Scripted::new(|_| {}));
    for pass in passes {
        for (code, shown) in [11, 22, 33, 44].into_iter().zip(pass) {
            for (index, page) in shown.split('|').enumerate() {
                let survey = |id: &str| serde_json::json!({"ps_survey_id": id, "ps_survey_status": code});
                let body: Value = page.split_whitespace().map(survey).collect();
                let number = index + 1;
                let line =
                    format!("GET /surveys?status={code}&fromDate=20261120&limit={PAGE_LIMIT}&page={number}");
                vendor.expect([(line, Answer::new(200, &body))]);
            }
        }
    }
    let line = Line {
        production: BASE,
        headers: HeaderMap::new(),
        decoder: envelope::decode,
        own: envelope::own,
        tokens: None,
        pace: Pace {
            requests_per_second: None,
            concurrency: 1,
        },
        lists_settle_after: Duration::ZERO,
        never_planned: |_| false,
    };
    let session = Session::new(
        crate::marketplace::PURESPECTRUM,
        None,
        line,
        vendor.clone(),
        Patience::default(),
    );
    (vendor, Reader(Arc::new(session)))
}

async fn seen(passes: &[[&str; 4]]) -> Result<Vec<String>, VendorError> {
    let (vendor, reader) = showing(passes);
    let since = "2026-11-21T18:00:00Z".parse().unwrap();
    let found = reader.surveys_since(since).await;
    assert_eq!(vendor.left(), [""; 0]);
    Ok(found?.into_iter().map(|entry| entry.unwrap().0.id).collect())
}

#[tokio::test(start_paused = true)]
async fn lists_prove_something_only_when_two_passes_agree() {
    let still = ["", "7|", "", ""];
    assert_eq!(seen(&[still, still]).await.unwrap(), ["7"]);
    // Paused while its lists were read: live when paused ones were asked for, and the other way round.
    let moved = ["", "", "", ""];
    assert_eq!(seen(&[moved, still, still]).await.unwrap(), ["7"]);
    // Launched between two pages of drafts, so that the next page begins one later.
    let shifted = ["1 2|4|", "", "", ""];
    let after = ["1 3|4|", "2|", "", ""];
    assert_eq!(
        seen(&[shifted, after, after]).await.unwrap(),
        ["1", "2", "3", "4"]
    );
    let (one, other) = (["", "7|", "", ""], ["7|", "", "", ""]);
    let error = seen(&[one, other, one, other, one, other]).await.unwrap_err();
    assert!(error.to_string().contains("did not stand still"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_page_of_surveys_that_were_seen_before_is_not_the_last_one() {
    let pushed = ["1 2|2|3|", "", "", ""];
    assert_eq!(seen(&[pushed, pushed]).await.unwrap(), ["1", "2", "3"]);
    // A server that does not know pages sends the same one for ever.
    let deaf = ["1 2|1 2", "", "", ""];
    assert_eq!(seen(&[deaf, deaf]).await.unwrap(), ["1", "2"]);
}

#[tokio::test(start_paused = true)]
async fn what_lists_show_in_two_statuses_is_asked_for_by_itself() {
    let (vendor, reader) = showing(&[]);
    let survey = |id: u64, code: u64| serde_json::json!({"ps_survey_id": id, "ps_survey_status": code});
    let live: Value = (1..=21).map(|id| survey(id, 22)).collect();
    let paused: Value = [survey(5, 33)].into_iter().collect();
    let pages = [
        (22, live),
        (33, paused),
        (11, Value::Array(Vec::new())),
        (44, Value::Array(Vec::new())),
    ];
    for (code, page) in pages {
        let line = format!("GET /surveys?status={code}&limit={PAGE_LIMIT}&page=1");
        vendor.expect([(line, Answer::new(200, &page))]);
    }
    vendor.expect([("GET /surveys/5".to_owned(), Answer::new(200, &survey(5, 33)))]);
    let keys: Vec<LiveKey> = (1..=21).map(|id: u64| LiveKey::survey(id.to_string())).collect();
    let readings = reader.surveys(&keys).await;
    assert_eq!(vendor.left(), [""; 0]);
    let of = |id: &str| readings[&LiveKey::survey(id)].present().unwrap();
    assert_eq!(
        (of("5").status, of("5").seen),
        (Some(Status::Paused), Seen::Whole)
    );
    assert_eq!((of("6").status, of("6").seen), (Some(Status::Live), Seen::Listed));
    assert_eq!(readings.len(), 21);
}
