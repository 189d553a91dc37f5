//! Who sends respondents: written after the draft, read back, and not remembered before it is written.

use super::support::{World, applied, create, draft, ok, refused, step, titled, write};
use crate::marketplace::http::scripted::Answer;
use crate::marketplace::purespectrum;
use crate::model::Method;
use crate::plan::{Action, Step};
use serde_json::json;

/// What a draft shows of who sends respondents.
fn sends(supplier: u64) -> Answer {
    Answer::new(200, &purespectrum::suppliers::shown(supplier, 5))
}

/// Makes a draft, and says who sends its respondents.
fn supplied() -> Step {
    let mut spec = titled("Soda");
    spec.suppliers = serde_json::from_value(json!([{"supplier": 3, "completes": 5}])).unwrap();
    let suppliers = write(Method::Put, "/surveys/{soda}/suppliers");
    Step {
        calls: vec![create(), suppliers],
        record: applied(spec),
        ..step("soda", Action::Create)
    }
}

#[tokio::test(start_paused = true)]
async fn who_sends_respondents_is_read_back() {
    let world = World::new().await;
    world.vendor([
        ("POST /surveys", Answer::new(200, &json!({"id": 7}))),
        ("PUT /surveys/7/suppliers", ok()),
        ("GET /surveys/7", draft("7")),
        ("GET /surveys/7/suppliers?stats=0", sends(3)),
    ]);
    let tally = world.apply([supplied()]).await;
    assert_eq!((tally.done, tally.failed), (1, 0));
    assert!(!world.survey("soda").applied.suppliers.is_absent());
}

#[tokio::test(start_paused = true)]
async fn who_sends_respondents_does_not_count_as_applied_before_it_is_written() {
    let world = World::new().await;
    world.vendor([
        ("POST /surveys", Answer::new(200, &json!({"id": 7}))),
        ("PUT /surveys/7/suppliers", refused(400)),
    ]);
    let tally = world.apply([supplied()]).await;
    assert_eq!(tally.failed, 1);
    assert!(world.survey("soda").applied.suppliers.is_absent());
}
