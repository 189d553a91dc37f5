//! Ten days in field at every vendor, as whoever watches them is told: men come faster than women, nobody comes at night, women
//! run dry, the price is raised, and then all of them are there.

use crate::support::Project;
use jiff::{SignedDuration, Timestamp};
use std::fmt::Write as _;

/// Men and women who come on each day.
const CAME: [(u64, u64); 10] = [
    (24, 14),
    (26, 15),
    (25, 8),
    (22, 3),
    (20, 1),
    (18, 1),
    (25, 40),
    (24, 48),
    (16, 50),
    (0, 20),
];

/// The price is raised after so many days.
const RAISED_AFTER: usize = 6;

/// Until which hour after the start of a day how many of its people have come, in percent: a morning, an afternoon, a night.
const BY: [(i64, u64); 3] = [(6, 55), (12, 100), (24, 100)];

const START: &str = "2036-12-01T08:00:00Z";

fn after(hours: i64) -> Timestamp {
    let start: Timestamp = START.parse().unwrap();
    start + SignedDuration::from_hours(hours)
}

/// Something in field: the name of its manifest, what `respondents` takes, at which vendor, and its completes.
struct Fielded {
    id: String,
    vendor: &'static str,
    goal: u64,
}

struct Field {
    project: Project,
    name: &'static str,
    fielded: Vec<Fielded>,
}

impl Field {
    /// Launches a manifest at the start.
    fn launch(name: &'static str, manifest: &str, vendors: &[&'static str]) -> Self {
        let project = Project::empty();
        project.write("one.yaml", manifest);
        // The first command makes the sandbox.
        project.ok(&["plan"]);
        project.ok(&["sandbox", "clock", "--stop-at", START]);
        project.apply();
        let document = project.ok(&["status", "--format", "json"]).json();
        let rows = document["surveys"].as_array().unwrap().iter();
        let fielded: Vec<Fielded> = rows
            .map(|row| Fielded {
                id: row["id"].as_str().unwrap().to_owned(),
                vendor: vendors.iter().copied().find(|key| row["vendor"] == *key).unwrap(),
                goal: row["goal"].as_u64().unwrap(),
            })
            .collect();
        assert_eq!(fielded.len(), vendors.len());
        Self {
            project,
            name,
            fielded,
        }
    }

    /// Lets these people come, of 400 that are wanted in all.
    fn come(&self, quota: &str, before: u64, now: u64) {
        for one in &self.fielded {
            let part = |all: u64| all * one.goal / 400;
            let come = part(now) - part(before);
            if come > 0 {
                let come = come.to_string();
                self.project.ok(&[
                    "sandbox",
                    "respondents",
                    &one.id,
                    "--vendor",
                    one.vendor,
                    "--quota",
                    quota,
                    "--completes",
                    &come,
                    "--terminations",
                    &come,
                ]);
            }
        }
    }

    /// Plays ten days, and gives what is told at noon and in the evening of each in a line, and at its end in full.
    fn play(&self) -> String {
        let mut told = String::new();
        let (mut men, mut women) = (0, 0);
        for (day, (more_men, more_women)) in CAME.into_iter().enumerate() {
            let _ = writeln!(told, "day {}", day + 1);
            let mut came = 0;
            for (hour, by) in BY {
                let part = |all: u64, percent: u64| all * percent / 100;
                self.come("men", men + part(more_men, came), men + part(more_men, by));
                self.come(
                    "women",
                    women + part(more_women, came),
                    women + part(more_women, by),
                );
                came = by;
                let hours = i64::try_from(day).unwrap() * 24 + hour;
                // The last look is an hour before the end.
                let hours = hours.min(239);
                let at = after(hours).to_string();
                self.project.ok(&["sandbox", "clock", "--stop-at", &at]);
                let status = self.project.ok(&["status", "-v"]).stdout;
                let _ = writeln!(told, "{at}");
                if hour == 24 {
                    told.push_str(&status);
                } else {
                    let said = status.split_inclusive('\n');
                    let head = |line: &&str| line.starts_with(self.name) || line.starts_with("  forecast");
                    said.filter(head).for_each(|line| told.push_str(line));
                }
            }
            (men, women) = (men + more_men, women + more_women);
            if day + 1 == RAISED_AFTER {
                self.project.edit("one.yaml", "cpi: 2.50 USD", "cpi: 4.00 USD");
                let run = self.project.ok(&["apply", "--yes", "--allow", "launch,exposure"]);
                let raised = run.stdout.lines().filter(|line| line.contains('→'));
                raised.for_each(|line| {
                    let _ = writeln!(told, "{}", line.trim());
                });
            }
            // Whatever comes, there is nothing to do.
            self.project
                .ok(&["plan", "--detailed-exitcode"])
                .says("Nothing to do");
        }
        self.fielded.iter().fold(told, |told, one| match one.vendor {
            // Numbers are those of a new sandbox; other ids differ from run to run.
            "cint" => told.replace(&one.id, "[ID]"),
            _ => told,
        })
    }
}

fn manifest(name: &str, more: &str) -> String {
    format!(
        "kind: Survey\nname: {name}\ntitle: About {name}\nlocale: en-US\nincidence_rate: 50\nlength_of_interview: 5\n\
         completes: 400\nstatus: live\nqualifications: {{age: 18-64, gender: [male, female]}}\nquotas:\n\
         - {{name: men, completes: 50%, where: {{gender: male}}}}\n\
         - {{name: women, completes: 50%, where: {{gender: female}}}}\n\
         live_url: https://survey.example.com/s?id=[%RID%]&tk=[%%token%%]&pid=[%%pid%%]\n\
         test_url: https://survey.example.com/t?rid=[%RID%]\n{more}"
    )
}

const CINT: &str = "project_manager: b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337, \
                    field: {end: 2036-12-11T08:00:00Z}";

#[test]
fn ten_days_at_purespectrum_are_told_rightly_every_day() {
    let more = "cpi: 2.50 USD\nfield_days: 10\npurespectrum: {category: 232}\n";
    let field = Field::launch("soda", &manifest("soda", more), &["purespectrum"]);
    insta::assert_snapshot!("purespectrum", field.play());
}

#[test]
fn ten_days_at_innovatemr_are_told_rightly_every_day() {
    let more = "max_cpi: 2.50 USD\ninnovatemr: {category: 7}\n";
    let field = Field::launch("lift", &manifest("lift", more), &["innovatemr"]);
    insta::assert_snapshot!("innovatemr", field.play());
}

#[test]
fn ten_days_at_cint_are_told_rightly_every_day() {
    let more = format!("cpi: 2.50 USD\ncint: {{{CINT}}}\n");
    let field = Field::launch("tracker", &manifest("tracker", &more), &["cint"]);
    insta::assert_snapshot!("cint", field.play());
}

#[test]
fn ten_days_of_a_study_are_told_rightly_every_day_and_it_has_a_total() {
    let more = format!(
        "purespectrum: {{share: 50%, category: 232, field_days: 10, cpi: 2.50 USD}}\n\
         innovatemr: {{share: 20%, category: 7, max_cpi: 3.50 USD}}\n\
         cint: {{{CINT}, cpi: 2.75 USD}}\n"
    );
    let vendors = ["cint", "innovatemr", "purespectrum"];
    let field = Field::launch("brands", &manifest("brands", &more), &vendors);
    insta::assert_snapshot!("study", field.play());
}
