//! Ids and versions that later calls build on.

use super::support::{World, known, write};
use crate::apply::ids::{Ids, key};
use crate::marketplace::ETAG;
use crate::model::{Address, Call, KnownSurvey, Level, LiveKey, Method};
use serde_json::json;

/// What is known after these calls were answered, each with its version.
fn after(calls: &[(Method, &str, &str)]) -> Ids {
    let ids = Ids::default();
    for (method, path, version) in calls {
        ids.wrote(&write(*method, path), &json!({ETAG: version}));
    }
    ids
}

#[test]
fn a_version_is_that_of_what_was_written_and_of_what_is_in_it() {
    let ids = after(&[(Method::Put, "/p/7", "v2")]);
    let version = |path: &str| ids.version(path);
    assert_eq!(version("/p/7").as_deref(), Some("v2"));
    assert_eq!(version("/p/7/price").as_deref(), Some("v2"));
    for other in ["/p/77", "/p/7price", "/p", "/p/8", ""] {
        assert_eq!(version(other), None, "{other}");
    }
}

#[test]
fn the_closest_and_the_latest_version_counts() {
    let ids = after(&[
        (Method::Put, "/p/7/price", "v3"),
        (Method::Put, "/p/7", "v2"),
        (Method::Patch, "/p/7/price", "v4"),
    ]);
    assert_eq!(ids.version("/p/7/price").as_deref(), Some("v4"));
    assert_eq!(ids.version("/p/7/quotas").as_deref(), Some("v2"));
}

#[test]
fn an_action_gives_a_version_to_what_it_is_about() {
    let ids = after(&[(Method::Post, "/p/7/launch", "v2")]);
    assert_eq!(ids.version("/p/7").as_deref(), Some("v2"));
    let ids = after(&[(Method::Post, "nowhere", "v2")]);
    assert_eq!(ids.version("nowhere"), None);
    let ids = after(&[(Method::Put, "/p/7/launch", "v2")]);
    assert_eq!(ids.version("/p/7"), None);
}

#[test]
fn what_is_made_gives_no_version_to_where_it_was_made() {
    let ids = Ids::default();
    let create = Call {
        returns_id: Some("/id".to_owned()),
        ..write(Method::Put, "/p/7")
    };
    ids.wrote(&create, &json!({ETAG: "v2"}));
    ids.wrote(&write(Method::Put, "/p/7"), &json!({}));
    ids.wrote(&write(Method::Put, "/p/7"), &json!({ETAG: 2}));
    assert_eq!(ids.version("/p/7"), None);
}

#[tokio::test(start_paused = true)]
async fn what_is_looked_for_is_named_with_what_holds_it() {
    let (soda, us) = (Address::survey("soda"), Address::group("soda", "us"));
    let world = World::knowing([("soda", known("p", KnownSurvey::default()))]).await;
    assert_eq!(world.keeper.ids().await, [(soda.clone(), "p".to_owned())].into());
    let ids = Ids::default();
    let of = |address: &Address, ids: &Ids| key(address, "g".to_owned(), crate::marketplace::CINT, ids);
    assert_eq!(of(&us, &ids).parent, None);
    ids.made(&soda, "p");
    let expected = LiveKey {
        level: Level::Group,
        id: "g".to_owned(),
        parent: Some("p".to_owned()),
        hint: Default::default(),
        job: None,
    };
    assert_eq!(of(&us, &ids), expected);
    let expected = LiveKey {
        level: Level::Container,
        parent: None,
        ..expected
    };
    assert_eq!(of(&soda, &ids), expected);
}
