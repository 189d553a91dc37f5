//! What a vendor says beforehand: to a change of status, to targeting, to a name, and to questions and answers.

use crate::support::*;
use crate::vendors::*;
use infield::model::{Address, Field, Reading, Status, SurveySpec, VendorId};
use infield::plan::{NoteKind, Plan};

/// What is changed in a world before it is planned.
type Change = fn(&mut World);

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps.iter().map(|step| step.id.as_str()).collect()
}

/// The vendor would not let the survey change its status.
fn blocked_transition(world: &mut World, why: &str) {
    let transitions = &mut world.live.blocked_transitions;
    transitions.insert(Address::survey("soda"), why.to_owned());
}

fn blocked(world: &World) -> String {
    let plan = world.plan();
    let notes: Vec<_> = plan
        .notes
        .iter()
        .filter(|note| note.kind == NoteKind::Blocked)
        .collect();
    let [note] = notes.as_slice() else {
        panic!("{:#?}", plan.notes);
    };
    assert_eq!(plan.unchanged, [], "it is not as wanted");
    note.message.clone()
}

#[test]
fn no_change_of_status_is_planned_that_the_vendor_would_refuse() {
    for (found, wanted) in [
        (Status::Draft, Status::Live),
        (Status::Paused, Status::Live),
        (Status::Live, Status::Paused),
        (Status::Live, Status::Closed),
        (Status::Paused, Status::Closed),
    ] {
        let mut world = World::new();
        let mut spec = soda();
        spec.status = Field::Set(found);
        world.fielded("soda", spec);
        world.spec("soda").status = Field::Set(wanted);
        assert_eq!(world.plan().steps.len(), 1, "{found} {wanted}");
        blocked_transition(&mut world, "its end has passed");
        assert!(world.plan().is_empty(), "{found} {wanted}");
        assert_eq!(
            blocked(&world),
            format!("it cannot become {wanted}: its end has passed"),
            "{found}"
        );
    }
}

#[test]
fn edits_go_on_where_a_pause_would_be_refused() {
    let mut world = World::new();
    world.fielded("soda", soda());
    let spec = world.spec("soda");
    spec.status = Field::Set(Status::Paused);
    spec.title = Field::Set("Soda, again".to_owned());
    blocked_transition(&mut world, "somebody else holds it");
    assert_eq!(ids(&world.plan()), ["soda:update"]);
    assert_eq!(world.plan().steps[0].depends_on, Vec::<String>::new());
    assert_eq!(blocked(&world), "it cannot become paused: somebody else holds it");
}

#[test]
fn what_makes_room_first_lets_a_survey_go_back_in_field() {
    let room: [(Change, bool); 5] = [
        (|world| world.spec("soda").completes = Field::Set(500), true),
        (|world| world.quota("soda", "men").completes = 250, true),
        (
            |world| world.spec("soda").end = Field::Set("2027-01-01T00:00:00Z".parse().unwrap()),
            true,
        ),
        (|world| world.spec("soda").field_days = Field::Set(12), true),
        (
            |world| world.spec("soda").title = Field::Set("Soda, again".to_owned()),
            false,
        ),
    ];
    for (index, (change, helps)) in room.into_iter().enumerate() {
        let mut world = World::new();
        world.fielded("soda", soda());
        world.left_as("soda", Status::Paused);
        change(&mut world);
        blocked_transition(&mut world, "its goal is reached");
        let plan = world.plan();
        if helps {
            assert_eq!(ids(&plan), ["soda:update", "soda:resume"], "{index}");
            assert_eq!(plan.steps[1].depends_on, ["soda:update"], "{index}");
        } else {
            assert_eq!(ids(&plan), ["soda:update"], "{index}");
            assert_eq!(blocked(&world), "it cannot become live: its goal is reached");
        }
    }
}

#[test]
fn room_that_another_survey_makes_is_no_room_here() {
    let mut world = World::new();
    world.fielded("cola", soda());
    world.spec("cola").completes = Field::Set(500);
    world.fielded("soda", soda());
    world.left_as("soda", Status::Paused);
    blocked_transition(&mut world, "its goal is reached");
    assert_eq!(ids(&world.plan()), ["cola:update"]);
}

/// What the vendor has against targeting, asked beforehand.
fn objects(world: &mut World, reading: Reading<Vec<String>>) {
    world
        .live
        .preflight_errors
        .insert(Address::survey("soda"), reading);
}

fn lines(lines: &[&str]) -> Reading<Vec<String>> {
    Reading::Present(lines.iter().map(|line| (*line).to_owned()).collect())
}

#[test]
fn targeting_that_the_vendor_would_refuse_is_not_written() {
    let mut world = World::new();
    world.want("soda", soda());
    objects(&mut world, lines(&["quotas exceed the goal", "no such question"]));
    assert!(world.plan().is_empty());
    assert_eq!(
        blocked(&world),
        "PureSpectrum would refuse it: quotas exceed the goal; no such question"
    );
    let unread = [
        lines(&[]),
        Reading::Unknown {
            why: "timeout".to_owned(),
        },
        Reading::Absent {
            proof: "404".to_owned(),
        },
    ];
    for reading in unread {
        objects(&mut world, reading);
        assert_eq!(ids(&world.plan()), ["soda:create", "soda:launch"]);
    }
}

#[test]
fn an_objection_to_targeting_holds_back_edits_of_it_and_of_the_goal_alone() {
    let edits: [(Change, bool); 4] = [
        (|world| world.spec("soda").completes = Field::Set(500), true),
        (|world| world.quota("soda", "men").completes = 250, true),
        (
            |world| world.spec("soda").qualifications = Field::Set(vec![age(18, 74)].into()),
            true,
        ),
        (
            |world| world.spec("soda").title = Field::Set("Soda, again".to_owned()),
            false,
        ),
    ];
    for (index, (change, held)) in edits.into_iter().enumerate() {
        let mut world = World::new();
        world.fielded("soda", soda());
        change(&mut world);
        objects(&mut world, lines(&["quotas exceed the goal"]));
        assert_eq!(world.plan().is_empty(), held, "{index}");
    }
}

#[test]
fn a_name_that_is_taken_blocks_and_one_that_cannot_be_looked_up_warns_or_blocks() {
    let namesakes = |vendor: VendorId, reading: Reading<Vec<String>>| {
        let mut world = World::new();
        let name = if vendor == PS { "soda" } else { "holder" };
        let spec = if vendor == PS {
            soda()
        } else {
            container(vendor, Status::Draft)
        };
        let address = world.want_at(vendor, name, spec);
        world.live.name_collisions.insert(address, reading);
        let plan = world.plan();
        let notes = plan
            .notes
            .iter()
            .map(|note| format!("{}: {}", note.kind, note.message));
        (!plan.is_empty(), notes.collect::<Vec<_>>().join("; "))
    };
    assert_eq!(namesakes(IMR, lines(&[])), (true, String::new()));
    assert_eq!(
        namesakes(IMR, lines(&["71", "72"])),
        (
            false,
            "blocked: a job with this title exists already and is not in the state: 71, 72".to_owned()
        )
    );
    let why = "timeout".to_owned();
    assert_eq!(
        namesakes(IMR, Reading::Unknown { why: why.clone() }),
        (
            true,
            "advice: whether a job with this title exists already could not be seen: timeout".to_owned()
        )
    );
    assert_eq!(
        namesakes(CINT, Reading::Unknown { why }),
        (
            false,
            "blocked: whether a project with this title or reference number exists already could not be seen: timeout"
                .to_owned()
        )
    );
    let proof = "404".to_owned();
    assert!(!namesakes(CINT, Reading::Absent { proof }).0);
}

#[test]
fn questions_that_cannot_be_resolved_block_what_asks_them_and_nothing_else() {
    let library = |reading: Option<Reading<infield::model::Lexicon>>, asks: bool| {
        let mut world = World::with_libraries();
        world.held_at(IMR, "soda");
        let mut spec = part(IMR);
        if !asks {
            spec.qualifications = Field::Absent;
        }
        world.want_at(IMR, "soda/us", spec);
        world.live.lexicons.clear();
        if let Some(reading) = reading {
            world.live.lexicons.insert((IMR, "en-US".to_owned()), reading);
        }
        let plan = world.plan();
        let message = plan.notes.first().map(|note| note.message.clone());
        assert!(plan.notes.iter().all(|note| note.kind == NoteKind::Blocked));
        (!plan.is_empty(), message.unwrap_or_default())
    };
    assert_eq!(library(None, false), (true, String::new()));
    let cannot = |why: &str| {
        (
            false,
            format!("questions and answers of en-US cannot be resolved: {why}"),
        )
    };
    assert_eq!(
        library(None, true),
        cannot("the vendor's library was not asked for")
    );
    let why = "timeout".to_owned();
    assert_eq!(
        library(Some(Reading::Unknown { why }), true),
        cannot("the vendor's library could not be read: timeout")
    );
    let proof = "no such locale".to_owned();
    assert_eq!(
        library(Some(Reading::Absent { proof }), true),
        cannot("no such locale")
    );
    let empty = Reading::Present(infield::model::Lexicon::default());
    let (made, message) = library(Some(empty), true);
    assert!(!made);
    assert_eq!(
        message,
        "InnovateMR's library of this locale has no question `9002`"
    );
}

/// What is said of a target group with times, on the 21st of March.
fn blocked_by_times(change: impl Fn(&mut SurveySpec), made: bool) -> Vec<String> {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    let mut spec = part(CINT);
    spec.status = Field::Set(Status::Draft);
    spec.start = Field::Set("2026-03-01T00:00:00Z".parse().unwrap());
    spec.end = Field::Set("2026-04-01T00:00:00Z".parse().unwrap());
    if made {
        world.fielded_at(CINT, "soda/us", spec.clone());
    } else {
        spec.start = Field::Absent;
        world.want_at(CINT, "soda/us", spec);
    }
    change(world.spec("soda/us"));
    world.live.as_of = Some("2026-03-21T00:00:00Z".parse().unwrap());
    let plan = world.plan();
    let blocked = plan.notes.iter().filter(|note| note.kind == NoteKind::Blocked);
    let said: Vec<String> = blocked
        .map(|note| format!("{} {}", note.path.as_deref().unwrap_or_default(), note.message))
        .collect();
    let steps: Vec<_> = plan.steps.iter().filter(|step| step.address.is_group()).collect();
    assert_eq!(steps.is_empty(), !said.is_empty() || made, "{said:?} {steps:?}");
    said
}

/// Times that have passed were planned, and the apply failed on each of them after its project had been made.
#[test]
fn a_time_that_has_passed_is_not_written() {
    let time = |text: &str| Field::Set(text.parse().unwrap());
    let soft = |end: &str| {
        let module = serde_json::json!({"soft_launch": {"end_at": end, "filling_goal_percentage": 10,
            "demographics_strictness_percentage": 0}});
        ("fielding_assistant".to_owned(), Field::Set(module))
    };
    assert_eq!(blocked_by_times(|_| (), false), [] as [&str; 0]);
    assert_eq!(
        blocked_by_times(|_| (), true),
        [] as [&str; 0],
        "what is not written may have passed"
    );
    for (change, path) in [
        (
            Box::new(|spec: &mut SurveySpec| spec.start = time("2026-03-20T00:00:00Z"))
                as Box<dyn Fn(&mut SurveySpec)>,
            "/field/start",
        ),
        (
            Box::new(|spec: &mut SurveySpec| spec.end = time("2026-03-20T00:00:00Z")),
            "/field/end",
        ),
        (
            Box::new(|spec: &mut SurveySpec| spec.attributes.extend([soft("2026-03-21T00:00:00Z")])),
            "/cint/fielding_assistant/soft_launch/end_at",
        ),
    ] {
        for made in [false, true] {
            let said = blocked_by_times(&change, made);
            let [only] = said.as_slice() else {
                panic!("{path} {made}: {said:?}")
            };
            assert!(
                only.starts_with(&format!("{path} Cint refuses a time that has passed: 2026-03-2")),
                "{only}"
            );
        }
    }
}

#[test]
fn what_would_hold_nothing_is_not_made() {
    let mut world = World::with_libraries();
    world.want_at(CINT, "soda", container(CINT, Status::Live));
    for (name, end) in [
        ("soda/us", "2026-03-20T00:00:00Z"),
        ("soda/de", "2026-04-20T00:00:00Z"),
    ] {
        world.want_at(
            CINT,
            name,
            SurveySpec {
                end: Field::Set(end.parse().unwrap()),
                ..part(CINT)
            },
        );
    }
    world.live.as_of = Some("2026-03-21T00:00:00Z".parse().unwrap());
    assert!(
        world.plan().steps.iter().any(|step| step.id == "soda:create"),
        "one group can be made"
    );
    world.spec("soda/de").end = Field::Set("2026-03-20T00:00:00Z".parse().unwrap());
    let plan = world.plan();
    assert_eq!(ids(&plan), [] as [&str; 0]);
    let said = plan
        .notes
        .iter()
        .filter(|note| note.address == Address::survey("soda"));
    let said: Vec<&str> = said.map(|note| note.message.as_str()).collect();
    assert_eq!(said, ["the project is not made: all of its groups are held back"]);
}

#[test]
fn what_would_hold_only_refused_prices_is_not_made_and_each_says_its_own_reason() {
    let mut world = World::with_libraries();
    world.want_at(CINT, "soda", container(CINT, Status::Live));
    world.want_at(CINT, "soda/us", part(CINT));
    let unlimited = infield::plan::hash::hash(&world.plan());
    world
        .guards
        .max_cpi
        .insert("USD".to_owned(), "0.10 USD".parse().unwrap());
    let plan = world.plan();
    assert_eq!(ids(&plan), [] as [&str; 0]);
    let said: Vec<&str> = plan.notes.iter().map(|note| note.message.as_str()).collect();
    assert!(said[0].contains("all of its groups are held back"), "{said:?}");
    assert!(
        said[1].contains("above the environment's max_cpi of 0.10 USD"),
        "{said:?}"
    );
    assert_eq!(infield::plan::hash::hash(&plan), unlimited);
}
