//! What only PureSpectrum's tests need: its manifest, and what the vendor has stored.

use crate::subject::{Edit, Ground, Subject};
use crate::world::{World, sandbox};
use futures_util::future::BoxFuture;
use infield::model::VendorId;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The survey of the manual's first page, with everything a survey can have.
pub(crate) const SODA: &str = "
kind: Survey
name: soda
title: Soda tracker, wave 3
locale: en-US
completes: 400
incidence_rate: 50
length_of_interview: 5
field_days: 10
cpi: 3.75 USD
live_url: https://survey.example.com/s/soda?tk=[%%token%%]
test_url: https://survey.example.com/s/soda?test=1
status: live
qualifications: {gender: [male, female], age: 18-64}
quotas:
  - {name: men, completes: 200, where: {gender: male}}
  - {name: women-18-34, completes: 200, where: {gender: female, age: 18-34}}
purespectrum: {category: 232, quota_throttling: true}
";

/// What the manifest above comes to; a write repeats the rest as it was shown.
const WRITTEN: [&str; 11] = [
    "survey_title",
    "survey_category_code",
    "survey_localization",
    "completes_required",
    "expected_ir",
    "expected_loi",
    "field_time",
    "live_url",
    "test_url",
    "offer_price",
    "quota_throttling",
];

/// The surveys of the account; another one has a survey too.
async fn own(world: &World) -> Vec<Value> {
    let mut surveys = world.stored("survey").await;
    surveys.retain(|survey| survey["account"] == 1);
    surveys
}

/// PureSpectrum, as the suite needs it.
pub(crate) struct PureSpectrum;

impl Subject for PureSpectrum {
    fn vendor(&self) -> VendorId {
        infield::marketplace::PURESPECTRUM
    }

    fn ground(&self) -> Ground {
        sandbox(Box::new(infield_sandbox::purespectrum::PureSpectrum::new()))
    }

    fn manifest(&self) -> &'static str {
        SODA
    }

    fn edits(&self) -> Vec<Edit> {
        vec![
            ("cpi: 3.75 USD", "cpi: 4.10 USD", "/cpi"),
            ("completes: 400", "completes: 500", "/completes"),
            ("title: Soda tracker, wave 3", "title: Soda, renamed", "/title"),
            (
                "men, completes: 200",
                "men, completes: 250",
                "/quotas/men/completes",
            ),
            (
                "{gender: female, age: 18-34}",
                "{gender: female}",
                "/quotas/women-18-34/where",
            ),
            (
                "  - {name: men, completes: 250, where: {gender: male}}\n",
                "",
                "/quotas/men/completes",
            ),
            ("soda?test=1", "soda?test=2", "/test_url"),
            ("age: 18-64}", "age: 18-70}", "/qualifications/age"),
            ("category: 232", "category: 233", "/purespectrum/category"),
            (
                ", quota_throttling: true",
                ", quota_throttling: false",
                "/purespectrum/quota_throttling",
            ),
            (
                "test_url: https",
                "suppliers: [{supplier: 1}, {name: two, suppliers: [3, 6], completes: 100, cpi: 5.00 USD}]\ntest_url: https",
                "/suppliers",
            ),
            ("supplier: 1}", "supplier: 8, completes: 50}", "/suppliers"),
        ]
    }

    fn edited(&self) -> String {
        SODA.replace("cpi: 3.75 USD", "cpi: 4.10 USD")
            .replace("completes: 400", "completes: 500")
            .replace("title: Soda tracker, wave 3", "title: Soda, renamed")
            .replace("men, completes: 200", "men, completes: 250")
            .replace("age: 18-64}", "age: 18-70}")
            .replace("soda?test=1", "soda?test=2")
    }

    fn styles(&self) -> Vec<Value> {
        vec![
            Value::Null,
            json!({"shuffle": false, "string_ranges": true}),
            json!({"echo_external_project_id": false, "list_page_max": 1}),
        ]
    }

    fn refusals(&self) -> Vec<(u16, Value)> {
        vec![(
            400,
            json!({"apiStatus": "Failure", "msg": "not now", "ps_api_response_code": 1000}),
        )]
    }

    fn never_wrong<'a>(&'a self, world: &'a World, what: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let surveys = own(world).await;
            assert!(surveys.len() <= 1, "{what}: two surveys");
            for survey in surveys {
                let quotas = survey["quotas"].as_array().unwrap();
                assert!(
                    survey["status"] != 22 || !quotas.is_empty(),
                    "{what}: half written"
                );
            }
        })
    }

    fn finish<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            for survey in own(world).await {
                let all = json!({"vendor": "purespectrum", "survey": survey["id"], "completes": 400});
                world.admin("POST", "respondents", &all).await;
            }
        })
    }

    fn people<'a>(&'a self, world: &'a World, what: &'a Value) -> BoxFuture<'a, Decimal> {
        Box::pin(world.respondents("survey", "/cost", what))
    }

    fn close<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            world.admin("POST", "clock", &json!({"advance": "11d"})).await;
        })
    }

    fn raised(&self) -> String {
        SODA.replace("completes: 400", "completes: 500")
    }

    fn picture<'a>(&'a self, world: &'a World) -> BoxFuture<'a, Value> {
        Box::pin(async move {
            let surveys = own(world).await;
            let quota =
                |quota: &Value| json!([quota["buyer_quota_id"], quota["required"], quota["criteria"]]);
            surveys
                .iter()
                .map(|survey| {
                    let quotas: Vec<Value> = survey["quotas"].as_array().unwrap().iter().map(quota).collect();
                    let fields: Vec<&Value> = WRITTEN.iter().map(|field| &survey["fields"][field]).collect();
                    json!([survey["status"], fields, survey["qualifications"], quotas])
                })
                .collect()
        })
    }
}
