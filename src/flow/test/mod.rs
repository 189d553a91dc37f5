//! Tests of manifests: what happens in them, on the very flows that commands use, and what is expected of it.
//!
//! Promises: every test has a sandbox, a state and a clock of its own, which nothing else sees; no account is used, nothing is
//! told to anybody, and no file of the project changes; the same files give the same report.

mod compare;
mod quiet;
mod world;

use super::{Process, Stop};
use crate::manifest::test::Test;
use crate::manifest::{Loaded, Session};
use crate::report::test::{Failure, Tested};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
use serde_json::Value;
use std::path::Path;
use world::World;

/// Where tests run: one sandbox at a time.
pub trait Bench: Sync {
    /// A process whose clock and emulators are those of the sandbox that was begun last.
    fn process(&self) -> &'static dyn Process;

    /// Begins an empty sandbox, at this time.
    ///
    /// # Errors
    /// When it cannot be had.
    fn begin(&self, at: Timestamp) -> Result<(), Stop>;

    /// Lets something happen in it, as its own endpoints do.
    fn happen<'a>(&'a self, path: &'a str, body: Value) -> BoxFuture<'a, Result<(), Stop>>;
}

/// What surrounds the tests of a project.
pub struct Around<'a> {
    /// Where they run.
    pub bench: &'a dyn Bench,
    /// The folder that files are named from.
    pub base: &'a Path,
    /// The folder of the project.
    pub root: &'a Path,
    /// What was loaded with the tests, for the places of what they say.
    pub loaded: &'a Loaded,
}

/// Runs one test. `session` keeps the files that were read for the next one.
pub async fn run(test: &Test, around: &Around<'_>, session: &mut Session) -> Tested {
    let place = |span| around.loaded.sources.place(&test.file, Some(span));
    let mut failures = Vec::new();
    let begun = World::begin(test, around, session);
    match begun {
        Err(stop) => failures.push(stopped(place(test.place), stop)),
        Ok(mut world) => {
            for (step, span) in &test.steps {
                match world.step(step).await {
                    Ok(different) => {
                        let different = different.into_iter();
                        failures.extend(different.map(|one| Failure {
                            place: place(one.span),
                            what: one.what,
                            expected: Some(one.expected),
                            found: Some(one.found),
                            help: None,
                        }));
                    }
                    // What comes after it has nothing to stand on.
                    Err(stop) => {
                        failures.push(stopped(place(*span), stop));
                        break;
                    }
                }
            }
        }
    }
    Tested {
        name: test.name.clone(),
        place: place(test.place),
        passed: failures.is_empty(),
        failures,
    }
}

/// A step that could not be done.
fn stopped(place: String, stop: Stop) -> Failure {
    Failure {
        place,
        what: stop.message.unwrap_or_default(),
        expected: None,
        found: None,
        help: stop.help,
    }
}

#[cfg(test)]
mod tests {
    use crate::fieldwork::Verdict;
    use crate::manifest::schema::{self, Kind};
    use serde_json::{Value, json};

    /// Manifests know neither plans nor fieldwork, so the words of both stand in their schema as lists.
    #[test]
    fn the_words_of_expectations_are_those_of_plans_and_of_fieldwork() {
        let words = |pointer: &str| {
            let schema = schema::of(Kind::Test);
            schema
                .pointer(pointer)
                .unwrap_or_else(|| panic!("{pointer}"))
                .clone()
        };
        let of = |schema: schemars::Schema| -> Vec<Value> {
            let all = schema.to_value();
            let listed = all["enum"].as_array().cloned().unwrap_or_default();
            let told = all["oneOf"].as_array().into_iter().flatten();
            let told = told.flat_map(|one| match &one["const"] {
                Value::Null => one["enum"].as_array().cloned().unwrap_or_default(),
                word => vec![word.clone()],
            });
            listed.into_iter().chain(told).collect()
        };
        let plan = "/properties/expect/properties/plan/properties";
        let actions = words(&format!("{plan}/surveys/additionalProperties/items/enum"));
        assert_eq!(json!(of(schemars::schema_for!(crate::plan::Action))), actions);
        let notes = words(&format!("{plan}/notes/additionalProperties/items/enum"));
        assert_eq!(json!(of(schemars::schema_for!(crate::plan::NoteKind))), notes);
        let verdict = "/properties/expect/properties/status/additionalProperties/properties/verdict/enum";
        assert_eq!(json!(Verdict::ALL.map(Verdict::key)), words(verdict));
    }
}
