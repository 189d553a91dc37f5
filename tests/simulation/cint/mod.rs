//! Cint in the simulation: projects, their target groups, and the jobs that put these in field.
//!
//! The picture is taken from what the emulator stores. A target group whose launch is asked for counts as launching: the
//! vendor does it sooner or later whatever anybody does, and it happens while somebody looks.
//!
//! Known limits: a lost project is looked for by its title, and so is what has no reference, so nobody renames those. The
//! times of a target group lie beyond the life of a world: the vendor refuses a draft whose start or end has passed, and
//! infield does not say so beforehand. A paused one can be completed, as infield assumes. Nobody sets a price that the
//! vendor moves itself, because what was asked for is shown to nobody. Prices do not move, and nothing is reconciled.

mod by_hand;
mod project;
mod wanted;

use super::market::{Does, Keeps, Market, Named, Page, Phase, Seen, SeenQuota, body_of, list};
use super::random::Random;
use super::sim::Sim;
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use infield::marketplace::Client;
use infield::marketplace::http::transport::Outgoing;
use infield::model::{Address, Desired, DesiredSurvey, VendorId};
use infield_sandbox::Emulator;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) struct Cint;

const AUTH: &str = "http://vendor/cint/oauth/token";
const PROJECTS: &str = "/demand/accounts/1/projects";

/// What a document has that says nothing about what it is, and changes when others do.
const FLEETING: [&str; 3] = ["activity_ms", "hidden_reads", "hidden_lists"];

/// An amount of the vendor's money.
fn money(value: &Value) -> Option<Decimal> {
    value["value"].as_str()?.parse().ok()
}

/// Whether it holds target groups, and is none.
fn is_project(document: &Value) -> bool {
    document.get("project").is_none()
}

/// The parts of a path below all projects.
fn parts(path: &str) -> Option<Vec<&str>> {
    let below = path.split('?').next()?.strip_prefix(PROJECTS)?;
    Some(below.split('/').skip(1).collect())
}

/// A start that lies so far ahead that it never comes: how what is scheduled is stopped.
fn never_starts(document: &Value) -> bool {
    const YEARS_AHEAD: i64 = 3_000_000_000_000;
    document["run"]["start_ms"]
        .as_i64()
        .is_some_and(|start| start > YEARS_AHEAD)
}

fn phase(word: &str) -> Phase {
    match word {
        // It goes in field by itself.
        "scheduled" | "live" => Phase::Live,
        "paused" => Phase::Paused,
        "completed" => Phase::Closed,
        _ => Phase::Draft,
    }
}

/// Entries of the changelog about the status that people made, by their new word; a launch is told by its job.
fn moves(document: &Value) -> Vec<&str> {
    let by_people = list(&document["changelog"])
        .iter()
        .filter(|entry| !entry["user"].is_null());
    by_people
        .flat_map(|entry| list(&entry["changes"]))
        .filter(|change| change["object"] == "status_change" && change["old_value"] != "draft")
        .filter_map(|change| change["new_value"].as_str())
        .collect()
}

impl Market for Cint {
    fn id(&self) -> VendorId {
        infield::marketplace::CINT
    }

    fn base(&self) -> &'static str {
        "http://vendor/cint/v1"
    }

    fn emulator(&self) -> Box<dyn Emulator> {
        Box::new(infield_sandbox::cint::Cint)
    }

    fn settings(&self, random: &mut Random) -> Value {
        json!({
            "cint_job_ends_at_read": random.between(1, 4),
            "cint_full_location": random.percent(50),
            "cint_key_reuse_refused": random.percent(50),
            // Where it is not so, a correction in infield.yaml has to say it: one that was replaced and is paused could
            // not be closed.
            "cint_complete_paused": true,
            "cint_details_put_clears": random.percent(50),
            "cint_goal_keeps_shares": random.percent(30),
            "cint_manage_keeps_ids": random.percent(50),
            "cint_allocations_as_requested": random.percent(50),
            "cint_gzip": false,
            "cint_token_seconds": *random.pick(&[86_400, 86_400, 120]),
        })
    }

    fn client(&self) -> Option<Client> {
        Some(Client {
            id: "sandbox".to_owned().into(),
            auth_url: Some(AUTH.to_owned()),
        })
    }

    fn sign(&self, sim: &Sim, headers: &mut HeaderMap) {
        let ask = json!({
            "client_id": "sandbox", "client_secret": "sandbox", "grant_type": "client_credentials",
            "audience": "https://api.luc.id", "auth_scopes": "app:api",
        });
        let (_, _, answer) = sim.deliver(Outgoing {
            method: Method::POST,
            url: AUTH.to_owned(),
            headers: HeaderMap::new(),
            body: Some(ask.to_string().into()),
        });
        let answer: Value = serde_json::from_slice(&answer).expect("a token");
        let token = format!("Bearer {}", answer["access_token"].as_str().expect("a token"));
        headers.insert(AUTHORIZATION, HeaderValue::from_str(&token).expect("a token"));
        let version = HeaderName::from_static("cint-api-version");
        headers.insert(version, HeaderValue::from_static("2025-12-18"));
    }

    fn does(&self, method: &Method, path: &str, body: Option<&Value>) -> Does {
        let Some(parts) = parts(path).filter(|_| *method != Method::GET) else {
            // Tokens, and what is only worked out.
            return Does::Reads;
        };
        match parts.as_slice() {
            [] => Does::Makes { parent: None },
            [project, "target-groups"] => Does::Makes {
                parent: Some((*project).to_owned()),
            },
            [_, "compute-target-group-transitions"] => Does::Reads,
            [_, "target-groups", id, ..] => Does::Changes((*id).to_owned()),
            [_, "exclusion-policies"] => {
                let id = body.and_then(|body| body[0]["target_group_id"].as_str());
                Does::Changes(id.unwrap_or_default().to_owned())
            }
            [project] => Does::Changes((*project).to_owned()),
            _ => Does::Changes(String::new()),
        }
    }

    fn accepted(&self, status: u16, _answer: &Value) -> bool {
        (200..300).contains(&status)
    }

    fn has_keys(&self) -> bool {
        true
    }

    fn is_due(&self, sim: &Sim) -> bool {
        let now = sim.vendors_now().as_millisecond();
        let over = |time: &Value| time.as_i64().is_some_and(|time| time <= now);
        let due = |document: &Value| {
            let run = &document["run"];
            let times = match run["status"].as_str() {
                Some("scheduled") => over(&run["start_ms"]),
                Some("live") => over(&run["end_ms"]),
                _ => false,
            };
            times || !document["job"].is_null()
        };
        sim.checker().mirror.values().any(|seen| due(&seen.document))
    }

    /// The changelog names who did it. What the vendor did by itself is nobody's step.
    fn moved(&self, before: &Seen, after: &Seen) -> Option<Phase> {
        if before.document["job"].is_null() && !after.document["job"].is_null() {
            return Some(Phase::Launching);
        }
        let already = moves(&before.document).len();
        let to = phase(moves(&after.document).get(already..)?.last()?);
        (to != before.phase).then_some(to)
    }

    fn made_id(&self, answer: &Value) -> Option<String> {
        Some(answer["id"].as_str()?.to_owned())
    }

    fn id_in<'a>(&self, answer: &'a mut Value) -> Option<&'a mut Value> {
        answer.get_mut("id")
    }

    fn named(&self, it: &Value) -> Option<Named> {
        let fields = it.get("fields").unwrap_or(it);
        Some(Named {
            title: fields["name"].as_str()?.to_owned(),
            locale: fields["locale"].as_str().map(str::to_owned),
            inside: it["project"].as_str().map(str::to_owned),
        })
    }

    fn known_by<'a>(&self, made: &'a Value) -> Option<&'a str> {
        made["name"]
            .as_str()
            .filter(|_| made["target_group_customer_reference_number"].is_null())
    }

    fn page(&self, url: &str, size: usize) -> Option<Page> {
        let smaller = url.replace("page_size=100", &format!("page_size={size}"));
        (smaller != url).then_some(Page::Smaller(smaller))
    }

    fn failure(&self) -> &'static str {
        r#"{"object":"unexpected_internal_error","detail":"oops"}"#
    }

    fn listed<'a>(
        &self,
        method: &Method,
        path: &str,
        answer: &'a mut Value,
    ) -> Option<(&'a mut Vec<Value>, &'static str)> {
        if *method != Method::GET {
            return None;
        }
        let key = match parts(path)?.as_slice() {
            [] => "projects",
            [_, "target-groups"] => "target_groups",
            _ => return None,
        };
        Some((answer.get_mut(key)?.as_array_mut()?, "id"))
    }

    fn lie(&self, sim: &Sim, request: &Outgoing) -> Option<Keeps> {
        let path = request.url.strip_prefix(self.base())?;
        let mut body = body_of(request)?;
        let below = parts(path)?;
        match (&request.method, below.as_slice()) {
            // Another price, or no URL for tests.
            (&Method::POST, [_, "target-groups"]) => {
                let dear = sim.random().percent(50);
                let map = body.as_object_mut()?;
                match map.get_mut("cost_per_interview").filter(|_| dear) {
                    Some(price) => price["value"] = json!("9.99"),
                    None => drop(map.remove("test_url")?),
                }
                Some(Keeps::Body(body))
            }
            (&Method::PUT, [_, "target-groups", id, rest @ ..]) => {
                let checker = sim.checker();
                let now = &checker.mirror.get(*id)?.document;
                if rest == ["cost-per-interview"] && self.moves_price(now) {
                    return None;
                }
                let ask = match rest {
                    ["details"] => Some(path.to_owned()),
                    ["profiles", "completes-goal"] => Some(path.replace("/completes-goal", "")),
                    _ => None,
                };
                Some(Keeps::Nothing { ask })
            }
            (&Method::POST, [_, "target-groups", _, "profiles", "manage-profiles"]) => Some(Keeps::Nothing {
                ask: Some(path.replace("/manage-profiles", "")),
            }),
            (&Method::PUT, [_]) => Some(Keeps::Nothing {
                ask: Some(path.to_owned()),
            }),
            _ => None,
        }
    }

    fn documents(&self, sim: &Sim) -> BTreeMap<String, Value> {
        stored(sim, &|_| true).collect()
    }

    fn document(&self, sim: &Sim, id: &str) -> Option<Value> {
        let mut found = stored(sim, &|document| document["id"] == id);
        Some(found.next()?.1)
    }

    fn seen(&self, document: Value) -> Seen {
        let profiles = list(&document["profiling"]["profiles"]).iter();
        let cells = profiles
            .filter(|profile| profile["quotas"] == true)
            .flat_map(|profile| list(&profile["targets"]));
        // Ids are new whenever profiles are written; a cell is the same while it counts the same people.
        let cells = cells.map(|cell| (format!("{:?}", wanted::seen_cell(&cell["conditions"])), cell));
        let cells: Vec<(String, &Value)> = cells.collect();
        let quotas = cells.iter().map(|(id, cell)| SeenQuota {
            id: id.clone(),
            name: cell["name"].as_str().unwrap_or_default().to_owned(),
            wanted: cell["goal"].as_u64().unwrap_or(0),
            layer: None,
        });
        let counted = cells
            .iter()
            .filter_map(|(id, cell)| Some((id.clone(), cell["completes"].as_u64()?)));
        Seen {
            phase: match document["run"]["status"].as_str() {
                None if !document["job"].is_null() => Phase::Launching,
                None => Phase::Draft,
                Some("scheduled") if never_starts(&document) => Phase::Paused,
                Some(word) => phase(word),
            },
            goal: document["goal"].as_u64(),
            price: money(&document["assistant"]["pricing"]["maximum_cpi"])
                .or_else(|| money(&document["cpi"])),
            quotas: quotas.collect(),
            fielded: document["counts"]["completes"].as_u64().unwrap_or(0),
            quotas_fielded: counted.collect(),
            document,
        }
    }

    fn collect(
        &self,
        sim: &Sim,
        id: &str,
        (what, people): (&str, u64),
    ) -> Option<(u64, BTreeMap<String, u64>)> {
        let body = json!({"vendor": "cint", "group": id, (what): people});
        sim.direct(Method::POST, "/_sandbox/respondents", Some(&body));
        // The document counts.
        None
    }

    fn collects(&self, seen: &Seen) -> bool {
        seen.document["run"]["status"] == "live"
    }

    // Neither times nor strategy of what has ended can be written (OpenAPI, `update_fielding_run`).
    fn changes_in_field_only(&self, document: &Value, difference: &str) -> bool {
        let what = ["the end is ", "what fills it is "];
        document["run"]["status"] == "completed" && what.iter().any(|what| difference.starts_with(what))
    }

    fn moves_price(&self, document: &Value) -> bool {
        !document["assistant"]["pricing"].is_null()
    }

    fn differences(&self, address: &Address, wanted: &DesiredSurvey, document: &Value) -> Vec<String> {
        if address.is_group() {
            wanted::of_group(&wanted.spec, document)
        } else {
            wanted::of_project(&wanted.spec, document)
        }
    }

    /// A cell counts whoever fits, and its completes stay those of the whole: taking it away takes away a count and
    /// nothing else. It needs the approval for changes of who is asked.
    fn keeps_quotas(&self) -> bool {
        false
    }

    fn settled_by_hand(&self, _address: &Address) -> bool {
        false
    }

    fn meddle(&self, sim: &Sim, id: &str) -> (&'static str, u16) {
        by_hand::meddle(sim, id)
    }

    fn project(&self, random: &mut Random, large: bool) -> Desired {
        project::project(random, large)
    }

    fn edit(&self, random: &mut Random, desired: &mut Desired, told: &mut dyn FnMut(String)) {
        project::edit(random, desired, told);
    }
}

/// Projects and target groups by their ids, without what changes while somebody only looks.
fn stored(sim: &Sim, wanted: &dyn Fn(&Value) -> bool) -> impl Iterator<Item = (String, Value)> + use<> {
    let kept = ["cint/project/", "cint/group/"].map(|prefix| sim.stored(prefix, wanted));
    let plain = |mut document: Value| {
        for key in FLEETING {
            document.as_object_mut().expect("a document").remove(key);
        }
        Some((document["id"].as_str()?.to_owned(), document))
    };
    kept.into_iter().flatten().filter_map(plain)
}
