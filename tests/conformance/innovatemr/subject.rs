//! What only InnovateMR's tests need: its manifest, its calls, and a person who looks for lost groups.

use crate::subject::{Edit, Ground, Subject};
use crate::world::{World, sandbox};
use futures_util::future::BoxFuture;
use infield::model::VendorId;
use infield::state::Op;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Two groups in two countries, with everything a group can have.
pub(crate) const LIFT: &str = "
kind: Survey
name: lift
title: Brand lift
status: live
incidence_rate: 60
length_of_interview: 8
live_url: https://survey.example.com/s/lift?tk=[%%token%%]&pid=[%%pid%%]
innovatemr: {category: 7, geo_ip_check: true}
qualifications: {age: 18-64, gender: [male, female]}
groups:
  - name: us
    locale: en-US
    completes: 300
    cpi: 3.00 USD
    max_cpi: 3.75 USD
    quotas:
      - {name: men, completes: 150, where: {gender: male}}
      - {name: young-women, completes: 150, where: {gender: female, age: 18-34}}
  - name: in
    locale: hi-IN
    completes: 200
    max_cpi: 1.80 USD
    test_url: https://survey.example.com/s/lift?test=1
    innovatemr: {note: second country, priority: 1, device_type: 3}
    qualifications: {age: [18-34, 35-64], zip: ['01234', '99999'], CORE_ENTERTAINMENT_0015: [game console, Smart TV]}
";

/// A world with this vendor.
pub(crate) async fn open(settings: &Value) -> World {
    World::open(&InnovateMr, settings).await
}

impl World {
    pub(crate) async fn pega(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.call(method, &format!("/innovatemr/api/v2/pega/{path}"), body)
            .await
    }

    /// Settles every open create as a person would: by a look at what the vendor has.
    pub(crate) async fn settle_by_hand(&self) {
        let known = self.keeper.known().await;
        let parent = |address: &infield::model::Address| {
            let parent = address.parent().unwrap();
            known.resources[&parent].id.clone()
        };
        for (id, intent) in &known.intents {
            assert!(
                intent.address.is_group(),
                "a job is found by its title: {intent:?}"
            );
            let job = parent(&intent.address);
            let title = intent.wanted.title.value().unwrap();
            let groups = self.stored("group").await;
            let found: Vec<_> = groups
                .iter()
                .filter(|group| {
                    group["parent"].as_u64() == job.parse().ok() && group["fields"]["Name"] == json!(title)
                })
                .collect();
            assert!(found.len() <= 1, "made twice: {found:#?}");
            let mut ops = vec![Op::CloseIntent { id: id.clone() }];
            if let Some(group) = found.first() {
                let survey = infield::model::KnownSurvey {
                    applied: intent.wanted.clone(),
                    unsure: intent.hidden.iter().cloned().collect(),
                    ..Default::default()
                };
                ops.push(Op::Put {
                    address: intent.address.clone(),
                    resource: Box::new(infield::model::Resource {
                        vendor: infield::marketplace::INNOVATEMR,
                        id: group["id"].to_string(),
                        kind: infield::model::ResourceKind::Survey(Box::new(survey)),
                    }),
                });
            }
            self.keeper.commit(ops).await.unwrap();
        }
    }
}

/// InnovateMR, as the suite needs it.
pub(crate) struct InnovateMr;

impl Subject for InnovateMr {
    fn vendor(&self) -> VendorId {
        infield::marketplace::INNOVATEMR
    }

    fn ground(&self) -> Ground {
        sandbox(Box::new(infield_sandbox::innovatemr::InnovateMr))
    }

    fn manifest(&self) -> &'static str {
        LIFT
    }

    fn edits(&self) -> Vec<Edit> {
        vec![
            ("title: Brand lift", "title: Brand lift 2", "/title"),
            ("completes: 300", "completes: 320", "/completes"),
            ("completes: 200", "completes: 180", "/completes"),
            ("max_cpi: 3.75 USD", "max_cpi: 4.00 USD", "/max_cpi"),
            ("max_cpi: 1.80 USD", "max_cpi: 1.60 USD", "/max_cpi"),
            ("cpi: 3.00 USD", "cpi: 3.10 USD", "/cpi"),
            ("note: second country", "note: changed", "/innovatemr/note"),
            ("device_type: 3", "device_type: 4", "/innovatemr/device_type"),
            (
                "geo_ip_check: true",
                "geo_ip_check: false",
                "/innovatemr/geo_ip_check",
            ),
            (
                "length_of_interview: 8",
                "length_of_interview: 9",
                "/length_of_interview",
            ),
            ("category: 7", "category: 8", "/innovatemr/category"),
            ("[18-34, 35-64]", "[18-34]", "/qualifications/age"),
            ("['01234', '99999']", "['01234']", "/qualifications/zip"),
            (
                ", CORE_ENTERTAINMENT_0015: [game console, Smart TV]",
                "",
                "/qualifications/CORE_ENTERTAINMENT_0015",
            ),
            (
                "name: men, completes: 150",
                "name: men, completes: 160",
                "/quotas/men/completes",
            ),
            ("age: 18-34}}", "age: 18-29}}", "/quotas/young-women/where"),
            (
                "    quotas:\n",
                "    quotas:\n      - {name: all, completes: 300, where: {gender: [male, female]}}\n",
                "/quotas/all/completes",
            ),
            (
                "test_url: https://survey.example.com/s/lift?test=1",
                "test_url: null",
                "/test_url",
            ),
        ]
    }

    // A group carries its job's title, and a quota is shown with its conditions.
    fn comes_along(&self, path: &str) -> bool {
        path.starts_with("/title") || path.ends_with("/where")
    }

    fn edited(&self) -> String {
        LIFT.replace("max_cpi: 3.75 USD", "max_cpi: 3.50 USD")
            .replace("note: second country", "note: changed")
            .replace("[18-34, 35-64]", "[18-34]")
            .replace("zip: ['01234', '99999'], ", "")
            .replace("name: men, completes: 150", "name: men, completes: 140")
            .replace(
                "    quotas:\n",
                "    quotas:\n      - {name: all, completes: 300, where: {gender: [male, female]}}\n",
            )
    }

    // A quota cannot be removed, so what is taken back adds none.
    fn edited_for_a_time(&self) -> String {
        self.edited().replace(
            "      - {name: all, completes: 300, where: {gender: [male, female]}}\n",
            "",
        )
    }

    fn styles(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for http_errors in [false, true] {
            for echo in [false, true] {
                all.push(json!({"innovatemr_http_errors": http_errors, "innovatemr_echo_max_cpi": echo}));
            }
        }
        all.push(json!({"innovatemr_capital_status_only": true}));
        all.push(json!({"innovatemr_lower_status_only": true, "innovatemr_http_errors": true}));
        all.push(json!({"innovatemr_put_target_upserts": false}));
        all.push(json!({"innovatemr_job_list": false}));
        all
    }

    fn refusals(&self) -> Vec<(u16, Value)> {
        vec![(400, json!({"apiStatus": "failure", "msg": "not now"}))]
    }

    fn never_wrong<'a>(&'a self, world: &'a World, what: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(never_wrong(world, what))
    }

    fn finish<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            for group in world.stored("group").await {
                let all = json!({"vendor": "innovatemr", "group": group["id"].to_string(), "completes": 300});
                world.admin("POST", "respondents", &all).await;
                let path = format!("group/{}/status", group["id"]);
                world.pega("PUT", &path, &json!({"status": 2})).await;
            }
        })
    }

    fn people<'a>(&'a self, world: &'a World, what: &'a Value) -> BoxFuture<'a, Decimal> {
        Box::pin(world.respondents("group", "/cost", what))
    }

    fn close<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            for group in world.stored("group").await {
                let path = format!("group/{}/status", group["id"]);
                world.pega("PUT", &path, &json!({"status": 3})).await;
            }
        })
    }

    fn raised(&self) -> String {
        LIFT.replace("completes: 300", "completes: 330")
    }

    fn picture<'a>(&'a self, world: &'a World) -> BoxFuture<'a, Value> {
        Box::pin(picture(world))
    }

    fn settle_by_hand<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(world.settle_by_hand())
    }
}

async fn never_wrong(world: &World, what: &str) {
    for group in world.stored("group").await {
        if group["status"] == 1 {
            let targets = group["targets"].as_object().unwrap().len();
            assert!(targets >= 2, "{what}: in field with {targets} targets");
            assert!(group["fields"]["MaximumCostPerInterview"].is_number(), "{what}");
        }
    }
    assert!(world.stored("job").await.len() <= 1, "{what}: two jobs");
    assert!(world.stored("group").await.len() <= 2, "{what}: three groups");
    let mut titles: Vec<String> = world
        .stored("quota")
        .await
        .iter()
        .map(|quota| quota["fields"]["Title"].to_string())
        .collect();
    titles.sort();
    let count = titles.len();
    titles.dedup();
    assert_eq!(titles.len(), count, "{what}: a quota twice");
}

async fn picture(world: &World) -> Value {
    let mut groups = world.stored("group").await;
    groups.sort_by_key(|group| group["fields"]["Name"].to_string());
    let groups: Vec<Value> = groups
        .iter()
        .map(|group| json!([group["fields"], group["targets"], group["status"]]))
        .collect();
    let mut quotas: Vec<Value> = world
        .stored("quota")
        .await
        .iter()
        .map(|quota| {
            let mut fields = quota["fields"].clone();
            fields["GroupId"] = Value::Null;
            fields
        })
        .collect();
    quotas.sort_by_key(|quota| quota["Title"].to_string());
    let jobs: Vec<Value> = world
        .stored("job")
        .await
        .iter()
        .map(|job| json!([job["fields"], job["status"]]))
        .collect();
    json!([jobs, groups, quotas])
}
