//! Lists with an entry that cannot be read: at every vendor it hides no other, and leaves open only what it could be.

use futures_util::future::BoxFuture;
use infield::marketplace::http::session::Patience;
use infield::marketplace::http::transport::{Incoming, NoAnswer, Outgoing, Transport};
use infield::marketplace::shelf::inventory::{Entries, Unread};
use infield::marketplace::shelf::lists::Topic;
use infield::marketplace::{Account, CINT, Client, INNOVATEMR, Listed, PURESPECTRUM, Reader, Sought};
use infield::model::{Field, Level, LiveKey, LiveSurvey, Reading, SurveySpec, VendorId};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;

/// Answers each path, by a part of it, with a body; the first that fits.
struct Script(Vec<(&'static str, Value)>);

impl Transport for Script {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        let found = self.0.iter().find(|(part, _)| request.url.contains(part));
        let (_, body) = found.unwrap_or_else(|| panic!("{} is not in the script", request.url));
        let incoming = Incoming {
            status: 200,
            headers: http::HeaderMap::new(),
            body: body.to_string().into(),
        };
        Box::pin(async move { Ok(incoming) })
    }
}

fn reader(vendor: VendorId, mut script: Vec<(&'static str, Value)>) -> Reader {
    script.push(("/oauth/token", json!({"access_token": "t", "expires_in": 86400})));
    reader_over(vendor, Arc::new(Script(script)))
}

fn reader_over(vendor: VendorId, transport: Arc<dyn Transport>) -> Reader {
    let account = Account {
        vendor,
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
    Reader::new(account.open(transport, Patience::default()).unwrap())
}

/// The ids that were read, and the entry that could not be.
fn parted(entries: Entries<Listed>) -> (Vec<String>, Unread) {
    let mut unread = Vec::new();
    let read = entries
        .into_iter()
        .map(|entry| entry.map_err(|entry| unread.push(entry)));
    let ids = read.flatten().map(|listed| listed.key.id).collect();
    let [one] = <[Unread; 1]>::try_from(unread).unwrap();
    (ids, one)
}

fn named(title: &str) -> SurveySpec {
    SurveySpec {
        title: Field::Set(title.to_owned()),
        ..SurveySpec::default()
    }
}

/// How many have each of the names, or why nobody knows.
async fn twins(
    reader: &Reader,
    level: Level,
    parent: Option<&str>,
    names: [&str; 2],
) -> [Result<usize, String>; 2] {
    let wanted = names.map(named);
    let sought = [0, 1].map(|index: usize| Sought {
        level,
        parent,
        wanted: &wanted[index],
    });
    let found = <[_; 2]>::try_from(reader.twins(&sought).await).unwrap();
    found.map(|found| match found {
        Reading::Present(found) => Ok(found.len()),
        Reading::Unknown { why } => Err(why),
        Reading::Absent { proof } => panic!("{proof}"),
    })
}

#[tokio::test(start_paused = true)]
async fn of_surveys_at_purespectrum() {
    let page = json!([
        {"ps_survey_id": 7, "ps_survey_status": 11, "survey_title": "Soda"},
        {"ps_survey_id": 8, "ps_survey_status": "gone", "survey_title": "Cola", "crtd_on": 1_700_000_000_000_i64},
        {"ps_survey_id": 9, "ps_survey_status": 11, "survey_title": "Tea"},
    ]);
    let reader = reader(PURESPECTRUM, vec![("status=11", page), ("/surveys?", json!([]))]);
    let (ids, unread) = parted(reader.inventory().await.unwrap());
    assert_eq!(ids, ["7", "9"]);
    assert_eq!(
        (unread.id.as_deref(), unread.name.as_deref()),
        (Some("8"), Some("Cola"))
    );
    assert!(unread.why.contains("/1/ps_survey_status"), "{}", unread.why);
    let made = reader.surveys_since(Timestamp::UNIX_EPOCH).await.unwrap();
    assert_eq!(made.len(), 3);
    let unread = made.into_iter().find_map(Result::err).unwrap();
    assert_eq!(unread.made.unwrap().as_second(), 1_700_000_000);
}

#[tokio::test(start_paused = true)]
async fn of_jobs_and_groups_at_innovatemr() {
    let jobs = |broken: Value| {
        let fine = json!({"Id": 7, "Name": "Soda", "Status": 0});
        vec![("/pega/jobs", json!({"jobs": [fine, broken]}))]
    };
    let listed = reader(
        INNOVATEMR,
        jobs(json!({"Id": 8, "Name": "Cola", "Status": "gone"})),
    );
    let (ids, unread) = parted(listed.inventory().await.unwrap());
    assert_eq!((ids, unread.id.as_deref()), (vec!["7".to_owned()], Some("8")));
    assert!(unread.why.contains("/jobs/1/Status"), "{}", unread.why);
    let [soda, cola] = twins(&listed, Level::Container, None, ["Soda", "Cola"]).await;
    assert_eq!(soda, Ok(1));
    assert!(cola.unwrap_err().contains("/jobs/1/Status"));
    let nameless = reader(INNOVATEMR, jobs(json!({"Id": 8, "Name": 5, "Status": 0})));
    let both = twins(&nameless, Level::Container, None, ["Soda", "Tea"]).await;
    assert!(both.iter().all(Result::is_err), "{both:?}");

    let details =
        json!({"job": {"Id": 7, "Status": 1, "Groups": [{"Id": 1, "Name": "Men"}, {"Id": 2, "N": "many"}]}});
    let reader = reader(INNOVATEMR, vec![("/pega/jobs/7", details)]);
    let key = LiveKey {
        level: Level::Container,
        ..LiveKey::survey("7")
    };
    let job = reader.survey(&key).await.present().cloned().unwrap();
    let (ids, unread) = parted(reader.groups_of(&job).await.unwrap());
    assert_eq!((ids, unread.id.as_deref()), (vec!["1".to_owned()], Some("2")));
    assert!(unread.why.contains("/job/Groups/1/N"), "{}", unread.why);
}

#[tokio::test(start_paused = true)]
async fn of_projects_and_target_groups_at_cint() {
    let page = |key: &str, broken: Value| {
        let fine =
            json!({"id": "a", "name": "Soda", "status": "draft", "project_customer_reference_number": null});
        json!({key: [fine, broken], "has_more": false})
    };
    let unnamed = json!({"id": "b", "name": {"en": "Cola"}});
    let script = vec![
        ("/target-groups", page("target_groups", unnamed.clone())),
        ("/projects", page("projects", unnamed)),
    ];
    let reader = reader(CINT, script);
    let (ids, unread) = parted(reader.inventory().await.unwrap());
    assert_eq!((ids, unread.id.as_deref()), (vec!["a".to_owned()], Some("b")));
    assert!(unread.why.contains("/projects/1/name"), "{}", unread.why);
    let project = LiveSurvey {
        id: "p".to_owned(),
        ..LiveSurvey::default()
    };
    let (ids, unread) = parted(reader.groups_of(&project).await.unwrap());
    assert_eq!((ids, unread.id.as_deref()), (vec!["a".to_owned()], Some("b")));
    assert!(unread.why.contains("/target_groups/1/name"), "{}", unread.why);
    for (level, parent) in [(Level::Container, None), (Level::Group, Some("p"))] {
        let both = twins(&reader, level, parent, ["Soda", "Tea"]).await;
        assert!(both.iter().all(Result::is_err), "{level:?}: {both:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn with_a_name_of_its_own_at_cint() {
    let groups = json!([
        {"id": "a", "name": "Soda", "status": "draft"},
        {"id": 5.5, "name": " Cola ", "status": {"word": "draft"}},
    ]);
    let body = json!({"target_groups": groups, "has_more": false});
    let reader = reader(CINT, vec![("/target-groups", body)]);
    let [soda, cola] = twins(&reader, Level::Group, Some("p"), ["Soda", "Cola"]).await;
    assert_eq!(soda, Ok(1));
    assert!(cola.unwrap_err().contains("/target_groups/1"));
}

/// Another page, and another one.
struct Endless(std::sync::atomic::AtomicU64);

impl Transport for Endless {
    fn send(&self, request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        let page = self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let body = if request.url.contains("/oauth/token") {
            json!({"access_token": "t", "expires_in": u64::MAX})
        } else if request.url.contains("/surveys?") {
            json!([{"ps_survey_id": page, "ps_survey_status": 11, "survey_title": "Soda"}])
        } else {
            json!({"projects": [], "clients": [{"id": page, "name": "Somebody"}], "has_more": true,
                "next_cursor": page.to_string()})
        };
        let incoming = Incoming {
            status: 200,
            headers: http::HeaderMap::new(),
            body: body.to_string().into(),
        };
        Box::pin(async move { Ok(incoming) })
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_without_end_is_not_known() {
    for vendor in [PURESPECTRUM, CINT] {
        let endless = reader_over(vendor, Arc::new(Endless(1.into())));
        let error = endless.inventory().await.unwrap_err();
        assert!(error.to_string().contains("has no end"), "{error}");
    }
    let cint = reader_over(CINT, Arc::new(Endless(1.into())));
    match cint.list(Topic::Clients, None).await {
        Reading::Unknown { why } => assert!(why.contains("has no end"), "{why}"),
        other => panic!("{other:?}"),
    }
}
