//! Any bytes as state, saved plan or vendor answer give an error that can be read, never a panic. Manifests have their
//! own properties in `manifest_properties`.

use crate::second_reader;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use infield::marketplace::http::session::Patience;
use infield::marketplace::http::transport::{Incoming, NoAnswer, Outgoing, Transport};
use infield::marketplace::{Account, Reader};
use infield::model::{LiveKey, Reading};
use infield::picture::Picture;
use infield::saved::SavedPlan;
use infield::state::{Document, LocalStore, Store};
use proptest::prelude::*;
use std::sync::Arc;

/// Answers everything with the same bytes.
struct Parrot(u16, Vec<u8>);

impl Transport for Parrot {
    fn send(&self, _request: Outgoing) -> BoxFuture<'_, Result<Incoming, NoAnswer>> {
        let (status, body) = (self.0, Bytes::from(self.1.clone()));
        Box::pin(async move {
            Ok(Incoming {
                status,
                headers: http::HeaderMap::new(),
                body,
            })
        })
    }
}

fn reader(status: u16, body: Vec<u8>) -> Reader {
    let account = Account {
        vendor: infield::marketplace::PURESPECTRUM,
        base_url: Some("http://vendor.example".to_owned()),
        token: "t".to_owned().into(),
        client: None,
        requests_per_second: None,
        concurrency: None,
        lists_settle_after: None,
    };
    let patience = Patience {
        retries: 0,
        ..Patience::default()
    };
    Reader::new(
        account
            .open(Arc::new(Parrot(status, body)), patience)
            .expect("the token is plain"),
    )
}

/// Bytes that are often JSON, often nearly a document of ours, and sometimes noise.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    // State and plans name marketplaces.
    infield::marketplace::registry::install();
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        Just("1e400".to_owned()),
        Just("-0.5".to_owned()),
        "[a-z0-9 é\\\\\"]{0,12}".prop_map(|text| serde_json::to_string(&text).expect("a text")),
    ];
    let key = prop_oneof![
        Just("ps_survey_id"),
        Just("ps_survey_status"),
        Just("completes_required"),
        Just("offer_price"),
        Just("quotas"),
        Just("qualifications"),
        Just("criteria"),
        Just("range_sets"),
        Just("condition_codes"),
        Just("qualification_code"),
        Just("required_count"),
        Just("buyer_quota_id"),
        Just("from"),
        Just("to"),
        Just("templates"),
        Just("id"),
        Just("completes_fielded"),
        Just("surveys_in_group"),
        Just("feot"),
        Just("format"),
        Just("resources"),
        Just("intents"),
        Just("serial"),
        Just("lineage"),
        Just("environment"),
        Just("plan"),
        Just("steps"),
        Just("kind"),
        Just("survey"),
        Just("ps_api_response_code"),
        Just("status"),
    ];
    let json = leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(","))),
            prop::collection::vec((key.clone(), inner), 0..7).prop_map(|entries| {
                let entries: Vec<String> = entries.into_iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
                format!("{{{}}}", entries.join(","))
            }),
        ]
    });
    prop_oneof![
        4 => json.prop_map(String::into_bytes),
        1 => prop::collection::vec(any::<u8>(), 0..200),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn vendor_answers(body in bodies(), status in prop_oneof![Just(200_u16), Just(201), Just(400), Just(404), Just(500)]) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let reader = reader(status, body);
            if let Reading::Present(live) = reader.survey(&LiveKey::survey("7")).await {
                prop_assert_eq!(live.id, "7");
            }
            let keys: Vec<LiveKey> = (0..30).map(|id| LiveKey::survey(id.to_string())).collect();
            prop_assert_eq!(reader.surveys(&keys).await.len(), 30);
            let _ = reader.templates().await;
            let _ = reader.group("g").await;
            let _ = reader.surveys_since(jiff::Timestamp::UNIX_EPOCH).await;
            Ok(())
        })?;
    }

    /// JSON is YAML.
    #[test]
    fn json_as_yaml(body in bodies()) {
        if let Ok(text) = std::str::from_utf8(&body) {
            second_reader::agrees(text);
        }
    }

    #[test]
    fn state_documents(body in bodies()) {
        if let Ok(document) = Document::parse(&body) {
            prop_assert_eq!(Document::parse(&document.to_bytes()), Ok(document));
        }
    }

    #[test]
    fn saved_plans(body in bodies()) {
        prop_assert!(SavedPlan::parse(&body).is_err(), "a plan nobody made");
    }

    #[test]
    fn pictures(body in bodies()) {
        prop_assert!(Picture::parse(&body).is_err(), "a picture nobody took");
    }

    #[test]
    fn state_folders(document in bodies(), journal in bodies()) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = camino::Utf8PathBuf::from_path_buf(folder.path().to_owned()).expect("UTF-8");
        std::fs::write(path.join("state.json"), document).expect("written");
        std::fs::write(path.join("journal.jsonl"), journal).expect("written");
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        if let Err(error) = runtime.block_on(LocalStore::new(path).load()) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
