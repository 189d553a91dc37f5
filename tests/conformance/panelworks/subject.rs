//! What the suite and these tests have to know about Panelworks.

use super::emulator::{BASE, Emulator, KEY};
use super::market::ID;
use crate::subject::{Edit, Ground, Subject};
use crate::world::World;
use futures_util::future::BoxFuture;
use infield::model::VendorId;
use infield::plan::Plan;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The survey of these tests.
pub(crate) const SODA: &str = "\
kind: Survey
name: soda
title: Soda tracker
locale: en-US
completes: 400
length_of_interview: 5
cpi: 3.75 USD
live_url: https://survey.example.com/s/soda?tk=1
status: live
qualifications:
  age: [18-64]
quotas:
  - {name: men, completes: 200, where: {gender: [male], age: [18-34]}}
  - {name: women, completes: 200, where: {gender: [female], age: [18-34]}}
panelworks:
  topic: food
";

/// Panelworks, as the suite needs it.
pub(crate) struct Panel;

impl Subject for Panel {
    fn vendor(&self) -> VendorId {
        ID
    }

    fn ground(&self) -> Ground {
        Ground::Studio(Emulator::default())
    }

    fn base_url(&self) -> String {
        format!("http://panelworks.example{BASE}")
    }

    fn token(&self) -> &'static str {
        KEY
    }

    fn manifest(&self) -> &'static str {
        SODA
    }

    fn edits(&self) -> Vec<Edit> {
        vec![
            ("cpi: 3.75 USD", "cpi: 4.10 USD", "/cpi"),
            ("completes: 400", "completes: 420", "/completes"),
            ("title: Soda tracker", "title: Soda, renamed", "/title"),
            (
                "name: men, completes: 200",
                "name: men, completes: 220",
                "/quotas/men/completes",
            ),
            ("topic: food", "topic: health", "/panelworks/topic"),
            ("age: [18-64]", "age: [18-64, 70-75]", "/qualifications/age"),
        ]
    }

    fn edited(&self) -> String {
        SODA.replace("cpi: 3.75 USD", "cpi: 4.10 USD")
            .replace("completes: 400", "completes: 420")
            .replace("title: Soda tracker", "title: Soda, renamed")
            .replace("name: men, completes: 200", "name: men, completes: 220")
            .replace("age: [18-64]", "age: [18-64, 70-75]")
    }

    fn refusals(&self) -> Vec<(u16, Value)> {
        vec![(409, json!({"ok": false, "reason": "not now"}))]
    }

    fn never_wrong<'a>(&'a self, world: &'a World, what: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            assert!(world.studio().studies().len() <= 1, "{what}: made twice");
        })
    }

    fn finish<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            world.studio().respond(0, 400, 0);
            world.studio().becomes("halted");
        })
    }

    /// Nobody who begins is followed; who comes to the end is paid in field and below the goal.
    fn people<'a>(&'a self, world: &'a World, what: &'a Value) -> BoxFuture<'a, Decimal> {
        Box::pin(async move {
            let study = &world.studio().studies()[0];
            let number = |value: &Value| value.as_u64().unwrap_or(0);
            let room = number(&study["goal"]).saturating_sub(number(&study["counts"]["got"]));
            let paid = match study["state"].as_str() {
                Some("fielding") => number(&what["finishes"]).min(room),
                _ => 0,
            };
            world.studio().respond(0, paid, 0);
            Decimal::new(
                i64::try_from(number(&study["reward"]["minor"]) * paid).unwrap(),
                2,
            )
        })
    }

    fn close<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move { world.studio().becomes("archived") })
    }

    fn raised(&self) -> String {
        SODA.replace("completes: 400", "completes: 500")
    }

    fn picture<'a>(&'a self, world: &'a World) -> BoxFuture<'a, Value> {
        Box::pin(async move { world.studio().studies().into() })
    }
}

/// A world with this marketplace.
pub(crate) async fn open() -> World {
    World::open(&Panel, &Value::Null).await
}

/// The calls of a plan, as the emulator writes down what it gets.
pub(crate) fn calls(plan: &Plan) -> Vec<String> {
    let calls = plan.steps.iter().flat_map(|step| &step.calls);
    calls
        .map(|call| match &call.body {
            None => format!("{} {}", call.method, call.path),
            Some(body) => format!("{} {} {body}", call.method, call.path),
        })
        .collect()
}
