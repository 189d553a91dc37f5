//! What is told, as data.

use crate::apply::event::{Event, schema};
use crate::model::Address;
use crate::plan::{Note, NoteKind};
use serde_json::json;

#[test]
fn a_note_is_told_with_its_kind_and_its_help() {
    let note = Note::new(&Address::survey("soda"), NoteKind::Blocked, "it waits").help("wait");
    let told = serde_json::to_value(Event::from(&note)).unwrap();
    let expected = json!({
        "event": "noted", "address": "soda", "kind": "blocked", "message": "it waits", "help": "wait",
    });
    assert_eq!(told, expected);
    let silent = Note { help: None, ..note };
    let told = serde_json::to_value(Event::from(&silent)).unwrap();
    assert_eq!(told.get("help"), None);
}

#[test]
fn the_schema_takes_every_event_and_nothing_else() {
    let validator = jsonschema::draft202012::new(&schema()).unwrap();
    let note = Note::new(&Address::survey("soda"), NoteKind::Drift, "it moved");
    for event in [Event::from(&note), Event::Finished(Default::default())] {
        let told = serde_json::to_value(event).unwrap();
        assert!(validator.is_valid(&told), "{told}");
    }
    assert!(!validator.is_valid(&json!({"event": "guessed"})));
}
