//! Which step runs when, which ones a failure or an interruption keeps from running, and the numbers at the end.

use super::support::{World, applied, draft, in_field, known, ok, plan, refused, shown, step, write};
use crate::apply::run::Shape;
use crate::apply::{EVENTS_FORMAT, Event, Tally, run};
use crate::marketplace::http::scripted::Answer;
use crate::model::{Address, KnownSurvey, Method, Money, Status, SurveySpec};
use crate::plan::{Action, Plan, Record, Step};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Three surveys that are known, and nothing to look with.
async fn world() -> World {
    let survey = |id| known(id, KnownSurvey::default());
    let mut world = World::knowing([("a", survey("1")), ("b", survey("2")), ("c", survey("3"))]).await;
    world.readers.clear();
    world
}

/// One call to a survey.
fn update(address: &str, depends_on: &[&str]) -> Step {
    Step {
        calls: vec![write(Method::Patch, &format!("/{{{address}}}"))],
        depends_on: depends_on.iter().map(|id| (*id).to_owned()).collect(),
        ..step(address, Action::Update)
    }
}

fn chain() -> [Step; 3] {
    [
        update("a", &[]),
        update("b", &["a:update"]),
        update("c", &["b:update"]),
    ]
}

/// The requests alone.
fn requests(world: &World) -> Vec<String> {
    world.asked().into_iter().map(|asked| asked.line).collect()
}

#[tokio::test(start_paused = true)]
async fn a_step_runs_once_everything_it_waits_for_is_done() {
    let mut world = world().await;
    world.parallelism = 4;
    world.vendor([("PATCH /1", ok()), ("PATCH /2", ok()), ("PATCH /3", ok())]);
    let both = update("a", &["b:update", "c:update"]);
    let tally = world
        .apply([both, update("b", &[]), update("c", &["b:update"])])
        .await;
    assert_eq!(
        world.log(),
        [
            "PATCH /2",
            "state: put b 2",
            "PATCH /3",
            "state: put c 3",
            "PATCH /1",
            "state: put a 1",
        ]
    );
    let expected = Tally {
        done: 3,
        calls: 3,
        ..Tally::default()
    };
    assert_eq!(tally, expected);
    assert_eq!(world.skipped(), []);
}

#[tokio::test(start_paused = true)]
async fn everything_that_depends_on_a_failed_step_is_skipped_and_nothing_else() {
    let mut world = world().await;
    world.parallelism = 4;
    world.vendor([("PATCH /1", refused(400)), ("PATCH /4", ok())]);
    let [a, b, c] = chain();
    let other = Step {
        calls: vec![write(Method::Patch, "/4")],
        ..step("d", Action::Update)
    };
    let tally = world.apply([a, b, c, other]).await;
    let because = || "a:update did not succeed".to_owned();
    assert_eq!(
        world.skipped(),
        [
            ("b:update".to_owned(), because()),
            ("c:update".to_owned(), because())
        ]
    );
    let expected = Tally {
        done: 1,
        failed: 1,
        skipped: 2,
        calls: 1,
        ..Tally::default()
    };
    assert_eq!(tally, expected);
}

#[tokio::test(start_paused = true)]
async fn a_step_with_two_causes_runs_only_if_both_are_done() {
    let world = world().await;
    world.vendor([("PATCH /1", refused(400)), ("PATCH /2", ok())]);
    let both = update("c", &["a:update", "b:update"]);
    let tally = world.apply([update("a", &[]), update("b", &[]), both]).await;
    assert_eq!((tally.done, tally.failed, tally.skipped), (1, 1, 1));
    assert_eq!(requests(&world), ["PATCH /1", "PATCH /2"]);
}

#[tokio::test(start_paused = true)]
async fn a_failed_step_counts_the_calls_that_were_answered() {
    let world = world().await;
    world.vendor([
        ("PATCH /1", ok()),
        ("PATCH /1", refused(400)),
        ("PATCH /2", ok()),
        ("PATCH /2", ok()),
        ("PATCH /2", refused(400)),
    ]);
    let again = |address: &str, calls: usize| {
        let once = update(address, &[]);
        Step {
            calls: vec![once.calls[0].clone(); calls],
            ..once
        }
    };
    let tally = world.apply([again("a", 2), again("b", 3)]).await;
    let expected = Tally {
        failed: 2,
        calls: 3,
        ..Tally::default()
    };
    assert_eq!(tally, expected);
}

#[tokio::test(start_paused = true)]
async fn an_interruption_finishes_what_is_under_way_and_starts_nothing() {
    let world = world().await;
    let stop = world.stop.clone();
    let refresh = Step {
        calls: vec![write(Method::Patch, "/{a}"), write(Method::Put, "/{a}")],
        ..step("a", Action::Update)
    };
    world.vendor([
        ("PATCH /1", ok().meanwhile(move || stop.cancel())),
        ("PUT /1", ok()),
    ]);
    let tally = world
        .apply([refresh, update("b", &[]), update("c", &["b:update"])])
        .await;
    assert_eq!(world.log(), ["PATCH /1", "PUT /1", "state: put a 1"]);
    let expected = Tally {
        done: 1,
        skipped: 2,
        calls: 2,
        interrupted: true,
        ..Tally::default()
    };
    assert_eq!(tally, expected);
    let because = || "interrupted".to_owned();
    assert_eq!(
        world.skipped(),
        [
            ("b:update".to_owned(), because()),
            ("c:update".to_owned(), because())
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_interruption_does_not_hide_a_failure() {
    let world = world().await;
    let stop = world.stop.clone();
    let answer = refused(400).meanwhile(move || stop.cancel());
    world.vendor([("PATCH /1", answer)]);
    let [a, b, c] = chain();
    let free = Step {
        depends_on: Vec::new(),
        ..c
    };
    world.apply([a, b, free]).await;
    assert_eq!(
        world.skipped(),
        [
            ("b:update".to_owned(), "a:update did not succeed".to_owned()),
            ("c:update".to_owned(), "interrupted".to_owned()),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn as_many_steps_run_at_once_as_are_allowed() {
    let slow = || ok().after(Duration::from_secs(1));
    let order = async |parallelism: usize| {
        let mut world = world().await;
        world.parallelism = parallelism;
        world.vendor([("PATCH /1", slow()), ("PATCH /2", slow()), ("PATCH /3", slow())]);
        let free = ["a", "b", "c"].map(|address| update(address, &[]));
        assert_eq!(world.apply(free).await.done, 3);
        let log = world.log();
        log.iter()
            .map(|line| line.chars().next().unwrap())
            .collect::<String>()
    };
    assert_eq!(order(1).await, "PsPsPs");
    assert_eq!(order(2).await, "PPssPs");
    assert_eq!(order(3).await, "PPPsss");
    assert_eq!(order(0).await, "PsPsPs", "none at all would never end");
}

#[tokio::test(start_paused = true)]
async fn a_lost_lock_sends_nothing_that_has_to_be_written_down() {
    let world = world().await;
    let lost = world.lock_is_lost.clone();
    let answer = ok().meanwhile(move || lost.store(true, Ordering::SeqCst));
    world.vendor([("PATCH /1", answer)]);
    let launch = Step {
        depends_on: Vec::new(),
        record: in_field(SurveySpec::default()),
        action: Action::Launch,
        ..update("b", &[])
    };
    let tally = world.apply([update("a", &[]), launch]).await;
    assert_eq!(world.log(), ["PATCH /1"]);
    assert_eq!((tally.done, tally.failed), (0, 2));
}

#[tokio::test(start_paused = true)]
async fn a_create_that_waits_is_not_sent_after_the_lock_is_lost() {
    let world = world().await;
    let lost = world.lock_is_lost.clone();
    // The first answer makes the call wait, and somebody takes the lock meanwhile.
    let limited = Answer::new(429, "")
        .header("retry-after", "30")
        .meanwhile(move || lost.store(true, Ordering::SeqCst));
    world.vendor([("POST /surveys", limited)]);
    let make = Step {
        calls: vec![super::support::create()],
        ..step("new", Action::Create)
    };
    let tally = world.apply([make]).await;
    assert_eq!(requests(&world), ["POST /surveys"]);
    assert_eq!((tally.failed, tally.unknown), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_survey_goes_in_field_only_after_what_was_written_before_was_seen() {
    let world = World::knowing([("a", known("1", KnownSurvey::default()))]).await;
    world.vendor([
        ("PATCH /1", ok()),
        (
            "GET /surveys/1",
            shown("1", Status::Draft, &super::support::titled("Old")).always(),
        ),
    ]);
    let write_it = Step {
        record: applied(super::support::titled("New")),
        ..update("a", &[])
    };
    let launch = Step {
        id: "a:launch".to_owned(),
        action: Action::Launch,
        ..update("a", &["a:update"])
    };
    let tally = world.apply([write_it, launch]).await;
    assert_eq!((tally.done, tally.failed, tally.skipped), (0, 1, 1));
    let asked = requests(&world);
    assert_eq!(asked[0], "PATCH /1");
    assert!(
        asked[1..].iter().all(|line| line == "GET /surveys/1"),
        "{asked:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_survey_is_read_back_after_its_last_step_and_not_between() {
    let world = World::knowing([("a", known("1", KnownSurvey::default()))]).await;
    world.vendor([
        ("PATCH /1", ok()),
        ("PATCH /1", ok()),
        ("GET /surveys/1", draft("1")),
    ]);
    let second = Step {
        id: "a:second".to_owned(),
        ..update("a", &["a:update"])
    };
    world.apply([update("a", &[]), second]).await;
    assert_eq!(requests(&world), ["PATCH /1", "PATCH /1", "GET /surveys/1"]);
}

#[tokio::test(start_paused = true)]
async fn everything_that_happens_is_told_in_order() {
    let world = world().await;
    world.vendor([("PATCH /1", ok()), ("PATCH /2", refused(400))]);
    let plan = plan([update("a", &[]), update("b", &[]), update("c", &["b:update"])]);
    world.run(&plan).await.unwrap();
    let address = |name: &str| Address::survey(name);
    let action = Action::Update;
    let started = |name: &str| Event::StepStarted {
        step: format!("{name}:update"),
        address: address(name),
        action,
        vendor: crate::marketplace::PURESPECTRUM,
        money: None,
    };
    let expected = [
        Event::Started {
            format: EVENTS_FORMAT,
            environment: "sandbox".to_owned(),
            hash: crate::plan::hash::hash(&plan),
            steps: 3,
            calls: 3,
        },
        started("a"),
        Event::CallDone {
            step: "a:update".to_owned(),
            call: "PATCH /1".to_owned(),
        },
        Event::StepDone {
            starts: None,
            step: "a:update".to_owned(),
            address: address("a"),
            action,
            links: Default::default(),
            money: None,
        },
        started("b"),
        Event::StepFailed {
            step: "b:update".to_owned(),
            address: address("b"),
            action,
            problem: "PATCH /2: PureSpectrum refuses (400, code 7): no".to_owned(),
            help: None,
            outcome_unknown: false,
        },
        Event::StepSkipped {
            step: "c:update".to_owned(),
            address: address("c"),
            action,
            because: "b:update did not succeed".to_owned(),
        },
        Event::Finished(Tally {
            done: 1,
            failed: 1,
            skipped: 1,
            calls: 1,
            ..Tally::default()
        }),
    ];
    assert_eq!(world.events(), expected);
}

#[tokio::test(start_paused = true)]
async fn what_was_refused_before_is_in_the_tally() {
    let world = World::new().await;
    let told = std::sync::Mutex::new(Vec::new());
    let context = crate::apply::Context {
        writers: &world.writers,
        readers: &world.readers,
        keeper: &world.keeper,
        markets: &crate::marketplace::Markets::default(),
        undoes: &std::collections::BTreeSet::new(),
        events: &|event| told.lock().unwrap().push(event),
        parallelism: 1,
        stop: world.stop.clone(),
        now: &String::new,
        new_intent_id: &String::new,
    };
    let expected = Tally {
        refused: 3,
        ..Tally::default()
    };
    assert_eq!(run(&plan([]), 3, &context).await.unwrap(), expected);
    assert_eq!(told.lock().unwrap().last(), Some(&Event::Finished(expected)));
}

/// Steps of which only the order is looked at.
fn shape(steps: Vec<Step>) -> Shape {
    Shape::of(&Plan { ..plan(steps) })
}

fn of(id: &str, address: &str, action: Action, depends_on: &[&str]) -> Step {
    Step {
        id: id.to_owned(),
        action,
        ..update(address, depends_on)
    }
}

#[test]
fn a_survey_that_replaces_another_is_read_back_before_its_launch() {
    let close = Step {
        record: Record::FormerClosed {
            id: "1".to_owned(),
            collected: Default::default(),
        },
        ..of("close", "soda", Action::Close, &["replace"])
    };
    let shape = shape(vec![
        of("replace", "soda", Action::Replace, &[]),
        close,
        of("launch", "soda", Action::Launch, &["close"]),
    ]);
    assert_eq!(shape.must_verify, [true, true, true]);
    assert_eq!(shape.waits, [0, 1, 1]);
    assert_eq!(shape.dependants, [vec![1], vec![2], vec![]]);
}

#[test]
fn each_last_write_before_a_launch_is_read_back_whatever_lies_between() {
    for action in [Action::Launch, Action::Resume] {
        let shape = shape(vec![
            of("first", "soda", Action::Update, &[]),
            of("second", "soda", Action::Update, &["first"]),
            of("other", "soda", Action::Update, &[]),
            of("tea", "tea", Action::Update, &["other"]),
            of("tea again", "tea", Action::Update, &[]),
            of("launch", "soda", action, &["tea", "second"]),
            of("pause", "soda", Action::Pause, &["launch"]),
        ]);
        let (read, unread) = (true, false);
        assert_eq!(
            shape.must_verify,
            [unread, read, read, unread, read, unread, read],
            "{action}"
        );
    }
}

/// A marketplace said that it had paused a target group, had not, and got the higher goal: more was at stake than approved.
#[test]
fn what_lowers_the_money_is_read_back_before_what_raises_it() {
    let adds = |amount: i64, step: Step| Step {
        adds_exposure: Some(Money::new(amount.into(), "USD".parse().unwrap())),
        ..step
    };
    let plan = |second: Action| {
        vec![
            adds(-9, of("pause", "soda", Action::Pause, &[])),
            adds(9, of("more", "soda", second, &["pause"])),
            adds(-5, of("less", "tea", Action::Update, &[])),
            of("title", "tea", Action::Update, &["less"]),
            adds(5, of("there", "cola", Action::Update, &["less"])),
        ]
    };
    let (read, unread) = (true, false);
    assert_eq!(
        shape(plan(Action::Update)).must_verify,
        [read, read, read, read, read]
    );
    // What spends nothing waits for nobody's look.
    assert_eq!(
        shape(plan(Action::Pause)).must_verify,
        [unread, read, read, read, read]
    );
}

/// The audit refuses such a plan. Should one come all the same, the survey is read back once too often, not too little.
#[test]
fn a_dependency_that_is_not_in_the_plan_hides_no_other() {
    for order in [["gone", "write"], ["write", "gone"]] {
        let shape = shape(vec![
            of("write", "soda", Action::Update, &["gone"]),
            of("launch", "soda", Action::Launch, &order),
        ]);
        assert_eq!(shape.must_verify, [true, true], "{order:?}");
        assert_eq!(shape.waits, [0, 1]);
    }
}

#[test]
fn a_step_that_only_pauses_does_not_ask_for_the_writes_before_it() {
    let shape = shape(vec![
        of("write", "soda", Action::Update, &[]),
        of("pause", "soda", Action::Pause, &["write"]),
    ]);
    assert_eq!(shape.must_verify, [false, true]);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_told_as_skipped_in_a_plan_without_steps() {
    let world = World::new().await;
    assert_eq!(world.apply([]).await, Tally::default());
    assert_eq!(world.events().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_create_without_an_answer_is_counted_as_unknown_each_time() {
    let world = World::new().await;
    let create = |address: &str| Step {
        calls: vec![crate::model::Call {
            path: format!("/{address}"),
            ..super::support::create()
        }],
        ..step(address, Action::Create)
    };
    world.vendor([("POST /a", Answer::lost()), ("POST /b", Answer::lost())]);
    let tally = world.apply([create("a"), create("b")]).await;
    assert_eq!((tally.failed, tally.unknown), (2, 2));
}
