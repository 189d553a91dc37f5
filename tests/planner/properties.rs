//! What holds for any two sides. Small spaces and a fixed seed: the same cases on every run.

use crate::fake::Vendor;
use crate::support::*;
use infield::model::desired::{OnExternalPause, OnFixedChange, OnRemove, OnTemplateChange, Policy};
use infield::model::{Address, Criteria, Field, LiveQuota, Method, Quota, Reading, Status, SurveySpec};
use infield::plan::{Guard, NoteKind, Plan, Rule, hash};
use infield::report::{Style, plan_markdown, plan_text};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

/// Runs a property over the same cases every time.
fn check<S: Strategy>(cases: u32, strategy: &S, property: impl Fn(S::Value)) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng)
        .run(strategy, |value| {
            property(value);
            Ok(())
        })
        .unwrap();
}

fn maybe<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = Field<T>> + use<T> {
    prop_oneof![
        1 => Just(Field::Absent),
        4 => select(values.to_vec()).prop_map(Field::Set),
    ]
}

fn nullable<T: Clone + std::fmt::Debug + 'static>(values: &[T]) -> impl Strategy<Value = Field<T>> + use<T> {
    prop_oneof![
        1 => Just(Field::Absent),
        1 => Just(Field::Null),
        3 => select(values.to_vec()).prop_map(Field::Set),
    ]
}

fn status() -> impl Strategy<Value = Status> {
    select(vec![
        Status::Draft,
        Status::Live,
        Status::Live,
        Status::Paused,
        Status::Closed,
    ])
}

fn quota_list() -> impl Strategy<Value = Vec<Quota>> {
    let who = select(vec![
        vec![sex("1")],
        vec![sex("2")],
        vec![sex("1"), age(18, 34)],
        vec![],
    ]);
    (
        subsequence(vec!["a", "b", "c", "d"], 0..=4),
        vec((select(vec![50u64, 100, 150]), who), 4),
    )
        .prop_map(|(names, values)| {
            names
                .into_iter()
                .zip(values)
                .map(|(name, (completes, criteria))| quota(name, completes, criteria))
                .collect()
        })
}

fn targeting() -> impl Strategy<Value = Criteria> {
    subsequence(vec![sex("1"), age(18, 64)], 0..=2).prop_map(infield::model::targeting::canonical)
}

fn spec() -> impl Strategy<Value = SurveySpec> {
    let texts = (
        maybe(&["Soda".to_owned(), "Cola".to_owned()]),
        maybe(&["en-US".to_owned(), "es-US".to_owned()]),
        nullable(&["https://s.example/live".to_owned()]),
        nullable(&[
            "https://s.example/test".to_owned(),
            "https://s.example/t2".to_owned(),
        ]),
    );
    let numbers = (
        maybe(&[100u64, 200, 400]),
        nullable(&["1.00 USD".parse().unwrap(), "2.50 USD".parse().unwrap()]),
        maybe(&[10u64, 12]),
        nullable(&[15u64, 16]),
    );
    let lists = (
        prop_oneof![1 => Just(Field::Absent), 4 => targeting().prop_map(Field::Set)],
        prop_oneof![1 => Just(Field::Absent), 1 => Just(Field::Null), 5 => quota_list().prop_map(|all| Field::Set(all.into()))],
        btree_map(
            select(vec![
                "category".to_owned(),
                "buyer_message".to_owned(),
                "global_flexibility".to_owned(),
            ]),
            select(vec![json!(1), json!(2)]).prop_map(Field::Set),
            0..3,
        ),
    );
    let status = prop_oneof![1 => Just(Field::Absent), 6 => status().prop_map(Field::Set)];
    (texts, numbers, lists, status).prop_map(|(texts, numbers, lists, status)| {
        let (title, locale, live_url, test_url) = texts;
        let (completes, cpi, field_days, template) = numbers;
        let (qualifications, quotas, attributes) = lists;
        SurveySpec {
            title,
            locale,
            completes,
            cpi,
            live_url,
            test_url,
            status,
            field_days,
            template,
            qualifications,
            quotas,
            attributes: attributes.into(),
            ..SurveySpec::default()
        }
    })
}

fn policy() -> impl Strategy<Value = Policy> {
    let some = || any::<bool>();
    (some(), some(), some(), 0usize..3).prop_map(|(replace, resume, protect, remove)| Policy {
        protect,
        budget: None,
        on_fixed_change: if replace {
            OnFixedChange::Replace
        } else {
            OnFixedChange::Refuse
        },
        on_template_change: if replace {
            OnTemplateChange::Replace
        } else {
            OnTemplateChange::Refuse
        },
        on_external_pause: if resume {
            OnExternalPause::Resume
        } else {
            OnExternalPause::Report
        },
        on_remove: [OnRemove::Forget, OnRemove::Pause, OnRemove::Close][remove],
        tags: std::collections::BTreeSet::new(),
    })
}

fn rules() -> impl Strategy<Value = Vec<Rule>> {
    vec(select(vec![Rule::Allow, Rule::Ask, Rule::Deny]), Guard::ALL.len())
}

/// Where the vendor's side of a pair comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Side {
    /// Not created yet.
    Nowhere,
    /// As the last apply left it.
    AsApplied,
    /// Moved by somebody since.
    Moved,
    /// Not readable.
    Unread,
}

fn side() -> impl Strategy<Value = Side> {
    select(vec![
        Side::Nowhere,
        Side::AsApplied,
        Side::AsApplied,
        Side::Moved,
        Side::Moved,
        Side::Unread,
    ])
}

/// One survey with its three sides independent of each other, its counters, and sometimes no manifest.
#[derive(Debug, Clone)]
struct Pair {
    wanted: SurveySpec,
    applied: SurveySpec,
    seen: SurveySpec,
    side: Side,
    status: Status,
    fielded: Option<u64>,
    by_hand: bool,
    policy: Policy,
    manifest: bool,
}

fn pair() -> impl Strategy<Value = Pair> {
    let sides = (spec(), spec(), spec(), side(), status());
    let rest = (
        prop_oneof![1 => Just(None), 4 => (0u64..250).prop_map(Some)],
        any::<bool>(),
        policy(),
        prop::bool::weighted(0.9),
    );
    (sides, rest).prop_map(
        |((wanted, applied, seen, side, status), (fielded, by_hand, policy, manifest))| Pair {
            wanted,
            applied,
            seen,
            side,
            status,
            fielded,
            by_hand,
            policy,
            manifest,
        },
    )
}

fn world(pairs: &[Pair], rules: &[Rule]) -> World {
    let mut world = World::new();
    world.templates(&[15, 16]);
    for (guard, rule) in Guard::ALL.into_iter().zip(rules) {
        world.guard(guard, *rule);
    }
    for (index, pair) in pairs.iter().enumerate() {
        let name = format!("survey-{index}");
        if pair.side == Side::Nowhere {
            world.want(&name, pair.wanted.clone());
            world.manifest(&name).policy = pair.policy.clone();
            continue;
        }
        let address = world.fielded(&name, pair.applied.clone());
        let id = world.seen(&name).id.clone();
        if pair.side == Side::Moved {
            *world.seen(&name) = twin(&id, &pair.seen);
        }
        world.at_vendor(&name, pair.status);
        world.seen(&name).fielded = pair.fielded;
        for quota in &mut world.seen(&name).quotas {
            quota.fielded = pair.fielded.map(|n| n / 3);
        }
        if pair.by_hand {
            world.seen(&name).quotas.push(LiveQuota {
                name: None,
                id: "ps-by-hand".to_owned(),
                completes: 77,
                fielded: Some(3),
                criteria: vec![age(35, 44)].into(),
                nameless: false,
                hidden: false,
            });
        }
        if pair.side == Side::Unread {
            let why = "timeout".to_owned();
            world
                .live
                .surveys
                .insert(address.clone(), Reading::Unknown { why });
        }
        world.remembered(&name).policy = pair.policy.clone();
        *world.spec(&name) = pair.wanted.clone();
        world.manifest(&name).policy = pair.policy.clone();
        if !pair.manifest {
            world.remove_manifest(&name);
        }
    }
    world
}

fn worlds() -> impl Strategy<Value = World> {
    (vec(pair(), 1..3), rules()).prop_map(|(pairs, rules)| world(&pairs, &rules))
}

/// The same with every guard open.
fn open_worlds() -> impl Strategy<Value = World> {
    vec(pair(), 1..3).prop_map(|pairs| {
        let mut world = world(&pairs, &[]);
        world.allow_everything();
        world
    })
}

#[test]
fn any_two_sides_give_a_sound_plan_the_same_one_twice() {
    // `World::plan` plans twice, compares the bytes, and asks the audit.
    check(300, &worlds(), |world| {
        let plan = world.plan();
        let style = Style::default();
        assert_eq!(plan_text::render(&plan, &style), plan_text::render(&plan, &style));
        assert!(plan_markdown::render(&plan, &style).chars().count() <= plan_markdown::LIMIT);
    });
}

#[test]
fn the_twin_of_anything_wanted_gives_no_steps() {
    let specs = (spec(), any::<bool>());
    check(250, &specs, |(mut spec, by_hand)| {
        if spec.live_url.value().is_none() && spec.status == Field::Set(Status::Live) {
            spec.status = Field::Set(Status::Paused);
        }
        let mut world = World::new();
        world.fielded("soda", spec);
        if by_hand {
            world.seen("soda").quotas.push(LiveQuota {
                name: None,
                id: "ps-by-hand".to_owned(),
                completes: 77,
                fielded: None,
                criteria: vec![].into(),
                nameless: false,
                hidden: false,
            });
        }
        let plan = world.plan();
        assert!(plan.is_empty(), "{plan:#?}");
        assert!(plan.bookkeeping.is_empty(), "{plan:#?}");
        assert_eq!(plan.unchanged, [Address::survey("soda")]);
    });
}

#[test]
fn the_order_of_lists_in_memory_does_not_name_the_plan() {
    check(200, &worlds(), |world| {
        let name = hash::hash(&world.plan());
        let mut shuffled = world;
        for reading in shuffled.live.surveys.values_mut() {
            if let Reading::Present(live) = reading {
                live.qualifications = live.qualifications.clone().map(|list| {
                    let mut list = list.to_vec();
                    list.reverse();
                    infield::model::targeting::canonical(list)
                });
            }
        }
        let surveys: Vec<_> = std::mem::take(&mut shuffled.desired.surveys)
            .into_iter()
            .rev()
            .collect();
        shuffled.desired.surveys = surveys.into_iter().collect();
        let known: Vec<_> = std::mem::take(&mut shuffled.known.resources)
            .into_iter()
            .rev()
            .collect();
        shuffled.known.resources = known.into_iter().collect();
        if let Some(Reading::Present(templates)) = shuffled.live.templates.get_mut(&PS) {
            templates.reverse();
        }
        assert_eq!(hash::hash(&shuffled.plan()), name);
    });
}

#[test]
fn a_template_is_sent_by_create_and_by_nothing_else() {
    check(300, &open_worlds(), |world| {
        for step in world.plan().steps {
            for call in step.calls {
                let body = call.body.clone().unwrap_or_default().to_string();
                let creates = call.method == Method::Post && call.path == "/surveys";
                assert!(creates || !body.contains("template_id"), "{call:#?}");
            }
        }
    });
}

#[test]
fn nothing_a_guard_denies_survives() {
    check(250, &worlds(), |world| {
        for step in world.plan().steps {
            for guard in &step.guards {
                assert_ne!(world.guards.rule(*guard), Rule::Deny, "{}", step.id);
            }
        }
    });
}

#[test]
fn a_write_of_the_whole_survey_never_lacks_a_quota() {
    check(300, &open_worlds(), |world| {
        let mut world = world;
        let plan = world.plan();
        for step in &plan.steps {
            let deleted: Vec<&str> = step
                .calls
                .iter()
                .filter(|call| call.method == Method::Delete)
                .filter_map(|call| call.path.rsplit('/').next())
                .collect();
            // By this step, or by one before it.
            let renamed = |key: &str| {
                let steps = plan.steps.iter().filter(|other| other.address == step.address);
                steps.flat_map(|step| &step.changes).any(|change| {
                    let new = change.path.strip_prefix("/quotas/");
                    new.is_some_and(|new| new.ends_with("/name")) && change.before == json!(key)
                })
            };
            for call in &step.calls {
                let whole = call.method == Method::Put && call.path.matches('/').count() == 2;
                if !whole {
                    continue;
                }
                let body = call.body.as_ref().unwrap().value();
                let sent = body["quotas"].as_array().unwrap();
                for quota in &world.seen(step.address.as_str()).quotas {
                    let key = quota.name.as_deref().unwrap_or(&quota.id);
                    let there = sent
                        .iter()
                        .any(|q| q["buyer_quota_id"] == json!(key) || q["ps_quota_id"] == json!(key));
                    assert!(
                        there || deleted.contains(&key) || renamed(key),
                        "{key} is lost by {body:#}"
                    );
                }
            }
        }
    });
}

/// A quota or a qualification of a document by its key.
fn entry<'a>(document: &'a Value, list: &str, field: &str, key: &Value) -> Option<&'a Value> {
    document[list].as_array()?.iter().find(|item| item[field] == *key)
}

/// Whether a document shows everything a spec mentions, and still has what nobody here manages.
fn shows(world: &mut World, name: &str, before: Option<&Value>, after: &Value) {
    let wanted = world.spec(name).clone();
    let mut should = twin("1", &wanted);
    // Only what the manifest mentions, without the vendor's defaults.
    let mut mentioned = wanted.clone();
    for hidden in HIDDEN {
        mentioned.attributes.remove(hidden);
    }
    should.spec = mentioned;
    let should = document(&should);
    for (key, value) in should.as_object().unwrap() {
        if matches!(
            key.as_str(),
            "quotas" | "qualifications" | "ps_survey_id" | "ps_survey_status" | "template_id"
        ) {
            continue;
        }
        assert_eq!(after[key], *value, "{key} of {after:#}");
    }
    for (field, key) in [
        (
            wanted.cpi.value().is_none() && !wanted.cpi.is_absent(),
            "offer_price",
        ),
        (wanted.test_url == Field::Null, "test_url"),
        (wanted.live_url == Field::Null, "live_url"),
    ] {
        if field {
            assert!(after[key].is_null(), "{key} is cleared in {after:#}");
        }
    }
    let ours: Vec<Value> = before.map_or_else(Vec::new, |_| {
        let applied = world.remembered(name).applied.clone();
        applied
            .quotas
            .value()
            .into_iter()
            .flatten()
            .map(|q| json!(q.name))
            .collect()
    });
    let wants: Vec<Value> = wanted
        .quotas
        .value()
        .into_iter()
        .flatten()
        .map(|q| json!(q.name))
        .collect();
    for quota in should["quotas"].as_array().unwrap() {
        let seen = entry(after, "quotas", "buyer_quota_id", &quota["buyer_quota_id"]);
        let seen = seen.unwrap_or_else(|| panic!("{quota} is missing in {after:#}"));
        assert_eq!(seen["required_count"], quota["required_count"]);
        assert_eq!(seen["criteria"], quota["criteria"]);
    }
    for quota in before.and_then(|b| b["quotas"].as_array()).into_iter().flatten() {
        let key = &quota["buyer_quota_id"];
        let now = match key {
            Value::Null => entry(after, "quotas", "ps_quota_id", &quota["ps_quota_id"]),
            key => entry(after, "quotas", "buyer_quota_id", key),
        };
        let managed = !wanted.quotas.is_absent();
        if managed && ours.contains(key) && !wants.contains(key) {
            assert!(now.is_none_or(|q| q["required_count"] == json!(0)), "{key} goes");
        } else if !wants.contains(key) {
            let now = now.unwrap_or_else(|| panic!("{quota} is nobody's business"));
            assert_eq!(now["required_count"], quota["required_count"]);
        }
    }
    for qualification in should["qualifications"].as_array().unwrap() {
        let code = &qualification["qualification_code"];
        assert_eq!(
            entry(after, "qualifications", "qualification_code", code),
            Some(qualification)
        );
    }
}

fn held_back(plan: &Plan, address: &Address) -> bool {
    plan.notes.iter().any(|note| {
        note.address == *address
            && matches!(
                note.kind,
                NoteKind::Blocked | NoteKind::Refused | NoteKind::Unsupported
            )
    })
}

#[test]
fn the_calls_of_a_plan_make_what_is_wanted() {
    check(500, &open_worlds(), |world| {
        let mut world = world;
        let plan = world.plan();
        let mut vendor = Vendor::default();
        for reading in world.live.surveys.values() {
            if let Reading::Present(live) = reading {
                vendor.surveys.insert(live.id.clone(), document(live));
            }
        }
        for step in &plan.steps {
            for call in &step.calls {
                vendor.send(call, step.address.as_str());
            }
        }
        let addresses: Vec<Address> = world.desired.surveys.keys().cloned().collect();
        for address in addresses {
            let name = address.as_str();
            let was = match world.live.surveys.get(&address) {
                Some(Reading::Present(live)) => Some(live.clone()),
                Some(_) => continue,
                None => None,
            };
            let wants_closed = world.desired.surveys[&address].status() == Some(Status::Closed);
            let is_closed = was
                .as_ref()
                .is_some_and(|live| live.status == Some(Status::Closed));
            if held_back(&plan, &address) || is_closed || wants_closed {
                continue;
            }
            match vendor.surveys.get(&format!("{{{name}}}")).cloned() {
                // New, alone or in place of another one that is closed by then.
                Some(made) => {
                    shows(&mut world, name, None, &made);
                    if let Some(was) = was {
                        assert_eq!(vendor.surveys[&was.id]["ps_survey_status"], json!(44));
                    }
                }
                None => {
                    let was = was.expect("it exists or is created");
                    let now = vendor.surveys[&was.id].clone();
                    shows(&mut world, name, Some(&document(&was)), &now);
                }
            }
        }
    });
}

#[test]
fn nothing_goes_live_before_everything_else_is_written() {
    check(250, &open_worlds(), |world| {
        let plan = world.plan();
        for (index, step) in plan.steps.iter().enumerate() {
            let goes_live = step.calls.iter().any(|call| {
                call.body.as_ref().is_some_and(|body| {
                    let body = body.value();
                    body[0]["path"] == json!("/ps_survey_status") && body[0]["value"] == json!(22)
                })
            });
            if goes_live {
                let later = plan.steps[index + 1..]
                    .iter()
                    .filter(|other| other.address == step.address)
                    .count();
                assert_eq!(later, 0, "{} is the last of its survey", step.id);
            }
        }
    });
}
