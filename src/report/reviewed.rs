//! What differs between a plan that was reviewed and the plan of now, in lines for people: only what belongs to its name.

use super::plan_json::{CallReport, PlanReport, StepReport};
use super::words;
use crate::model::Json;
use crate::plan::{Change, Note};
use crate::text::pointer;
use serde_json::Value;
use std::collections::BTreeMap;

/// How many lines are shown; whoever wants all of them compares the plans.
const MOST: usize = 20;

/// Says what differs, one line each: fields by their address and path, calls by JSON pointers into their bodies.
pub fn differences(reviewed: &PlanReport, now: &PlanReport) -> Vec<String> {
    if reviewed.environment != now.environment {
        let environment = &reviewed.environment;
        return vec![format!("it was made for the environment `{environment}`")];
    }
    let mut lines = money(reviewed, now);
    let (then, today) = (steps(reviewed), steps(now));
    for (id, before) in &then {
        match today.get(id) {
            Some(after) => lines.extend(of_step(before, after)),
            None => lines.push(gone(before, now)),
        }
    }
    let new = today.iter().filter(|(id, _)| !then.contains_key(*id));
    lines.extend(new.map(|(id, step)| format!("{id} is new{}", calls(step))));
    if lines.len() > MOST {
        let more = lines.split_off(MOST).len();
        lines.push(format!("and {more} more"));
    }
    lines
}

fn steps(plan: &PlanReport) -> BTreeMap<&str, &StepReport> {
    let steps = plan.steps.iter().chain(&plan.held_back);
    steps.map(|step| (step.id.as_str(), step)).collect()
}

/// Surveys whose highest cost is another one.
fn money(reviewed: &PlanReport, now: &PlanReport) -> Vec<String> {
    let say = |most: &Option<String>| most.clone().unwrap_or_else(|| "any amount".to_owned());
    let moved = now.ceilings.iter().filter_map(|(address, now)| {
        let then = reviewed.ceilings.get(address)?;
        (then != now).then(|| {
            let (now, then) = (say(now), say(then));
            format!("{address} can cost up to {now} in all now, and {then} was reviewed")
        })
    });
    moved.collect()
}

/// A step that is not there any more, with what is said of its survey instead.
fn gone(step: &StepReport, now: &PlanReport) -> String {
    let about = |note: &&Note| note.holds() && note.address.as_str() == step.address;
    let why = now.notes.iter().find(about);
    let why = why.map(|note| format!(": {}", words::clean(&note.message)));
    format!(
        "{} is no longer planned{}{}",
        step.id,
        calls(step),
        why.unwrap_or_default()
    )
}

/// The calls of a step, in short.
fn calls(step: &StepReport) -> String {
    let calls: Vec<String> = step.calls.iter().map(line).collect();
    match calls.is_empty() {
        true => String::new(),
        false => format!(" ({})", calls.join(", ")),
    }
}

fn line(call: &CallReport) -> String {
    format!("{} {}", call.method, call.path)
}

fn of_step(before: &StepReport, after: &StepReport) -> Vec<String> {
    let address = &after.address;
    let show = |value: &Json| words::clean(value.text());
    let mut lines = Vec::new();
    for change in &after.changes {
        let same = before.changes.iter().find(|other| other.path == change.path);
        let path = &change.path;
        let goes = |change: &Change| format!("from {} to {}", show(&change.before), show(&change.after));
        match same {
            None => lines.push(format!("{address}: {path} goes {} as well", goes(change))),
            Some(then) if then.before != change.before || then.after != change.after => {
                lines.push(format!(
                    "{address}: {path} goes {} now, not {}",
                    goes(change),
                    goes(then)
                ));
            }
            Some(_) => {}
        }
    }
    let left = before.changes.iter();
    let left = left.filter(|change| !after.changes.iter().any(|other| other.path == change.path));
    lines.extend(left.map(|change| format!("{address}: {} does not change any more", change.path)));
    for (then, now) in before.calls.iter().zip(&after.calls) {
        of_call(address, then, now, &mut lines);
    }
    let count = before.calls.len().min(after.calls.len());
    lines.extend(
        before.calls[count..]
            .iter()
            .map(|call| format!("{address}: {} is not sent any more", line(call))),
    );
    lines.extend(
        after.calls[count..]
            .iter()
            .map(|call| format!("{address}: {} is sent as well", line(call))),
    );
    if before.depends_on != after.depends_on {
        let waits = |step: &StepReport| match step.depends_on.is_empty() {
            true => "nothing".to_owned(),
            false => step.depends_on.join(", "),
        };
        lines.push(format!(
            "{} waits for {} now, not for {}",
            after.id,
            waits(after),
            waits(before)
        ));
    }
    lines
}

fn of_call(address: &str, then: &CallReport, now: &CallReport, lines: &mut Vec<String>) {
    if (then.method, &then.path) != (now.method, &now.path) {
        lines.push(format!("{address}: sends {} now, not {}", line(now), line(then)));
        return;
    }
    let mut inside = Vec::new();
    let [was, will] = [then, now].map(|call| call.body.as_ref().map(Json::value).unwrap_or_default());
    values(String::new(), &was, &will, &mut inside);
    let show = |value: Option<&Value>| {
        value.map_or_else(|| "nothing".to_owned(), |value| words::clean(&value.to_string()))
    };
    lines.extend(inside.into_iter().map(|(pointer, old, new)| {
        format!(
            "{address}: {} sends {pointer}: {} -> {}",
            line(now),
            show(old),
            show(new)
        )
    }));
    if let (Some(then), Some(now)) = (&then.otherwise, &now.otherwise) {
        of_call(address, then, now, lines);
    }
}

/// Where two bodies differ, by JSON pointers.
fn values<'a>(
    place: String,
    then: &'a Value,
    now: &'a Value,
    found: &mut Vec<(String, Option<&'a Value>, Option<&'a Value>)>,
) {
    match (then, now) {
        (then, now) if then == now => {}
        (Value::Object(then), Value::Object(now)) => {
            let new = now.keys().filter(|key| !then.contains_key(*key));
            for key in then.keys().chain(new) {
                let place = pointer::below(&place, key);
                match (then.get(key), now.get(key)) {
                    (Some(then), Some(now)) => values(place, then, now, found),
                    (then, now) => found.push((place, then, now)),
                }
            }
        }
        (Value::Array(then), Value::Array(now)) if then.len() == now.len() => {
            for (index, (then, now)) in then.iter().zip(now).enumerate() {
                values(pointer::below(&place, index), then, now, found);
            }
        }
        (then, now) => found.push((place, Some(then), Some(now))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn bodies_differ_where_their_values_do_and_nowhere_else() {
        let then = json!({"a": [1, {"b/c": 2}], "gone": null, "list": [1], "same": {"x": 1}});
        let now = json!({"a": [1, {"b/c": 3}], "list": [1, 2], "same": {"x": 1}, "new": true});
        let mut found = Vec::new();
        values(String::new(), &then, &now, &mut found);
        let (two, three, null, yes) = (json!(2), json!(3), json!(null), json!(true));
        let (short, long) = (json!([1]), json!([1, 2]));
        assert_eq!(
            found,
            [
                ("/a/1/b~1c".to_owned(), Some(&two), Some(&three)),
                ("/gone".to_owned(), Some(&null), None),
                ("/list".to_owned(), Some(&short), Some(&long)),
                ("/new".to_owned(), None, Some(&yes)),
            ]
        );
    }

    /// A plan of these steps.
    fn plan(steps: &Value, more: &Value) -> PlanReport {
        crate::marketplace::registry::install();
        let mut whole = serde_json::to_value(PlanReport::from(&crate::plan::Plan::default())).unwrap();
        whole["environment"] = json!("bench");
        for (key, value) in more.as_object().unwrap() {
            whole[key] = value.clone();
        }
        let filled = |step: &Value| {
            let mut filled = json!({
                "address": "one", "vendor": "purespectrum", "action": "update", "reason": "", "changes": [], "calls": [],
                "depends_on": [], "guards": [],
            });
            filled
                .as_object_mut()
                .unwrap()
                .extend(step.as_object().unwrap().clone());
            filled
        };
        whole["steps"] = steps.as_array().unwrap().iter().map(filled).collect();
        serde_json::from_value(whole).unwrap()
    }

    #[test]
    fn every_kind_of_difference_has_a_line_and_what_is_the_same_has_none() {
        let call = |path: &str, value: u64| json!({"method": "PUT", "path": path, "body": {"n": value}});
        let change =
            |path: &str, before: u64, after: u64| json!({"path": path, "before": before, "after": after});
        let then = plan(
            &json!([
                {"id": "one:update", "changes": [change("/cpi", 1, 2), change("/title", 1, 2), change("/gone", 1, 2)],
                 "calls": [call("/a", 1), call("/b", 1), call("/c", 1)]},
                {"id": "one:pause", "calls": [call("/p", 1)], "depends_on": ["one:update"]},
                {"id": "two:close", "address": "two", "calls": [call("/t", 1)]},
            ]),
            &json!({"ceilings": {"one": "400.00 USD", "two": null}}),
        );
        assert_eq!(differences(&then, &then), Vec::<String>::new());
        let now = plan(
            &json!([
                {"id": "one:update", "changes": [change("/cpi", 1, 3), change("/title", 1, 2), change("/new", 1, 2)],
                 "calls": [call("/a", 7), call("/other", 1)]},
                {"id": "one:pause", "calls": [call("/p", 1)]},
                {"id": "tea:create", "calls": [call("/s", 1)]},
            ]),
            &json!({
                "ceilings": {"one": null, "two": null},
                "notes": [{"address": "two", "kind": "blocked", "message": "it is being launched"}],
            }),
        );
        assert_eq!(
            differences(&then, &now),
            [
                "one can cost up to any amount in all now, and 400.00 USD was reviewed",
                "one:pause waits for nothing now, not for one:update",
                "one: /cpi goes from 1 to 3 now, not from 1 to 2",
                "one: /new goes from 1 to 2 as well",
                "one: /gone does not change any more",
                "one: PUT /a sends /n: 1 -> 7",
                "one: sends PUT /other now, not PUT /b",
                "one: PUT /c is not sent any more",
                "two:close is no longer planned (PUT /t): it is being launched",
                "tea:create is new (PUT /s)",
            ]
        );
        let elsewhere = plan(&json!([]), &json!({"environment": "production"}));
        assert_eq!(
            differences(&elsewhere, &now),
            ["it was made for the environment `production`"]
        );
        let step = |number: usize| json!({"id": format!("s{number}:update")});
        let many = plan(&(0..30).map(step).collect(), &json!({}));
        let lines = differences(&plan(&json!([]), &json!({})), &many);
        assert_eq!((lines.len(), lines[MOST].as_str()), (MOST + 1, "and 10 more"));
    }
}
