//! People who work in Cint's web interface, and what the vendor does to target groups by itself.

use super::{PROJECTS, is_project};
use crate::market::{Market, list};
use crate::sim::Sim;
use http::header::IF_MATCH;
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};

/// Somebody works on it. What, and the answer's status.
pub(super) fn meddle(sim: &Sim, id: &str) -> (&'static str, u16) {
    let document = sim.checker().mirror[id].document.clone();
    let number = sim.random().between(1, 80);
    let choice = sim.random().between(0, 11);
    if is_project(&document) {
        return match choice {
            0..=5 => rename_project(sim, id, &document, number),
            _ => ("copies", copy(sim, id, &document)),
        };
    }
    let own = format!(
        "{PROJECTS}/{}/target-groups/{id}",
        document["project"].as_str().unwrap_or_default()
    );
    let write =
        |method: Method, rest: &str, body: &Value| call(sim, method, &format!("{own}/{rest}"), Some(body));
    let run = |action: &str| {
        call(
            sim,
            Method::POST,
            &format!("{own}/fielding-runs/{id}/{action}"),
            None,
        )
    };
    let vendor = |body: Value| {
        let path = "/_sandbox/respondents";
        sim.direct(Method::POST, path, Some(&body)).0
    };
    match choice {
        0 => ("pauses", run("pause")),
        1 => ("completes", run("complete")),
        2 => ("resumes", run("resume")),
        3 => ("launches", launch(sim, id, &own)),
        // What the vendor moves itself it shows to nobody as it was asked for.
        4 if document["assistant"]["pricing"].is_null() => {
            let cents = json!({"target_group_cpi": {"value": format!("{}.{number:02}", number % 5 + 1), "currency_code": "USD"}});
            (
                "changes the price of",
                write(Method::PUT, "cost-per-interview", &cents),
            )
        }
        5 => (
            "changes the size of",
            write(
                Method::PUT,
                "profiles/completes-goal",
                &json!({"completes_goal": number}),
            ),
        ),
        6 => {
            let mut fields = document["fields"].clone();
            fields["name"] = json!(format!("by hand {number}"));
            if sim.checker().is_lost(id) && fields["target_group_customer_reference_number"].is_null() {
                // A lost one without a reference is known by its title alone: the known limit of that.
                return ("leaves alone", 0);
            }
            ("renames", write(Method::PUT, "details", &fields))
        }
        7 => {
            // A question that no manifest asks.
            let profile = json!({"object": "regular", "name": "HISPANIC", "quotas_enabled": false, "targets": [
                {"name": "by hand", "conditions": [{"object": "selection", "question_id": 47, "option": "1"}]}]});
            if has_question(&document, 47) {
                return ("finds a profile in", 0);
            }
            let body = json!({"vendor": "cint", "group": id, "profile": profile});
            let path = "/_sandbox/ui/quotas";
            ("adds a profile to", sim.direct(Method::POST, path, Some(&body)).0)
        }
        8 => {
            let reason = *sim
                .random()
                .pick(&["no_completes_in_several_days", "high_drop_rates"]);
            (
                "(the vendor) pauses",
                vendor(json!({"vendor": "cint", "group": id, "pause": reason})),
            )
        }
        9 => {
            let end = json!({
                "start_fielding_at": time(&document["run"]["start_ms"]),
                "end_fielding_at": format!("2027-07-{:02}T00:00:00.000Z", number % 28 + 1),
            });
            let path = format!("{own}/fielding-runs/{id}");
            ("moves the end of", call(sim, Method::PUT, &path, Some(&end)))
        }
        _ => ("copies", copy(sim, id, &document)),
    }
}

fn time(ms: &Value) -> String {
    let at = jiff::Timestamp::from_millisecond(ms.as_i64().unwrap_or(0)).expect("a time");
    format!("{at:.3}")
}

fn has_question(document: &Value, question: u64) -> bool {
    list(&document["profiling"]["profiles"])
        .iter()
        .flat_map(|profile| list(&profile["targets"]))
        .flat_map(|target| list(&target["conditions"]))
        .any(|condition| condition["question_id"] == question)
}

/// A call of the interface: whatever the version is, and with a key that nobody else has.
fn call(sim: &Sim, method: Method, path: &str, body: Option<&Value>) -> u16 {
    answered(sim, method, path, body).0
}

fn answered(sim: &Sim, method: Method, path: &str, body: Option<&Value>) -> (u16, Value) {
    let mut headers = HeaderMap::new();
    super::Cint.sign(sim, &mut headers);
    headers.insert(IF_MATCH, HeaderValue::from_static("*"));
    let key = format!("by hand {}", sim.random().next());
    headers.insert("idempotency-key", HeaderValue::from_str(&key).expect("plain"));
    sim.direct_with(method, path, headers, body)
}

/// Launches, and looks at the job until the vendor is done with it, before anybody else comes.
fn launch(sim: &Sim, id: &str, own: &str) -> u16 {
    let body = json!({"end_fielding_at": "2027-06-30T00:00:00.000Z"});
    let jobs = format!("{own}/fielding-run-jobs/launch-from-draft");
    let status = call(sim, Method::POST, &jobs, Some(&body));
    for _ in 0..5 {
        sim.look(id);
        let job = sim.checker().mirror[id].document["job"][0].clone();
        let Some(job) = job.as_str() else { break };
        call(sim, Method::GET, &format!("{jobs}/{job}"), None);
    }
    status
}

fn rename_project(sim: &Sim, id: &str, document: &Value, number: u64) -> (&'static str, u16) {
    // A lost project is looked for by its title: the known limit of that.
    if sim.checker().is_lost(id) {
        return ("leaves alone", 0);
    }
    let body = json!({
        "name": format!("by hand {number}"),
        "project_manager_id": document["manager"],
        "project_customer_reference_number": document["reference"],
    });
    let path = format!("{PROJECTS}/{id}");
    ("renames", call(sim, Method::PUT, &path, Some(&body)))
}

/// Makes by hand what looks exactly like one of infield's.
fn copy(sim: &Sim, id: &str, document: &Value) -> u16 {
    let Some(body) = sim.checker().body_to_copy(id) else {
        return 0;
    };
    let path = match document["project"].as_str() {
        Some(project) => format!("{PROJECTS}/{project}/target-groups"),
        None => PROJECTS.to_owned(),
    };
    let (status, answer) = answered(sim, Method::POST, &path, Some(&body));
    if let Some(made) = super::Cint.made_id(&answer).filter(|_| status < 300) {
        sim.made_by_hand(made);
    }
    status
}
