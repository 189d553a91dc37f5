//! The vendor's documented answers, read by the client: served by a script, decoded to what they say.

use futures_util::future::BoxFuture;
use infield::marketplace::http::session::Patience;
use infield::marketplace::http::transport::{Incoming, NoAnswer, Outgoing, Transport};
use infield::marketplace::{Account, Client, Reader, Sought, Waited};
use infield::model::call::{Followup, Until};
use infield::model::{Answers, Field, Level, LiveKey, LiveSurvey, Range, Reading, Status, SurveySpec};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;

const PROJECT: &str = "01FXTRCNT00000000000000002";
const GROUP: &str = "01FXTRCNT00000000000000006";

fn fixture(name: &str) -> Value {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/cint");
    serde_json::from_str(&std::fs::read_to_string(folder.join(name).with_extension("json")).unwrap()).unwrap()
}

/// Answers each path, by its end, with a documented example; the first that fits, and 404 where none does.
struct Script(Vec<(&'static str, &'static str)>);

impl Transport for Script {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        let path = request.url.split('?').next().unwrap_or_default().to_owned();
        let found = self.0.iter().find(|(end, _)| path.ends_with(end));
        let (status, headers, body) = match found {
            Some((_, name)) => {
                let mut example = fixture(name);
                // The example of the library is a first page; here nothing follows it.
                if *name == "questions-translation-200" {
                    example["response"]["has_more"] = json!(false);
                }
                let status = u16::try_from(example["status"].as_u64().unwrap()).unwrap();
                (
                    status,
                    example["response_headers"].clone(),
                    example["response"].clone(),
                )
            }
            None => (
                404,
                json!([]),
                json!({"object": "not_found_error", "detail": path}),
            ),
        };
        let mut map = http::HeaderMap::new();
        for header in headers.as_array().into_iter().flatten() {
            if let Some((name, value)) = header.as_str().and_then(|text| text.split_once(": ")) {
                map.insert(
                    http::HeaderName::try_from(name).unwrap(),
                    http::HeaderValue::try_from(value).unwrap(),
                );
            }
        }
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        Box::pin(async move {
            Ok(Incoming {
                status,
                headers: map,
                body: body.into(),
            })
        })
    }
}

fn reader(mut script: Vec<(&'static str, &'static str)>) -> Reader {
    script.push(("/oauth/token", "auth-token-200"));
    let account = Account {
        vendor: infield::marketplace::CINT,
        base_url: Some("http://vendor.example/v1".to_owned()),
        token: "s".to_owned().into(),
        client: Some(Client {
            id: "c".to_owned().into(),
            auth_url: Some("http://vendor.example/oauth/token".to_owned()),
        }),
        requests_per_second: Some(0),
        concurrency: None,
        lists_settle_after: None,
    };
    let patience = Patience {
        retries: 0,
        ..Patience::default()
    };
    Reader::new(account.open(Arc::new(Script(script)), patience).unwrap())
}

fn key() -> LiveKey {
    LiveKey {
        level: Level::Group,
        id: GROUP.to_owned(),
        parent: Some(PROJECT.to_owned()),
        hint: Default::default(),
        job: None,
    }
}

fn setting<'a>(live: &'a LiveSurvey, key: &str) -> &'a Value {
    match live.spec.attributes.get(key) {
        Some(Field::Set(value)) => value,
        other => panic!("{key}: {other:?}"),
    }
}

/// Ends of paths of a launched target group, and what the vendor documents for them.
fn in_field() -> Vec<(&'static str, &'static str)> {
    vec![
        ("/details", "target-group-details-get-200"),
        ("/overview", "target-group-overview-200"),
        ("/fielding-runs", "fielding-runs-list-200"),
        (
            "/fielding-runs/01FXTRCNT00000000000000006",
            "fielding-run-get-200",
        ),
        ("/profiles", "profiles-list-200"),
        ("/fielding-assistant-assignment", "fielding-assistant-get-200"),
        ("/allocation-specification", "allocation-specification-get-200"),
        (
            "/respondent-activity-exclusions",
            "respondent-activity-exclusions-get-200",
        ),
        ("/exclusion-policy", "exclusion-policy-get-200"),
        ("/changelog", "target-group-changelog-200"),
        (
            "/compute-target-group-transitions",
            "target-group-transitions-200",
        ),
        ("/performance", "target-group-performance-200"),
        (
            "/target-groups/01FXTRCNT00000000000000006",
            "target-group-draft-get-301-launched",
        ),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_target_group_in_field_is_read_from_all_its_resources() {
    let reader = reader(in_field());
    let live = match reader.survey(&key()).await {
        Reading::Present(live) => live,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (live.status, live.status_text.as_str()),
        (Some(Status::Live), "live")
    );
    assert_eq!(live.fielded, Some(1));
    assert_eq!(live.spec.title, Field::Set("Drinkers of tea".to_owned()));
    assert_eq!(live.spec.locale, Field::Set("en-US".to_owned()));
    assert_eq!(live.spec.end, Field::Set("2023-01-31T23:59:59Z".parse().unwrap()));
    assert_eq!(
        live.spec.start,
        Field::Absent,
        "in field, the start is when that was"
    );
    assert_eq!(live.spec.max_cpi, Field::Set("5.00 USD".parse().unwrap()));
    assert_eq!(live.spec.cpi, Field::Absent, "the pricing module moves the price");
    assert_eq!(setting(&live, "business_unit"), &json!(1234));
    assert_eq!(setting(&live, "study_type"), &json!("diary"));
    assert_eq!(setting(&live, "filling_strategy"), &json!("completes"));
    assert_eq!(setting(&live, "exclude_within_project"), &json!(true));
    assert_eq!(setting(&live, "activity_exclusions")[0]["days"], 90);
    assert_eq!(
        setting(&live, "allocations")["exchange"],
        json!({"min": 10, "max": 90})
    );
    assert_eq!(setting(&live, "allocations")["groups"][0]["name"], "Premium Tier");
    assert_eq!(
        setting(&live, "fielding_assistant")["pacing"],
        json!({"increment_interval": "P1D", "type": "linear"})
    );
    let ages = live.quotas.iter().find(|quota| quota.completes == 308).unwrap();
    assert_eq!(ages.fielded, Some(102));
    assert_eq!(
        ages.criteria[0].answers,
        Answers::ranges([Range { from: 20, to: 29 }])
    );
    let zips = live
        .qualifications
        .value()
        .unwrap()
        .iter()
        .find(|criterion| criterion.question == "45");
    assert!(matches!(&zips.unwrap().answers, Answers::Codes(codes) if codes.contains("98001")));
    assert_eq!(
        reader.refuses_move(&key(), Status::Live, Status::Paused).await,
        None
    );
    let refused = reader.refuses_move(&key(), Status::Paused, Status::Live).await;
    assert!(refused.unwrap().contains("is resume allowed is false"));
    let changed = reader.changed_by(&key()).await;
    assert!(changed["/title"].starts_with("by user "), "{changed:?}");
    assert!(changed.contains_key("/cint/client_cpi_note"), "{changed:?}");
}

#[tokio::test(start_paused = true)]
async fn one_part_that_cannot_be_read_makes_the_whole_unknown() {
    for missing in ["/profiles", "/fielding-runs", "/overview"] {
        let script = in_field()
            .into_iter()
            .filter(|(end, _)| *end != missing)
            .collect();
        let reading = reader(script).survey(&key()).await;
        assert!(
            matches!(reading, Reading::Unknown { .. }),
            "{missing}: {reading:?}"
        );
    }
    assert!(matches!(
        reader(Vec::new()).survey(&key()).await,
        Reading::Absent { .. }
    ));
}

#[tokio::test(start_paused = true)]
async fn lists_jobs_and_the_library_are_read() {
    let wanted = SurveySpec {
        attributes: [("reference".to_owned(), Field::Set(json!("DRINKS-TG-6")))].into(),
        ..SurveySpec::default()
    };
    let sought = Sought {
        level: Level::Group,
        parent: Some(PROJECT),
        wanted: &wanted,
    };
    // The documented last page ends the list; the documented first one names a cursor that leads nowhere else.
    let found = reader(vec![("/target-groups", "target-group-list-last-page-200")])
        .twins(&[sought])
        .await;
    assert!(matches!(found[..], [Reading::Present(_)]), "{found:?}");
    let circle = reader(vec![("/target-groups", "target-group-list-200")])
        .twins(&[sought])
        .await;
    assert!(
        matches!(&circle[..], [Reading::Unknown { why }] if why.contains("came before")),
        "{circle:?}"
    );

    let library = reader(vec![("/questions-translation", "questions-translation-200")])
        .lexicon("es-US")
        .await;
    let Reading::Present(library) = library else {
        panic!("{library:?}")
    };
    let gender = library
        .questions
        .iter()
        .find(|question| question.text == "GENDER")
        .unwrap();
    assert_eq!(
        (gender.key.as_str(), gender.option("Male").unwrap().id.as_str()),
        ("43", "1")
    );
    assert_eq!(gender.option("Hombre").unwrap().id, "1", "as respondents read it");
    assert!(library.question("42").unwrap().numeric);
    assert!(library.question("45").unwrap().options.is_empty());

    let wait = |name| async move {
        let then = Followup {
            path: "/jobs/1".to_owned(),
            until: Until::Finished,
        };
        reader(vec![("/jobs/1", name)]).wait(&then).await.unwrap()
    };
    assert_eq!(wait("launch-job-completed-200").await, Waited::Done);
    let failed = wait("launch-job-failed-200").await;
    assert!(matches!(failed, Waited::Failed { why } if why.contains("TargetGroupInvalidState")));
}
