//! The story of `examples/soft-launch` at every vendor: a soft launch, a check that fails, a hold, an approval, the ramp and the
//! end, over ten days, with every command killed at moments that nobody chose, and what the history tells of it.

use super::proxy::Moment;
use super::random::chance::Random;
use super::{Bench, stderr};
use crate::support::INFIELD;
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

/// What has to be in the manifest for another vendor, in place of what is there.
const AT_INNOVATEMR: [(&str, &str); 4] = [
    ("\ncpi: 2.50 USD", "\nmax_cpi: 2.50 USD"),
    ("field_days: 10\n", ""),
    // Nothing is told of figures there: somebody looks.
    (", when: {incidence_rate: \">= 30\"}", ", then: hold"),
    ("purespectrum: {category: 232}", "innovatemr: {category: 7}"),
];
const AT_CINT: [(&str, &str); 2] = [
    ("field_days: 10\n", ""),
    (
        "purespectrum: {category: 232}",
        "cint: {project_manager: b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337, field: {end: \
         2036-12-11T08:00:00Z}}",
    ),
];

const ROUND: [&str; 4] = ["run", "--once", "--env", "bench"];

/// A field that is played at a vendor.
struct Field {
    bench: Bench,
    project: PathBuf,
    vendor: &'static str,
    address: &'static str,
    random: Random,
    kills: usize,
    /// The most that anybody has approved by now.
    most: u64,
    /// Completes by now.
    got: u64,
}

impl Field {
    fn at(vendor: &'static str, edits: &[(&str, &str)], seed: u64) -> Self {
        let mut bench = Bench::of("soft-launch");
        let project = bench.project();
        let file = project.join("soda-tracker.yaml");
        let mut text = std::fs::read_to_string(&file).unwrap();
        for (from, to) in edits {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            text = text.replace(from, to);
        }
        std::fs::write(file, text).unwrap();
        let address = match vendor {
            "purespectrum" => "soda-tracker",
            _ => "soda-tracker/main",
        };
        Self {
            bench,
            project,
            vendor,
            address,
            random: Random::new(seed),
            kills: 0,
            most: 40,
            got: 0,
        }
    }

    /// A call straight to the sandbox.
    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(self.bench.sandbox).unwrap();
        let body = body.to_string();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: localhost\r\nx-access-token: sandbox\r\ncontent-type: \
             application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200"),
            "{method} {path} {body}: {answer}"
        );
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap()
    }

    /// It is so many days later.
    fn day(&self, day: i64) {
        let start: jiff::Timestamp = "2036-12-01T08:00:00Z".parse().unwrap();
        let now = start + jiff::SignedDuration::from_hours(24 * (day - 1));
        self.send("POST", "/_sandbox/clock", &json!({"stop": now.to_string()}));
    }

    /// The program, once, undisturbed and asking no vendor.
    fn ask(&self, args: &[&str]) -> (bool, String) {
        let mut command = Command::new(&*INFIELD);
        let output = command.args(args).current_dir(&self.project).output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    fn id(&self) -> String {
        let (_, shown) = self.ask(&["state", "show", self.address, "--env", "bench"]);
        let shown: Value = serde_json::from_str(&shown).unwrap();
        shown["id"].as_str().unwrap().to_owned()
    }

    /// As many men as women complete, and others are sent away. Where the vendor stops nothing by itself, somebody does.
    fn people(&mut self, completes: u64, terminations: u64) {
        let id = self.id();
        for quota in ["men", "women"] {
            let some = json!({
                "vendor": self.vendor, "survey": id, "quota": quota,
                "completes": completes / 2, "terminations": terminations / 2,
            });
            self.send("POST", "/_sandbox/respondents", &some);
        }
        self.got += completes;
        if self.vendor == "innovatemr" && self.goals() <= vec![self.got] {
            let place = format!("/innovatemr/api/v2/pega/group/{id}/status");
            self.send("PUT", &place, &json!({"status": 2}));
        }
    }

    /// What the vendor is told to collect, of everything there is.
    fn goals(&self) -> Vec<u64> {
        let goals: Vec<Value> = match self.vendor {
            "purespectrum" => self
                .bench
                .surveys()
                .iter()
                .map(|one| one["completes"].clone())
                .collect(),
            "innovatemr" => {
                let groups = self.bench.stored("group");
                groups.iter().map(|group| group["fields"]["N"].clone()).collect()
            }
            _ => {
                let all = self.bench.projects();
                all[1]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|group| group[1].clone())
                    .collect()
            }
        };
        let number = |goal: &Value| goal.as_u64().or_else(|| goal["total"].as_u64());
        goals
            .iter()
            .map(|goal| number(goal).unwrap_or_else(|| panic!("{goal}")))
            .collect()
    }

    /// There is one at most, and it is told no more than anybody approved.
    fn expect_no_more(&self, context: &str) {
        let goals = self.goals();
        assert!(goals.len() <= 1, "{context}: {goals:?}");
        assert!(
            goals.iter().all(|goal| *goal <= self.most),
            "{context}: {goals:?}"
        );
    }

    /// Runs a command, kills it, runs it again, and so on, until nobody kills it any more; what it says then.
    fn does(&mut self, args: &[&str]) -> String {
        for _ in 0..self.random.between(1, 3) {
            let number = usize::try_from(self.random.between(0, 7)).unwrap();
            let moments = [
                Moment::Before(number),
                Moment::After(number),
                Moment::Relayed(number),
            ];
            let moment = *self.random.pick(&moments);
            let (_, _, killed) = self.bench.runs(&self.project, args, Some(moment));
            let context = format!("{args:?} killed {moment:?}: {}", stderr(&self.project));
            self.expect_no_more(&context);
            self.kills += usize::from(killed);
            if !killed {
                break;
            }
        }
        let (mut code, _, _) = self.bench.runs(&self.project, args, None);
        if code == Some(3) && self.vendor == "innovatemr" {
            // Whether a lost group was made can only be seen by a person there.
            let ids: Vec<String> = self
                .bench
                .stored("group")
                .iter()
                .map(|group| group["id"].to_string())
                .collect();
            let mut resolve = vec!["state", "resolve", self.address, "--env", "bench"];
            match ids.first() {
                Some(id) => resolve.extend(["--adopt", id]),
                None => resolve.push("--discard"),
            }
            let (settled, said) = self.ask(&resolve);
            assert!(settled, "{said}");
            (code, _, _) = self.bench.runs(&self.project, args, None);
        }
        let said = stderr(&self.project);
        assert_eq!(code, Some(0), "{args:?}: {said}");
        self.expect_no_more(&format!("{args:?}: {said}"));
        said
    }

    /// A round, after which the vendor is told so many completes.
    fn round(&mut self, goal: u64) -> String {
        let said = self.does(&ROUND);
        assert_eq!(self.goals(), [goal], "{said}");
        said
    }

    /// Somebody asks for a stage.
    fn advance(&mut self, stage: &str, goal: u64) {
        self.most = goal;
        let asked = format!("soda-tracker={stage}");
        self.does(&["apply", "--env", "bench", "--yes", "--advance", &asked]);
        assert_eq!(self.goals(), [goal]);
    }

    fn play(&mut self) {
        let told = self.vendor != "innovatemr";
        self.day(1);
        // Nothing of it is done by a round before somebody has approved it.
        let (code, _, _) = self.bench.runs(&self.project, &ROUND, None);
        assert_eq!(
            (code, self.goals()),
            (Some(2), Vec::new()),
            "{}",
            stderr(&self.project)
        );
        self.does(&["apply", "--env", "bench", "--yes", "--allow", "launch"]);
        self.round(40);
        self.day(2);
        self.people(40, 160);
        for day in [2, 3] {
            self.day(day);
            let said = self.round(40);
            assert!(
                !told || said.contains("because incidence_rate is 20, and >= 30 is wanted"),
                "{said}"
            );
        }
        self.advance("second", 80);
        self.day(4);
        self.people(40, 20);
        let said = self.round(80);
        assert!(
            !told || said.contains("the stage `second` has its 80 completes of 400 in all, and waits"),
            "{said}"
        );
        self.day(5);
        self.round(80);
        self.advance("ramp", 200);
        self.day(6);
        self.people(60, 60);
        self.round(200);
        self.day(7);
        self.people(60, 60);
        if told {
            self.most = 400;
            self.round(400);
        } else {
            self.round(200);
            self.advance("full", 400);
        }
        self.day(9);
        self.people(200, 200);
        self.day(10);
        let said = self.round(400);
        assert!(said.contains("nothing to do"), "{said}");
        assert!(self.kills >= 5, "{}", self.kills);
        self.expect_history();
    }

    /// The history has every stage, from the launch to the end, whoever went on with it.
    fn expect_history(&self) {
        let (_, log) = self.ask(&["log", "--env", "bench", "--format", "json"]);
        let log: Value = serde_json::from_str(&log).unwrap();
        let mut goals = Vec::new();
        for run in log["runs"].as_array().unwrap().iter().rev() {
            let by_itself = run["command"] == "run";
            assert!(by_itself || run["command"] == "apply", "{run:#}");
            let changes = run["steps"].as_array().into_iter().flatten();
            let changes = changes.flat_map(|step| step["changes"].as_array().into_iter().flatten());
            for change in changes.filter(|change| change["path"] == "/completes") {
                goals.push((change["after"].as_u64().unwrap(), by_itself));
            }
        }
        // What was killed is begun again.
        goals.dedup();
        let last = self.vendor != "innovatemr";
        assert_eq!(
            goals,
            [(40, false), (80, false), (200, false), (400, last)],
            "{log:#}"
        );
    }
}

#[test]
fn a_ladder_at_purespectrum_is_climbed_in_ten_days_through_every_kill() {
    Field::at("purespectrum", &[], 11).play();
}

#[test]
fn a_ladder_at_innovatemr_is_climbed_in_ten_days_through_every_kill() {
    Field::at("innovatemr", &AT_INNOVATEMR, 12).play();
}

#[test]
fn a_ladder_at_cint_is_climbed_in_ten_days_through_every_kill() {
    Field::at("cint", &AT_CINT, 13).play();
}
