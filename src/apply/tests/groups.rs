//! Exclusion groups whose ids the vendor makes.

use super::support::{World, ok, step, write};
use crate::marketplace::http::scripted::Answer;
use crate::model::{Call, CallClass, DesiredGroup, GroupMember, Method};
use crate::plan::{Action, Record, Step};
use serde_json::json;

fn made(id: &str) -> Answer {
    Answer::new(200, &json!({ "id": id }))
}

fn drinks() -> DesiredGroup {
    DesiredGroup {
        vendor: crate::marketplace::PURESPECTRUM,
        reference: "drinks".to_owned(),
        title: "Drinks".to_owned(),
        members: vec![GroupMember::VendorId(7.into())],
        exclusion_days: None,
    }
}

/// A vendor that makes the id of a group itself is told it in later calls; the group is remembered by its reference.
#[tokio::test(start_paused = true)]
async fn a_group_is_filled_under_the_id_that_it_was_given() {
    let make = Call {
        returns_id: Some("/id".to_owned()),
        class: CallClass::Create,
        ..write(Method::Post, "/surveygroups")
    };
    let step = || Step {
        calls: vec![make.clone(), write(Method::Post, "/surveygroups/{drinks}/add")],
        record: Record::Group(drinks()),
        ..step("drinks", Action::Create)
    };
    let shown = |ids: &str| Answer::new(200, &format!(r#"{{"name":"Drinks","surveys_in_group":{ids}}}"#));
    let world = World::new().await;
    world.vendor([
        ("POST /surveygroups", made("g-1")),
        ("POST /surveygroups/g-1/add", ok()),
        ("GET /surveygroups/drinks", shown("[7]")),
    ]);
    let tally = world.apply([step()]).await;
    assert_eq!((tally.done, tally.calls), (1, 2));
    assert_eq!(world.stored("drinks").unwrap().id, "drinks");
    // What it holds is looked at.
    let world = World::new().await;
    world.vendor([
        ("POST /surveygroups", made("g-1")),
        ("POST /surveygroups/g-1/add", ok()),
        ("GET /surveygroups/drinks", shown("[]").always()),
    ]);
    world.apply([step()]).await;
    assert_eq!(
        world.failure().0,
        "the vendor did not keep what was sent: /surveys is nothing instead of 7"
    );
    // A lost answer is settled later, by what was wanted.
    let world = World::new().await;
    world.vendor([("POST /surveygroups", Answer::lost())]);
    let tally = world.apply([step()]).await;
    assert_eq!(tally.unknown, 1);
    assert_eq!(world.open()["key-1"].group, Some(drinks()));
}
