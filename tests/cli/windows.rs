//! Hours of the week at every vendor, over a weekend: what is paused in the night, what `status` says of it, and what goes
//! back in the morning although nobody is there to approve it.

use crate::support::{APPLY, CINT, INNOVATEMR, Project, Sandbox, id, survey};
use serde_json::json;

const HOURS: &str =
    "windows: {timezone: America/New_York, open: ['mon-fri 08:00-22:00', 'sat 10:00-18:00']}\n";

/// What a scheduled job does: yes, and no guard allowed.
const NIGHT: [&str; 2] = ["apply", "--yes"];

const ALL: [&str; 3] = ["one", "tracker/us", "lift/us"];

fn clock(project: &Project, at: &str) {
    project.ok(&["sandbox", "clock", "--stop-at", at]);
}

/// The statuses of all, as the vendors tell them.
fn verdicts(project: &Project) -> Vec<String> {
    let told = project.ok(&["status", "--format", "json"]).json();
    let surveys = told["surveys"].as_array().unwrap();
    let of = |address: &&str| {
        let row = surveys.iter().find(|row| row["address"] == **address).unwrap();
        row["verdict"].as_str().unwrap().to_owned()
    };
    ALL.iter().map(of).collect()
}

/// Nothing is planned, and nothing drifted.
fn settled(project: &Project) {
    project.run(&["plan", "--detailed-exitcode"]).code(0);
    project
        .run(&["plan", "--refresh-only", "--detailed-exitcode"])
        .code(0);
}

/// A survey at each vendor, the clock at a Friday's 10:00 in New York.
fn everywhere() -> Project {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", HOURS));
    project.write("cint.yaml", &format!("{CINT}{HOURS}"));
    project.write("innovatemr.yaml", &format!("{INNOVATEMR}{HOURS}"));
    project.ok(&["plan"]);
    clock(&project, "2036-11-21T15:00:00Z");
    project
}

#[test]
fn a_weekend_at_every_vendor_is_paused_and_resumed_by_a_job_that_may_approve_nothing() {
    let project = everywhere();
    project
        .ok(&["plan"])
        .says("mon-fri 08:00-22:00, sat 10:00-18:00 New York");
    project.run(&NIGHT).code(3).says("needs the approval `launch`");
    project.apply();
    settled(&project);
    assert!(!verdicts(&project).contains(&"paused".to_owned()));
    for (at, opens) in [
        ("2036-11-22T03:00:00Z", "Sat 10:00 New York"),
        ("2036-11-22T23:00:00Z", "Mon 08:00 New York"),
    ] {
        clock(&project, at);
        project
            .run(&["plan", "--detailed-exitcode"])
            .code(2)
            .says(&format!("outside of its hours, which open {opens}"));
        project.run(&NIGHT).code(0);
        settled(&project);
        assert_eq!(verdicts(&project), ["paused"; 3]);
        project
            .ok(&["status"])
            .says(&format!("outside of its hours, which open {opens}"))
            .never_says("stalled");
        // Whoever asks for it by name does not get it either.
        project
            .run(&["apply", "--yes", "--allow", "launch", "--resume", "one"])
            .code(0);
        assert_eq!(verdicts(&project), ["paused"; 3]);
        let morning = if opens.starts_with("Sat") {
            "2036-11-22T15:00:00Z"
        } else {
            "2036-11-24T13:00:00Z"
        };
        clock(&project, morning);
        project
            .ok(&["status"])
            .says("the next apply puts it back in field");
        project
            .run(&["plan", "--detailed-exitcode"])
            .code(2)
            .says("its hours are open");
        project.run(&NIGHT).code(0);
        settled(&project);
        assert!(!verdicts(&project).contains(&"paused".to_owned()));
    }
}

#[test]
fn a_launch_in_the_night_waits_as_a_draft_and_a_freeze_outlasts_the_morning() {
    let project = everywhere();
    clock(&project, "2036-11-22T04:00:00Z");
    project
        .ok(&["plan"])
        .says("it waits as a draft, and the first apply within them launches it");
    project.apply();
    settled(&project);
    assert_eq!(verdicts(&project), ["draft"; 3]);
    clock(&project, "2036-11-22T15:00:00Z");
    project.run(&NIGHT).code(3).says("needs the approval `launch`");
    project.apply();
    settled(&project);
    // Frozen in its hours, thawed outside of them: it waits for somebody who asks for it within them.
    project.ok(&["freeze", "one", "--yes"]);
    clock(&project, "2036-11-23T04:00:00Z");
    project.run(&NIGHT).code(0);
    project
        .run(&["thaw", "one", "--yes"])
        .says("outside of its hours, which open Mon 08:00 New York");
    assert_eq!(verdicts(&project), ["paused"; 3]);
    clock(&project, "2036-11-24T15:00:00Z");
    project.run(&NIGHT).code(0);
    assert_eq!(verdicts(&project)[0], "paused", "nobody has asked for it");
    project
        .run(&["apply", "--yes", "--allow", "launch", "--resume", "one"])
        .code(0);
    assert!(!verdicts(&project).contains(&"paused".to_owned()));
}

/// The hours are those of a day in UTC. Whatever time this machine shows, most of these are not its.
#[test]
fn hours_are_told_by_the_clock_of_the_marketplace() {
    let sandbox = Sandbox::start();
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let stop = |at: &str| drop(sandbox.admin("POST", "clock", json!({"stop": at})));
    let at = |hour: &str| stop(&format!("{today}T{hour}:00Z"));
    let project = Project::empty().with(&sandbox);
    let hours = "windows: {timezone: UTC, open: ['daily 00:00-06:00', 'daily 12:00-18:00']}\n";
    project.write("one.yaml", &survey("one", hours));
    at("03:00");
    let first = project.run(&APPLY).code(0);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    at("09:00");
    let second = project
        .run(&NIGHT)
        .code(0)
        .says("outside of its hours, which open")
        .says("12:00 UTC");
    assert_eq!(sandbox.count(), [0, 0, 1, 0]);
    let told = format!("{}{}", first.stderr, second.stderr);
    assert!(
        told.contains("00 UTC: what begins and ends at PureSpectrum goes by its clock"),
        "{told}"
    );
    at("15:00");
    project.run(&NIGHT).code(0);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    // A freeze is undone by the same clock.
    project.ok(&["freeze", "one", "--yes"]);
    at("16:00");
    project.ok(&["thaw", "one", "--yes", "--allow", "launch"]);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    project.ok(&["freeze", "one", "--yes"]);
    at("21:00");
    project
        .run(&["thaw", "one", "--yes", "--allow", "launch"])
        .says("outside of its hours, which open");
    assert_eq!(sandbox.count(), [0, 0, 1, 0]);
    // What nobody can believe decides nothing.
    stop("2036-11-21T15:00:00Z");
    project
        .run(&["plan"])
        .code(0)
        .says("and that of PureSpectrum 2036-11-21 15:00 UTC: they are so far apart that ours counts");
}

const PACE: &str = "pace: {completes_per_day: 30}\n";

/// What is wanted of each of them by now, as it was applied.
fn goals(project: &Project) -> Vec<u64> {
    let goal = |address: &&str| {
        let listed = project.ok(&["state", "show", address]).json();
        listed["kind"]["survey"]["applied"]["completes"].as_u64().unwrap()
    };
    ALL.iter().map(goal).collect()
}

/// Lets respondents complete where completes are counted.
fn come(project: &Project, completes: u64) {
    for (address, vendor) in [("one", "purespectrum"), ("tracker/us", "cint")] {
        let completes = completes.to_string();
        let id = id(project, address);
        project.ok(&[
            "sandbox",
            "respondents",
            &id,
            "--vendor",
            vendor,
            "--completes",
            &completes,
        ]);
    }
}

#[test]
fn a_pace_adds_its_completes_every_day_and_asks_nobody_again() {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", PACE));
    project.write("cint.yaml", &format!("{CINT}{PACE}"));
    project.write("innovatemr.yaml", &format!("{INNOVATEMR}{PACE}"));
    project.ok(&["plan"]);
    clock(&project, "2036-11-21T15:00:00Z");
    project.ok(&["plan"]).says("30 completes a day UTC");
    project.run(&NIGHT).code(3).says("needs the approval `launch`");
    project.apply();
    settled(&project);
    assert_eq!(goals(&project), [30, 30, 30]);
    // The first day is full, and nothing more comes on it.
    come(&project, 30);
    project.run(&NIGHT).code(0);
    settled(&project);
    project
        .ok(&["plan"])
        .says("it has its 30 completes of 100 in all until the end of the day (UTC)");
    project
        .ok(&["status"])
        .says("by its pace of 30 completes a day UTC")
        .never_says("soft launch");
    assert_eq!(goals(&project), [30, 30, 30]);
    for (at, wants, comes) in [
        ("2036-11-22T00:10:00Z", 60, 20),
        // Ten of the day before are not made up for.
        ("2036-11-23T00:10:00Z", 80, 30),
        ("2036-11-26T09:00:00Z", 100, 20),
    ] {
        clock(&project, at);
        project
            .run(&["plan", "--detailed-exitcode"])
            .code(2)
            .says("a new day, which may add 30 completes");
        project.run(&NIGHT).code(0);
        settled(&project);
        // What is counted there is not documented, and its goal is not reached.
        assert_eq!(goals(&project), [wants, wants, 30]);
        come(&project, comes);
        project.run(&NIGHT).code(0);
        settled(&project);
    }
    project.ok(&["status"]).says("2 done");
    // Another pace is another decision.
    project.edit(
        "innovatemr.yaml",
        "completes_per_day: 30",
        "completes_per_day: 40",
    );
    project.run(&NIGHT).code(3).says("needs the approval `launch`");
}
